package jump

import (
	"cmp"
	"slices"
	"time"
)

// Wish is how a listener corrects their taste.
type Wish string

// The wishes.
const (
	NoWish Wish = ""     // takes an earlier one back
	More   Wish = "more" // more like this
	Pin    Wish = "pin"  // always welcome: does not fade, and the flow comes back to it
	Ban    Wish = "ban"  // never
)

// What a wish adds to the liking of an item, which is in [-1, 1].
const (
	wishMore = 0.3
	wishPin  = 0.6
	pinSeeds = 4 // tracks of what is pinned that a flow begins with
)

// wishes are what a listener wished for, and what that means in the catalogue.
type wishes struct {
	of     map[Context]Wish // the Context without its name
	artist map[int32]Wish
	album  map[int32]Wish
	tag    map[int32]Wish
	slot   map[int32]Wish
	pinned []int32 // slots, a few of each pin
	bans   bool
}

// SetWish sets what a listener wishes of a track, an artist, an album, a genre,
// a mood or a tag, which need not be in the catalogue yet; other kinds are not
// heeded. What is banned never comes, neither in a flow, a chart nor a JUMP, and
// stands last in a mix.
func (e *Engine) SetWish(who string, c Context, w Wish) {
	switch c.Kind {
	case KindTrack, KindArtist, KindAlbum, KindGenre, KindMood, KindTag:
	default:
		return
	}
	l := e.listener(who)
	c.Name = ""
	if l.wishes.of == nil {
		l.wishes.of = map[Context]Wish{}
	}
	if w == NoWish {
		delete(l.wishes.of, c)
	} else {
		l.wishes.of[c] = w
	}
	l.changed()
}

// ForgetSaid takes back every rating and every wish of all listeners, before they
// are told again.
func (e *Engine) ForgetSaid() {
	for _, l := range e.listeners {
		for i := range l.heard {
			l.heard[i].rating = Unrated
		}
		l.wishes = wishes{}
		l.changed()
	}
}

// changed has everything that follows from what is known of a listener made
// again.
func (l *listener) changed() {
	l.edition = -1
	l.version++
	l.profile = profile{}
}

// resolve finds what the wishes are about in the catalogue.
func (w *wishes) resolve(e *Engine) {
	*w = wishes{of: w.of}
	if len(w.of) == 0 {
		return
	}
	w.artist, w.album = map[int32]Wish{}, map[int32]Wish{}
	w.tag, w.slot = map[int32]Wish{}, map[int32]Wish{}
	for c, wish := range w.of {
		w.bans = w.bans || wish == Ban
		if wish == Pin {
			w.pinned = append(w.pinned, sampled(e.slotsOf(c), pinSeeds)...)
		}
		if c.Kind == KindTrack {
			if s, ok := e.slots[c.ID]; ok {
				w.slot[s] = wish
			}
			continue
		}
		groups, into := &e.tags, w.tag
		switch c.Kind {
		case KindArtist:
			groups, into = &e.artists, w.artist
		case KindAlbum:
			groups, into = &e.albums, w.album
		default:
		}
		if i, ok := groups.index[string(c.Kind)+"\x00"+c.ID]; ok {
			into[i] = wish
		}
	}
	slices.Sort(w.pinned) // maps have no order, answers have
}

// each visits the wishes that are about an item.
func (w *wishes) each(e *Engine, s int32, visit func(Wish)) {
	if len(w.of) == 0 {
		return
	}
	en := &e.items[s]
	visit(w.slot[s])
	if en.artist >= 0 {
		visit(w.artist[en.artist])
	}
	if en.composer >= 0 {
		visit(w.artist[en.composer])
	}
	if en.album >= 0 {
		visit(w.album[en.album])
	}
	for _, t := range e.tagged.of(en) {
		visit(w.tag[t])
	}
}

// liking is what wishes add to the liking of an item.
func (w *wishes) liking(e *Engine, s int32) float64 {
	v := 0.0
	w.each(e, s, func(wish Wish) {
		switch wish {
		case More:
			v = max(v, wishMore)
		case Pin:
			v = max(v, wishPin)
		default:
		}
	})
	return v
}

// refused tells whether a listener, whose wishes are up to date (see taste),
// refuses an item.
func (e *Engine) refused(l *listener, s int32) bool {
	if l == nil {
		return false
	}
	if l.disliked(s) {
		return true
	}
	banned := false
	if l.wishes.bans {
		l.wishes.each(e, s, func(w Wish) { banned = banned || w == Ban })
	}
	return banned
}

// Leaning is how much a listener likes a track, an artist or a tag, in [-1, 1].
type Leaning struct {
	Context
	Liking float64
}

// Leanings returns what a listener likes and dislikes most, so that they can
// see it and correct it: at most n artists, genres, moods and tags, the
// strongest first. What a wish says counts.
func (e *Engine) Leanings(who string, now time.Time, n int) []Leaning {
	l := e.who(who)
	if l == nil {
		return nil
	}
	var out []Leaning
	add := func(g *group, v float64, w Wish) {
		switch w {
		case Ban:
			v = -1
		case Pin:
			v = min(1, v+wishPin)
		case More:
			v = min(1, v+wishMore)
		case NoWish:
		}
		if v != 0 && g.kind != kindDecade {
			out = append(out, Leaning{Context{g.kind, g.key, g.name}, v})
		}
	}
	for i := range e.artists.all {
		if a := int32(i); l.artists.known(a) != nil || l.wishes.artist[a] != NoWish {
			add(&e.artists.all[i], l.artistLiking(a, now.Unix()), l.wishes.artist[a])
		}
	}
	for i := range e.tags.all {
		if t := int32(i); l.tags.known(t) != nil || l.wishes.tag[t] != NoWish {
			add(&e.tags.all[i], l.tagLiking(t, now.Unix()), l.wishes.tag[t])
		}
	}
	slices.SortStableFunc(out, func(a, b Leaning) int {
		return cmp.Compare(max(b.Liking, -b.Liking), max(a.Liking, -a.Liking))
	})
	return out[:min(max(0, n), len(out))]
}
