package jump

import "slices"

// within tells which items stand in a context, however large that is.
type within struct {
	kind     Kind
	group    int32 // an artist, an album or a tag
	from, to int32 // the cells of a mood
	marks
}

// in has within tell of a context.
func (e *Engine) in(w *within, c Context) *within {
	w.begin()
	w.kind, w.group = c.Kind, -1
	var groups *groups
	switch c.Kind {
	case KindTaste, "":
		return w
	case KindPlaylist, KindTrack, KindSpot:
		for _, s := range e.slotsOf(c) {
			w.set(s, 0)
		}
		return w
	case KindSound:
		w.from, w.to = 0, 0
		if m, ok := e.sounds.cells.find(c.ID); ok {
			w.from, w.to = m.from, m.to
		}
		return w
	case KindArtist:
		groups = &e.artists
	case KindAlbum:
		groups = &e.albums
	default:
		groups = &e.tags
	}
	if g, ok := groups.number(c.Kind, c.ID); ok {
		w.group = g
	}
	return w
}

// holds tells whether an item of the catalogue stands in the context.
func (w *within) holds(e *Engine, s int32) bool {
	en := &e.items[s]
	switch w.kind {
	case KindTaste, "":
		return false
	case KindPlaylist, KindTrack, KindSpot:
		return w.has(s)
	case KindSound:
		of := e.sounds.cells.of
		return int(s) < len(of) && of[s] >= w.from && of[s] < w.to
	case KindArtist:
		return w.group >= 0 && (en.artist == w.group || en.composer == w.group)
	case KindAlbum:
		return w.group >= 0 && en.album == w.group
	default:
		return w.group >= 0 && slices.Contains(e.tagged.of(en), w.group)
	}
}
