package jump

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// twinWithin is how far the lengths of two files of one recording differ.
const twinWithin = 2 * time.Second

// recordings find files of one recording: an album and a compilation, or two
// encodings. The key is of title and artist.
type recordings map[uint64][]int32

// editions introduce what does not make another recording.
var editions = []string{"remaster", "mono", "stereo", "album version", "single version", "bonus track", "deluxe", "feat", "ft.", "ft ", "featuring", "explicit", "clean"}

// titleKey folds a title, without what says only of which edition it is.
func titleKey(title string) string {
	k := fold(title)
	for {
		var cut int
		switch {
		case strings.HasSuffix(k, ")"):
			cut = strings.LastIndex(k, "(")
		case strings.HasSuffix(k, "]"):
			cut = strings.LastIndex(k, "[")
		default:
			cut = strings.LastIndex(k, " - ")
			if cut > 0 {
				cut++
			}
		}
		if cut <= 0 || !ofEdition(k[cut:]) {
			return k
		}
		k = strings.TrimSpace(k[:cut])
	}
}

// ofEdition tells whether words, with what encloses them, name an edition.
func ofEdition(words string) bool {
	words = strings.Trim(words, "()[]- ")
	words = strings.TrimLeft(words, "0123456789 ")
	return slices.ContainsFunc(editions, func(e string) bool { return strings.HasPrefix(words, e) })
}

// recordingKey returns what files of one recording share, 0 for nothing known.
func recordingKey(it *Item, artist string) uint64 {
	title := titleKey(it.Title)
	if title == "" || artist == "" || it.Duration <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(title + "\x00" + artist)) // a hash takes everything
	return h.Sum64()
}

// join returns the twin of an item: the first slot that was seen of the same
// recording, which is its own where there is none.
func (r recordings) join(e *Engine, key uint64, s int32, length time.Duration) int32 {
	if key == 0 {
		return s
	}
	of := r[key]
	twin := s
	for _, o := range of {
		if d := e.items[o].Duration - length; o != s && d <= twinWithin && d >= -twinWithin {
			twin = e.items[o].twin
			break
		}
	}
	if !slices.Contains(of, s) {
		r[key] = append(of, s)
	}
	return twin
}
