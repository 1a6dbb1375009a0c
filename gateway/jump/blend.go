package jump

import (
	"slices"
	"strings"
)

// blendMark stands between the listeners of a blend.
const blendMark = "\x1f"

// Blend names several listeners as one: a Listener for [Request] and for Chart,
// Mix and Next. Each has an equal say however much they heard, and what one of
// them refuses does not come. The order does not matter. Plays and ratings are
// told of each member, never of a blend.
func Blend(who ...string) string {
	names := slices.Clone(who)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), blendMark)
}

// who returns a listener, or the blend of several, with a taste that is up to
// date; nil for somebody who is not known.
func (e *Engine) who(name string) *listener {
	l := e.listeners[name]
	if strings.Contains(name, blendMark) {
		l = e.blended(name)
	}
	e.taste(l)
	return l
}

// blended brings a blend up to date with its members.
func (e *Engine) blended(name string) *listener {
	var members []*listener
	version := 0
	for _, m := range strings.Split(name, blendMark) {
		if l := e.listeners[m]; l != nil {
			e.taste(l)
			members = append(members, l)
			version += 1 + l.version
		}
	}
	l := e.listener(name)
	if l.version == version {
		return l
	}
	*l = listener{session: -1, edition: -1, version: version, trail: l.trail, members: members}
	l.raised = e.raises(members)
	for _, m := range members {
		l.since = max(l.since, m.since) // who came last is still being got to know
		l.mix(m)
	}
	return l
}

// blendMost is by how much the liking of a member who heard little may be
// raised.
const blendMost = 5

// raises returns what the liking of each member is multiplied by, so that what
// each of them likes most counts alike.
func (e *Engine) raises(members []*listener) []float64 {
	peaks, top := make([]float64, len(members)), 0.0
	for i, m := range members {
		for _, s := range m.mostLiked(m.lastAt, tasteSeeds, func(h *heard) float64 { return h.balance(m.lastAt) }) {
			peaks[i] = max(peaks[i], e.liking(m, s, m.lastAt))
		}
		top = max(top, peaks[i])
	}
	for i, p := range peaks {
		peaks[i] = 1
		if p > 0 {
			peaks[i] = min(blendMost, top/p)
		}
	}
	return peaks
}

// mix adds what is known of a member. What follows for the liking of an item is
// each member's own, see liking; this is for what was heard when and refused.
func (l *listener) mix(m *listener) {
	l.firsts += m.firsts
	l.counted += m.counted
	for i := range m.heard {
		from := &m.heard[i]
		h := l.of(from.slot)
		h.add(float64(from.pos), float64(from.neg), from.at)
		h.plays += from.plays
		h.flowed = max(h.flowed, from.flowed) // they heard it together
		h.lastAt = max(h.lastAt, from.lastAt)
		h.skippedAt = max(h.skippedAt, from.skippedAt)
		if h.rating != Disliked && from.rating != Unrated {
			h.rating = from.rating
		}
		if h.plays > 0 || h.rating == Liked {
			l.maybe(from.slot, from.at)
		}
	}
	for c, w := range m.wishes.of {
		if l.wishes.of == nil {
			l.wishes.of = map[Context]Wish{}
		}
		if old := l.wishes.of[c]; w == Ban || old == NoWish || old == More {
			l.wishes.of[c] = w
		}
	}
}

// skippedSoon tells the blends that somebody is in of a skip.
func (e *Engine) skippedSoon(p Play) {
	for name, l := range e.listeners {
		if name == p.Listener || slices.Contains(strings.Split(name, blendMark), p.Listener) {
			l.trail.skipped(p.At)
		}
	}
}
