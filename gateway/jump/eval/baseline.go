package main

import (
	"cmp"
	"math"
	"slices"
)

// baseline is plain neighbours: VMIS-kNN and item-to-item sequences for A, item
// cosines for B, C, D and F, centroids of artists for E, own counts for H.
type baseline struct{}

func (baseline) lists(train []basket, tracks []track, items int) lists {
	return &plain{knn: newKNN(train, items, 20), tracks: tracks}
}

func (baseline) listeners(train []basket, items int) lists {
	return &plain{knn: newKNN(train, items, 20)}
}

// plain answers by item cosines alone.
type plain struct {
	*knn
	tracks []track
	at     []map[string]float64 // contexts as artists by idf
	idf    map[string]float64
}

func (p *plain) more(items []int32, _ int) []scored { return p.all(items) }

func (p *plain) mix(profile, list []int32) []float32 {
	score := map[int32]float32{}
	for _, s := range p.all(profile) {
		score[s.item] = s.score
	}
	out := make([]float32, len(list))
	for i, it := range list {
		out[i] = score[it]
	}
	return out
}

func (p *plain) places(contexts [][]int32) {
	p.idf = map[string]float64{}
	for _, c := range contexts {
		seen := map[string]bool{}
		for _, it := range c {
			if a := p.tracks[it].artist; !seen[a] {
				seen[a] = true
				p.idf[a]++
			}
		}
	}
	for a, n := range p.idf {
		p.idf[a] = math.Log(float64(len(contexts)) / n)
	}
	p.at = make([]map[string]float64, len(contexts))
	for i, c := range contexts {
		p.at[i] = p.artists(c)
	}
}

// artists returns the unit vector of a context's artists by tf-idf.
func (p *plain) artists(c []int32) map[string]float64 {
	v, norm := map[string]float64{}, 0.0
	for _, it := range c {
		v[p.tracks[it].artist] += p.idf[p.tracks[it].artist]
	}
	for _, x := range v {
		norm += x * x
	}
	for a := range v {
		v[a] /= math.Sqrt(norm)
	}
	return v
}

func (p *plain) similar(items, start []int32, pull float32) []float32 {
	v, s := p.artists(items), map[string]float64{}
	if len(start) > 0 {
		s = p.artists(start)
	}
	out := make([]float32, len(p.at))
	for i, c := range p.at {
		for a, x := range c {
			out[i] += float32(x * ((1-float64(pull))*v[a] + float64(pull)*s[a]))
		}
	}
	return out
}

// sequences are VMIS-kNN over sessions and I2I-BI, item-to-item both ways.
type sequences struct {
	sessions [][]int32
	of       [][]int32 // item -> sessions, oldest first
	rows     [][]scored
	weight   []float32 // scratch
	score    []float32
}

// What the figures known from elsewhere were taken with.
const (
	vmisRecent  = 500
	vmisNearest = 100
	i2iSteps    = 10
	i2iTop      = 100
	i2iBack     = 0.5
	i2iLast     = 8
	i2iDecay    = 0.75
	i2iShare    = 0.6
	i2iBlended  = 3 // last items where both are added
)

func newSequences(train []basket, items int) *sequences {
	q := &sequences{of: make([][]int32, items), rows: make([][]scored, items), score: make([]float32, items)}
	for i, b := range train {
		q.sessions = append(q.sessions, b.items)
		for _, it := range distinct(b.items) {
			q.of[it] = append(q.of[it], int32(i))
		}
	}
	q.weight = make([]float32, len(q.sessions))
	for it := range q.rows {
		q.rows[it] = q.row(int32(it))
	}
	return q
}

// row is what stands around an item, by distance, its maximum 1.
func (q *sequences) row(item int32) []scored {
	var touched []int32
	for _, s := range q.of[item] {
		items := q.sessions[s]
		for i, it := range items {
			if it != item {
				continue
			}
			for j := max(0, i-i2iSteps); j < min(len(items), i+i2iSteps+1); j++ {
				if items[j] == item {
					continue
				}
				if q.score[items[j]] == 0 {
					touched = append(touched, items[j])
				}
				if j > i {
					q.score[items[j]] += 1 / float32(j-i)
				} else {
					q.score[items[j]] += i2iBack / float32(i-j)
				}
			}
		}
	}
	out := q.take(touched)
	out = out[:min(i2iTop, len(out))]
	for i := len(out) - 1; i >= 0; i-- {
		out[i].score /= out[0].score
	}
	return out
}

// take empties the scratch scores into a list, best first.
func (q *sequences) take(touched []int32) []scored {
	out := make([]scored, 0, len(touched))
	for _, o := range touched {
		out = append(out, scored{o, q.score[o]})
		q.score[o] = 0
	}
	slices.SortFunc(out, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
	})
	return out
}

func (q *sequences) i2i(session []int32, last int) []scored {
	var touched []int32
	w := float32(1)
	for i := len(session) - 1; i >= max(0, len(session)-last); i-- {
		for _, r := range q.rows[session[i]] {
			if q.score[r.item] == 0 {
				touched = append(touched, r.item)
			}
			q.score[r.item] += w * r.score
		}
		w *= i2iDecay
	}
	return q.take(touched)
}

// vmis is VMIS-kNN as Serenade runs it: the most recent sessions that share
// items, weighed by where in this session, their items by idf.
func (q *sequences) vmis(session []int32) []scored {
	at := map[int32]int{} // item -> its last place, from 1
	for i, it := range session {
		at[it] = i + 1
	}
	var near []int32
	for i := len(session) - 1; i >= 0; i-- {
		it := session[i]
		if at[it] != i+1 {
			continue
		}
		of := q.of[it]
		for _, s := range of[max(0, len(of)-vmisRecent):] {
			if q.weight[s] == 0 {
				near = append(near, s)
			}
			q.weight[s] += float32(i+1) / float32(len(session))
		}
	}
	slices.Sort(near)
	recent := near[max(0, len(near)-vmisRecent):]
	top := make([]scored, 0, len(recent))
	for _, s := range recent {
		top = append(top, scored{s, q.weight[s]})
	}
	for _, s := range near {
		q.weight[s] = 0
	}
	slices.SortFunc(top, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.item, a.item))
	})
	var touched []int32
	for _, s := range top[:min(vmisNearest, len(top))] {
		place := 0
		for _, it := range q.sessions[s.item] {
			place = max(place, at[it])
		}
		w := max(0.1, 1-0.1*float32(len(session)-place)) * s.score
		seen := distinct(q.sessions[s.item])
		for _, it := range seen {
			if q.score[it] == 0 {
				touched = append(touched, it)
			}
			q.score[it] += w * float32(math.Log(float64(len(q.sessions))/float64(len(q.of[it]))))
		}
	}
	return q.take(touched)
}

func (baseline) sessions(train []basket, items int) next {
	q := newSequences(train, items)
	return func(session []int32, fresh bool, _ int) []scored {
		sum := map[int32]float32{}
		for _, part := range []struct {
			list  []scored
			share float32
		}{{q.vmis(session), 1}, {q.i2i(session, i2iBlended), i2iShare}} {
			for _, s := range part.list {
				sum[s.item] += part.share * s.score / part.list[0].score
			}
		}
		return kept(sum, session, fresh)
	}
}

// kept turns sums into a list; with fresh without the session's own items.
func kept(sum map[int32]float32, session []int32, fresh bool) []scored {
	out := make([]scored, 0, len(sum))
	for it, v := range sum {
		if !fresh || !slices.Contains(session, it) {
			out = append(out, scored{it, v})
		}
	}
	return out
}

// counted is item-to-item within a home plus what each listener heard.
type counted struct {
	q       *sequences
	history [][]int32
	library []int32
}

func (baseline) home(history []basket, library []int32) home {
	c := &counted{library: library}
	for _, b := range history {
		c.history = append(c.history, slices.Clone(b.items))
	}
	c.q = newSequences(history, int(slices.Max(library))+1)
	return c
}

func (c *counted) played(who int, item int32) {
	c.history[who] = append(c.history[who], item)
	c.q.sessions[who] = c.history[who]
	if !slices.Contains(c.q.of[item], int32(who)) {
		c.q.of[item] = append(c.q.of[item], int32(who))
	}
	for _, it := range c.history[who][max(0, len(c.history[who])-i2iSteps-1):] {
		c.q.rows[it] = c.q.row(it)
	}
}

func (c *counted) next(who, _ int) []scored {
	sum := map[int32]float32{}
	h := c.history[who]
	for _, s := range c.q.i2i(h[max(0, len(h)-i2iLast):], i2iLast) {
		sum[s.item] += s.score
	}
	most := float32(1)
	count := map[int32]float32{}
	for _, it := range h {
		count[it]++
		most = max(most, count[it])
	}
	for it, n := range count {
		sum[it] += n / most
	}
	return kept(sum, nil, false)
}
