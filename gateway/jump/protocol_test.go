package jump

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The data of the RecSys challenge at Polimi 2018 is not part of this
// repository. With its folder in JUMP_DATA (polimi2018_playlists.txt.gz: pid,
// TAB, track ids; polimi2018_tracks.csv.gz: track, album, artist, seconds) this
// test prints how well one track finds the rest of its playlist when only few
// playlists are known, which is how a home begins.
const dataEnv = "JUMP_DATA"

type challenge struct {
	pids      []int
	playlists map[int][]int
	items     []Item
}

func readChallenge(t *testing.T, dir string) *challenge {
	t.Helper()
	c := &challenge{playlists: map[int][]int{}}
	unzip(t, filepath.Join(dir, "polimi2018_playlists.txt.gz"), func(r *bufio.Reader) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			head, rest, _ := strings.Cut(lines.Text(), "\t")
			pid, err := strconv.Atoi(head)
			if err != nil {
				continue
			}
			for _, f := range strings.Fields(rest) {
				tid, _ := strconv.Atoi(f)
				c.playlists[pid] = append(c.playlists[pid], tid)
			}
			c.pids = append(c.pids, pid)
		}
	})
	slices.Sort(c.pids)
	unzip(t, filepath.Join(dir, "polimi2018_tracks.csv.gz"), func(r *bufio.Reader) {
		rows, err := csv.NewReader(r).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if _, err := strconv.Atoi(row[0]); err == nil {
				c.items = append(c.items, Item{ID: row[0], Album: row[1], AlbumID: row[1], Artist: row[2], ArtistID: row[2]})
			}
		}
	})
	return c
}

func unzip(t *testing.T, path string, read func(*bufio.Reader)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	read(bufio.NewReader(z))
}

// ordered puts a playlist into the order of the protocol's hash.
func ordered(pid int, tracks []int) []int {
	out := slices.Clone(tracks)
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(shuffle(pid, a), shuffle(pid, b)) })
	return out
}

func shuffle(pid, tid int) uint32 {
	return uint32(uint64(pid)*2654435761 + uint64(tid)*2246822519 + uint64(pid^tid)*3266489917)
}

// trials calls try with one seed and the rest of every test playlist.
func (c *challenge) trials(try func(seed int, rest []int)) {
	for _, pid := range c.pids {
		if tracks := c.playlists[pid]; pid%10 == 0 && len(tracks) >= 6 {
			o := ordered(pid, tracks)
			try(o[0], o[1:])
		}
	}
}

// hit tells whether one of rest stands in the first 20 by score; what ties
// with it stands before it.
func hit(score []float32, seed int32, rest []int32) bool {
	best := float32(math.Inf(-1))
	for _, s := range rest {
		best = max(best, score[s])
	}
	above := 0
	for s, v := range score {
		if v >= best && int32(s) != seed {
			above++
		}
	}
	for _, s := range rest { // a target does not stand before itself
		if score[s] == best {
			above--
			break
		}
	}
	return above < 20
}

// TestItemNeighboursAreReproduced checks this evaluation against a figure that
// was measured elsewhere: item kNN, cosine, shrink 20, all playlists: .700.
func TestItemNeighboursAreReproduced(t *testing.T) {
	dir := os.Getenv(dataEnv)
	if dir == "" {
		t.Skip("no data in " + dataEnv)
	}
	c := readChallenge(t, dir)
	e := c.engine(math.MaxInt)
	hits, n := 0, 0
	count := make([]float32, len(e.items))
	score := make([]float32, len(e.items))
	c.trials(func(seed int, rest []int) {
		clear(count)
		clear(score)
		s := e.slots[strconv.Itoa(seed)]
		for _, b := range e.inLists.of[s] {
			for _, o := range e.inLists.lists[b] {
				count[o]++
			}
		}
		for o, k := range count {
			if k > 0 {
				score[o] = k / float32(math.Sqrt(float64(e.inLists.count(s))*float64(e.inLists.count(int32(o))))+20)
			}
		}
		n++
		if hit(score, s, e.slotsFor(rest)) {
			hits++
		}
	})
	t.Logf("item kNN, K=1: HR@20 %.3f over %d playlists (measured elsewhere: .700)", float64(hits)/float64(n), n)
}

func TestScarceData(t *testing.T) {
	dir := os.Getenv(dataEnv)
	if dir == "" {
		t.Skip("no data in " + dataEnv)
	}
	c := readChallenge(t, dir)
	for _, lists := range []int{0, 100, 300, 1000, math.MaxInt} {
		e := c.engine(lists)
		hits, n := 0, 0
		score := make([]float32, len(e.items))
		c.trials(func(first int, rest []int) {
			s := e.slots[strconv.Itoa(first)]
			copy(score, e.likenessTo([]seed{{s, 1}}))
			for i := range score { // as a flow does, whose noise also parts ties
				score[i] += float32(e.popularity(int32(i), 0) + 1e-4*noise(uint64(first), int32(i)))
			}
			n++
			if hit(score, s, e.slotsFor(rest)) {
				hits++
			}
		})
		t.Logf("%d playlists known, K=1: HR@20 %.3f over %d playlists", len(e.lists), float64(hits)/float64(n), n)
	}
}

// engine knows the first so many of the training playlists.
func (c *challenge) engine(lists int) *Engine {
	e := New(Config{})
	e.SetCatalogue(c.items)
	for _, pid := range c.pids {
		if pid%10 == 0 {
			continue
		}
		if len(e.lists) >= lists {
			break
		}
		ids := make([]string, 0, len(c.playlists[pid]))
		for _, tid := range c.playlists[pid] {
			ids = append(ids, strconv.Itoa(tid))
		}
		e.SetPlaylist(strconv.Itoa(pid), "", ids)
	}
	return e
}

func (e *Engine) slotsFor(ids []int) []int32 {
	out := make([]int32, len(ids))
	for i, id := range ids {
		out[i] = e.slot(strconv.Itoa(id))
	}
	return out
}
