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
// encodings. The key is of title and artist, the slot that of the last one; the
// entries lead to the others.
type recordings map[uint64]int32

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

// join sets what the item at s has to do with others of one recording: its twin
// is that of one that is as long, itself where there is none.
func (r recordings) join(e *Engine, s int32) {
	la := &e.labels[s]
	if la.recording == 0 {
		return
	}
	if last, ok := r[la.recording]; ok {
		la.same = last
	}
	r[la.recording] = s
	for o := la.same; o >= 0; o = e.labels[o].same {
		if d := e.labels[o].duration - la.duration; d <= twinWithin && d >= -twinWithin {
			e.items[s].twin = e.items[o].twin
		}
	}
}

// leave takes a slot away from those of its recording.
func (r recordings) leave(labels []label, s int32) {
	key, next := labels[s].recording, labels[s].same
	if key == 0 {
		return
	}
	switch at := r[key]; {
	case at == s && next < 0:
		delete(r, key)
	case at == s:
		r[key] = next
	default:
		for labels[at].same != s {
			at = labels[at].same
		}
		labels[at].same = next
	}
	labels[s].recording, labels[s].same = 0, -1
}
