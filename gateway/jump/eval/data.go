package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxLine bounds a line of the data, in bytes.
const maxLine = 1 << 24

// basket is one line of the data: a playlist, a listener or a session.
type basket struct {
	id    int
	items []int32
}

// track is one row of the track table.
type track struct{ album, artist string }

// corpus is what the folder holds; what is missing is nil.
type corpus struct {
	train, test []basket // sessions, in order of time
	playlists   []basket // in order of their ids
	tracks      []track  // by track id
	users       []basket // in order of their ids
}

// readCorpus reads the folder.
func readCorpus(dir string) (*corpus, error) {
	c := &corpus{}
	for _, f := range []struct {
		name  string
		into  *[]basket
		hasID bool
	}{
		{"nowplaying_train.txt.gz", &c.train, false},
		{"nowplaying_test.txt.gz", &c.test, false},
		{"polimi2018_playlists.txt.gz", &c.playlists, true},
		{"lastfm_kgat_users.txt.gz", &c.users, true},
	} {
		err := open(filepath.Join(dir, f.name), func(r io.Reader) (err error) {
			*f.into, err = readBaskets(r, f.hasID)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	err := open(filepath.Join(dir, "polimi2018_tracks.csv.gz"), func(r io.Reader) (err error) {
		c.tracks, err = readTracks(r)
		return err
	})
	return c, err
}

// open reads a compressed file; one that is missing is no error.
func open(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the data: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := read(z); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// readBaskets reads numbers, a basket a line; with hasID the first one is the
// basket's id, else its line number is.
func readBaskets(r io.Reader, hasID bool) ([]basket, error) {
	var out []basket
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 0; lines.Scan(); n++ {
		b := basket{id: n}
		fields := strings.Fields(lines.Text())
		for i, f := range fields {
			v, err := strconv.ParseInt(f, 10, 32)
			if err != nil || v < 0 {
				return nil, fmt.Errorf("line %d: %q is not an id", n+1, f)
			}
			if i == 0 && hasID {
				b.id = int(v)
				continue
			}
			b.items = append(b.items, int32(v))
		}
		if len(b.items) > 0 {
			out = append(out, b)
		}
	}
	if hasID {
		slices.SortStableFunc(out, func(a, b basket) int { return a.id - b.id })
	}
	return out, lines.Err()
}

func readTracks(r io.Reader) ([]track, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	var out []track
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		id, err := strconv.ParseInt(row[0], 10, 32)
		if err != nil || id < 0 || len(row) < 3 {
			continue // the heading
		}
		for int(id) >= len(out) {
			out = append(out, track{})
		}
		out[id] = track{album: row[1], artist: row[2]}
	}
}

// distinct returns the items once each, in the order of their first place.
func distinct(items []int32) []int32 {
	seen := make(map[int32]bool, len(items))
	out := make([]int32, 0, len(items))
	for _, it := range items {
		if !seen[it] {
			seen[it] = true
			out = append(out, it)
		}
	}
	return out
}

// hashed returns the items of a basket in the order of the protocols' hash.
func hashed(id int, items []int32) []int32 {
	type keyed struct {
		key  uint32
		item int32
	}
	keys := make([]keyed, 0, len(items))
	for _, it := range distinct(items) {
		t := uint64(it)
		keys = append(keys, keyed{uint32(uint64(id)*2654435761 + t*2246822519 + (uint64(id)^t)*3266489917), it})
	}
	slices.SortStableFunc(keys, func(a, b keyed) int {
		if a.key != b.key {
			if a.key < b.key {
				return -1
			}
			return 1
		}
		return int(a.item - b.item)
	})
	out := make([]int32, len(keys))
	for i, k := range keys {
		out[i] = k.item
	}
	return out
}

// size returns one more than the highest id.
func size(baskets ...[]basket) int {
	n := int32(-1)
	for _, bs := range baskets {
		for _, b := range bs {
			n = max(n, slices.Max(b.items))
		}
	}
	return int(n) + 1
}
