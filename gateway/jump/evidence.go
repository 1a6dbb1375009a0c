package jump

import (
	"math"
	"time"
)

// How evidence counts. Strengths are in plays: 1 is one track heard to its end.
const (
	flowedShare  = 0.25 // a track that nobody chose
	likeStrength = 6
	halfLifeDays = 90 // of a taste
	perDay       = 3  // how often a track counts on one day
	maxSession   = 50 // tracks: one evening's mood, not a week without a pause

	shrinkItem   = 2  // n/(n+k) for the track itself,
	shrinkArtist = 5  // its artist,
	shrinkTag    = 15 // and each of its tags

	shareItem   = 0.5 // the parts add up to 1
	shareArtist = 0.3
	shareTags   = 0.2
)

const day = 24 * 60 * 60 // seconds

// listener is what is known of one person, or of a zone.
type listener struct {
	index places
	heard []heard // by place

	session int32 // basket of the session that goes on, -1 for none
	lastAt  int64 // when its last play began

	edition    int // of the catalogue that the tallies are of, -1 for none
	artists    tallies
	tags       tallies
	sets       setTastes
	favourites []int32 // slots, in no order
	firsts     float64 // of the counted plays, those that were the first of a track;
	counted    float64 // both fade over a hundred plays
	profile    profile

	since   int64  // when the first play was, 0 for none yet
	version int    // changes with everything that is told
	wishes  wishes // of this listener
	log     []told // the last plays, oldest first
	paused  bool   // learns nothing
	apart   bool   // feeds nobody else

	members []*listener // of a blend,
	raised  []float64   // and what each one's liking is multiplied by

	trail trail
}

// heard is one listener's evidence on one item.
type heard struct {
	slot      int32
	rating    Rating
	plays     int32   // that were heard for the most part,
	flowed    int32   // and of these, those that the flow chose
	onDay     int32   // plays that counted on the last day
	pos, neg  float32 // strength as of at
	at        int64   // Unix seconds
	lastAt    int64   // the last play, whatever its end
	skippedAt int64   // the last play that was skipped early, 0 for none
}

// heat is what a home heard of an item, decayed.
type heat struct {
	plays float32
	at    int64
}

// decay returns what is left of a strength after some seconds.
func decay(seconds int64) float64 {
	if seconds <= 0 {
		return 1
	}
	return math.Exp2(-float64(seconds) / (halfLifeDays * day))
}

func (e *Engine) listener(name string) *listener {
	l, ok := e.listeners[name]
	if !ok {
		l = &listener{session: -1, edition: -1}
		e.listeners[name] = l
	}
	return l
}

// of returns the evidence on a slot, making room for it.
func (l *listener) of(slot int32) *heard {
	i := l.index.of(slot)
	if int(i) == len(l.heard) {
		l.heard = append(l.heard, heard{slot: slot})
	}
	return &l.heard[i]
}

// known returns the evidence on a slot, nil if there is none.
func (l *listener) known(slot int32) *heard {
	if l == nil {
		return nil
	}
	i := l.index.find(slot)
	if i < 0 {
		return nil
	}
	return &l.heard[i]
}

// add lets a strength fade to now and adds to it.
func (h *heard) add(pos, neg float64, now int64) {
	d := decay(now - h.at)
	h.pos = float32(float64(h.pos)*d + pos)
	h.neg = float32(float64(h.neg)*d + neg)
	h.at = max(h.at, now)
}

// verdict says what a play is worth for and against its item.
func verdict(p Play, length time.Duration) (pos, neg float64) {
	share := 1.0
	if length > 0 {
		share = min(1, max(0, float64(p.Heard)/float64(length)))
	}
	switch p.End {
	case Complete:
		pos = 1
	case Skipped:
		switch {
		case share < 0.25:
			neg = 1
		case share < 0.7:
			neg = 0.4
		default:
			pos = 0.5
		}
	case Jumped:
		if share < 0.25 {
			neg = 0.3 // the place was wrong more than the track
		}
	case Stopped:
		if share >= 0.5 {
			pos = share
		}
	case Failed:
	}
	if p.Flowed {
		pos *= flowedShare
	}
	return pos, neg
}

// AddPlay tells how a play ended. Plays of one listener come in order of time.
func (e *Engine) AddPlay(p Play) {
	if p.Item == "" || p.End == Failed {
		return
	}
	s := e.slot(p.Item)
	if p.Length <= 0 {
		p.Length = e.labels[s].duration
	}
	pos, neg := verdict(p, p.Length)
	now := p.At.Unix()
	l := e.listener(p.Listener)
	if neg > 0 {
		e.skippedSoon(p)
	}
	if l.paused {
		return
	}
	h := l.of(s)
	t := told{slot: s, session: -1, pos: float32(pos), neg: float32(neg), at: now, before: *h, first: h.plays == 0, lastAt: l.lastAt}
	if h.lastAt/day != now/day {
		h.onDay = 0
	}
	if h.onDay < perDay {
		t.counted = true
		h.add(pos, neg, now)
		e.eachTally(l, s, func(t *tally) { t.add(pos, neg, now) })
		if !l.apart {
			e.warm(s, pos, now)
		}
	}
	h.onDay++
	h.lastAt = max(h.lastAt, now)
	if neg > 0 {
		h.skippedAt = now
	}
	l.profile.changes++
	l.version++
	if pos > 0 {
		h.plays++
		if p.Flowed {
			h.flowed++
		}
		t.vogue = e.vogue[s]
		t.heard = e.tookIn(l, p, s, t.first)
		t.session = l.session
	}
	if l.apart {
		t.counted = false // nothing of it is elsewhere
	}
	l.remember(t)
}

// tookIn counts a play that was heard for the most part, and tells whether it
// stands in a session.
func (e *Engine) tookIn(l *listener, p Play, s int32, first bool) bool {
	now := p.At.Unix()
	if l.since == 0 {
		l.since = now
	}
	l.counted = l.counted*0.99 + 1
	l.firsts *= 0.99
	if first {
		l.firsts++
	}
	l.maybe(s, now)
	gap := int64((e.cfg.SessionGap + p.Length) / time.Second)
	fresh := l.session < 0 || now-l.lastAt > gap || e.inSessions.lists.count(l.session) >= maxSession
	l.lastAt = now
	// What the flow put together says nothing about likeness, nor does speech.
	if p.Flowed || l.apart || e.items[s].speech {
		if fresh {
			l.session = -1
		}
		return false
	}
	if fresh {
		l.session = e.inSessions.open()
	}
	e.hear(l.session, s)
	return true
}

// now is what is left of the heat, in plays.
func (h *heat) now(at int64) float64 {
	if h.plays == 0 {
		return 0
	}
	return float64(h.plays) * decay(at-h.at)
}

// warm adds to what the home hears.
func (e *Engine) warm(s int32, pos float64, now int64) {
	h := &e.heat[s]
	h.plays = float32(float64(h.plays)*decay(now-h.at) + pos)
	h.at = max(h.at, now)
}

// SetRating sets what a listener said of an item; Unrated takes it back.
func (e *Engine) SetRating(who, item string, r Rating) {
	if item == "" {
		return
	}
	l, s := e.listener(who), e.slot(item)
	l.of(s).rating = r
	l.edition = -1 // the tallies are made again
	l.version++
	l.profile.changes += profileChanges
	if r == Liked {
		l.maybe(s, l.of(s).at)
	}
}

// Forget takes back everything that is known of a listener but the sessions,
// which say what goes with what and not who heard it.
func (e *Engine) Forget(who string) { delete(e.listeners, who) }

// disliked tells whether a listener refused an item.
func (l *listener) disliked(slot int32) bool {
	h := l.known(slot)
	return h != nil && h.rating == Disliked
}
