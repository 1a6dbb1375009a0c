package jump

import (
	"math"
	"strconv"
	"time"
)

// What a chart is drawn by.
const (
	chartDays    = 14 // time constant of what the listener hears
	chartHome    = 0.2
	chartTaste   = 0.5
	chartLiked   = 0.3
	chartArtist  = 4 // the share of one artist is at most a quarter
	chartHeardIn = 28 * day
	chartDrawn   = 1e-6 // at most, of what nothing is known of
)

// Chart returns the listener's own chart of n tracks, best first: what they
// hear and like now, what the home hears, and then what they are likely to
// like. It is shorter only when fewer tracks may be played. Where the library
// allows it an artist holds at most a quarter of it.
func (e *Engine) Chart(who string, now time.Time, n int) []Pick {
	if n <= 0 {
		return nil
	}
	l := e.who(who)
	order := e.scratch.best[:0]
	for i := range e.items {
		s := int32(i)
		en := &e.items[i]
		if !en.live || en.speech || e.refused(l, s) {
			continue
		}
		score := e.chartScore(l, s, now.Unix())
		if score == 0 {
			// Others each day, rather than the catalogue's first ones.
			score = chartDrawn * noise(uint64(now.Unix()/day), s)
		}
		order = append(order, scored{s, float32(score)})
	}
	e.scratch.best = order
	n = min(n, len(order))
	chosen, enough := e.spaced(highest(order, 8*n+256), n)
	if !enough { // few artists hold the top: look at all
		chosen, _ = e.spaced(order, n)
	}
	picks := make([]Pick, 0, n)
	for _, c := range chosen {
		why := e.chartReason(l, c.slot, now.Unix())
		picks = append(picks, Pick{Item: e.labels[c.slot].id, Reason: why, Score: float64(c.v)})
	}
	return picks
}

func (e *Engine) chartScore(l *listener, s int32, now int64) float64 {
	score := chartTaste * e.liking(l, s, now)
	if h := l.known(s); h != nil {
		age := float64(max(0, now-h.at)) / day
		score += float64(h.pos) * math.Exp(-age/chartDays) / (1 + 0.2*float64(h.pos))
		if h.rating == Liked {
			score += chartLiked
		}
	}
	heat := e.heat[s].now(now)
	return score + chartHome*heat/(heat+shrinkArtist)
}

// spaced returns the n best of the slots, an artist's surplus last, and
// whether there were enough without it.
func (e *Engine) spaced(order []scored, n int) ([]scored, bool) {
	byScore(order)
	most := int32(max(1, (n+chartArtist-1)/chartArtist))
	count := filled(e.scratch.free, len(e.artists.all), 0)
	e.scratch.free = count
	first := make([]scored, 0, n)
	var surplus []scored
	for _, s := range order {
		if len(first) == n {
			break
		}
		if a := e.items[s.slot].artist; a >= 0 {
			if count[a] == most {
				if len(surplus) < n {
					surplus = append(surplus, s)
				}
				continue
			}
			count[a]++
		}
		first = append(first, s)
	}
	enough := len(first) == n
	return append(first, surplus[:min(len(surplus), n-len(first))]...), enough
}

func (e *Engine) chartReason(l *listener, s int32, now int64) Reason {
	h := l.known(s)
	switch {
	case h != nil && h.plays > 0 && now-h.lastAt < chartHeardIn:
		return Reason{Code: ReasonPlayed, Args: []string{strconv.Itoa(int(h.plays))}}
	case h != nil && h.rating == Liked:
		return Reason{Code: ReasonFavourite}
	}
	if of, v := e.likedOf(l, s, now); v > 0 {
		return Reason{Code: ReasonTaste, Args: []string{of.name}}
	}
	if e.heat[s].plays > 0 {
		return Reason{Code: ReasonHome}
	}
	return Reason{Code: ReasonNew}
}
