package jump

import "time"

// label is what an item is called and what else the catalogue says of it; texts
// that many items share are numbers in words, as the catalogue gave them.
type label struct {
	id, title        string
	duration         time.Duration
	recording        uint64 // see recordings
	artist, artistID int32
	composer         int32
	album, albumID   int32
	workName         int32
	part, year       int32
	work             int32 // in works, -1 for none
	same             int32 // another slot with the same recording key, -1 for none
}

// label keeps what the item at s is called.
func (e *Engine) label(s int32, it *Item) label {
	w, old := &e.words, &e.labels[s]
	title := old.title
	if title != it.Title {
		title = e.texts.keep(it.Title)
	}
	return label{
		id: old.id, title: title, duration: it.Duration,
		artist: w.number(it.Artist), artistID: w.number(it.ArtistID), composer: w.number(it.Composer),
		album: w.number(it.Album), albumID: w.number(it.AlbumID), workName: w.number(it.Work),
		part: clipped(it.Part), year: clipped(it.Year), work: -1, same: -1,
	}
}

// shared returns the places of the texts that are numbers.
func (l *label) shared() [6]*int32 {
	return [6]*int32{&l.artist, &l.composer, &l.artistID, &l.album, &l.albumID, &l.workName}
}

// clipped is a number of which nothing but nonsense lies beyond 32 bits.
func clipped(n int) int32 { return int32(min(1<<31-1, max(-1<<31, n))) }

// words are texts, each once. The first one is empty. They stay until there is a
// new catalogue.
type words struct {
	index map[string]int32
	all   []string
}

func newWords() words { return words{index: map[string]int32{"": 0}, all: []string{""}} }

// number returns the number of a text, which it has from then on.
func (w *words) number(s string) int32 {
	if n, ok := w.index[s]; ok {
		return n
	}
	n := int32(len(w.all))
	w.index[s] = n
	w.all = append(w.all, s)
	return n
}
