package history

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// columns is where a Last.fm export has what; -1 for what it lacks.
type columns struct {
	artist, title, album, at, id int
}

// plain is what the oldest exporter writes, without a header.
var plain = columns{artist: 0, album: 1, title: 2, at: 3, id: -1}

// readCSV reads scrobbles of Last.fm, as its exporters write them: with a header
// or without, with commas, semicolons or tabs.
func readCSV(b *bufio.Reader, head []byte, each func(Listen) error) error {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	r := csv.NewReader(&lineReader{b: b})
	r.Comma = separator(line)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.ReuseRecord = true
	first, err := r.Read()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	c, header := columnsOf(first)
	if !header {
		l, ok := plain.listen(first)
		if !ok || !l.usable() {
			return fmt.Errorf("%w: neither JSON nor a table of scrobbles", ErrFormat)
		}
		c = plain
		if err := each(l); err != nil {
			return err
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, ErrTooLarge) {
			return err
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if l, ok := c.listen(fields); ok {
			if err := each(l); err != nil {
				return err
			}
		}
	}
}

// separator returns what stands most often in the first line.
func separator(line []byte) rune {
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// columnsOf reads a header.
func columnsOf(fields []string) (columns, bool) {
	c := columns{-1, -1, -1, -1, -1}
	for i, f := range fields {
		f = strings.ToLower(strings.TrimSpace(f))
		if name, _, ok := strings.Cut(f, "#"); ok {
			f = name // lastfmstats.com writes whose they are: "Date#somebody"
		}
		switch f {
		case "artist", "artist_name", "artist name":
			c.artist = i
		case "track", "title", "track_name", "track name", "song":
			c.title = i
		case "album", "album_name", "release", "album name":
			c.album = i
		case "uts", "date", "time", "timestamp", "date_uts":
			c.at = i
		case "utc_time", "datetime", "played at":
			if c.at < 0 {
				c.at = i
			}
		case "track_mbid", "mbid", "recording_mbid":
			c.id = i
		}
	}
	return c, c.artist >= 0 && c.title >= 0 && c.at >= 0
}

// times are the ways to write one that exporters have.
var times = []string{
	"02 Jan 2006 15:04", "02 Jan 2006, 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.RFC3339, "2006-01-02T15:04:05",
}

// listen reads a line. A line without a time is of a track that played when the
// export was made: it is left out.
func (c columns) listen(fields []string) (Listen, bool) {
	get := func(i int) string {
		if i < 0 || i >= len(fields) {
			return ""
		}
		return strings.TrimSpace(fields[i])
	}
	at, ok := instant(get(c.at))
	return Listen{At: at, Artist: get(c.artist), Title: get(c.title), Album: get(c.album), ID: strings.ToLower(get(c.id))}, ok
}

func instant(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > 1e11 {
			return time.UnixMilli(n).UTC(), true
		}
		return time.Unix(n, 0).UTC(), true
	}
	for _, layout := range times {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// lineReader bounds how much is read without the end of a line, so that one
// quote that is never closed does not take all memory.
type lineReader struct {
	b    *bufio.Reader
	used int
}

func (r *lineReader) Read(p []byte) (int, error) {
	if r.used > maxRecord {
		return 0, fmt.Errorf("%w: a line of more than %d bytes", ErrTooLarge, maxRecord)
	}
	n, err := r.b.Read(p[:min(len(p), maxRecord)])
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		r.used = n - i
	} else {
		r.used += n
	}
	return n, err
}
