package main

import (
	"maps"
	"math"
	"slices"
)

// protocolE: halves of playlists find each other, and chains of ten JUMPs.
func protocolE(c *corpus, m method, p part, out *sums) {
	train, held := splitTenth(c.playlists, p)
	model := m.lists(train, c.tracks, len(c.tracks))
	var first, second, judging [][]int32
	for _, b := range held {
		items := hashed(b.id, b.items)
		judging = append(judging, items[:len(items)/2])
		if len(items) >= 20 {
			first = append(first, items[:len(items)/2])
			second = append(second, items[len(items)/2:])
		}
	}
	model.places(second)
	for i := range first {
		score := model.similar(first[i], nil, 0)
		rank := 0
		for _, v := range score {
			if v >= score[i] {
				rank++ // itself, what is better, and what ties with it
			}
		}
		for _, at := range []struct {
			name string
			n    int
		}{{"E.hr1", 1}, {"E.hr10", 10}} {
			hit := 0.0
			if rank <= at.n {
				hit = 1
			}
			out.add(at.name, hit)
		}
		out.add("E.mrr", 1/float64(rank))
	}
	chains(model, first, newJudge(judging, first, len(c.tracks)), out)
}

// chains makes ten JUMPs from every 20th context and has them judged.
func chains(model lists, contexts [][]int32, judge *judge, out *sums) {
	model.places(contexts)
	for start := 0; start < len(contexts); start += 20 {
		visited := map[int]bool{start: true}
		at := start
		for range 10 {
			score := model.similar(contexts[at], contexts[start], pull)
			to := -1
			for i, v := range score {
				if !visited[i] && (to < 0 || v > score[to]) {
					to = i
				}
			}
			if to < 0 {
				return
			}
			out.add("E.chain.neighbours", judge.alike(at, to))
			visited[to], at = true, to
		}
		out.add("E.chain.startend", judge.alike(start, at))
	}
	out.add("E.chain.random", judge.random())
}

// pull is how much of the likeness in a chain is likeness to its start.
const pull = 0.5

// judge tells how alike two contexts are by a measure that no method uses: a
// context is the sum of its tracks, each with its idf, and of their nearest 100
// by cosine (shrink 5), which count as much as the track does.
type judge struct {
	places []map[int32]float64
	norms  []float64 // squared lengths
}

// newJudge learns from some lists and judges contexts.
func newJudge(from, contexts [][]int32, items int) *judge {
	var bs []basket
	for i, c := range from {
		bs = append(bs, basket{i, c})
	}
	k := newKNN(bs, items, 5)
	j := &judge{places: make([]map[int32]float64, len(contexts)), norms: make([]float64, len(contexts))}
	neighbours := make([][]scored, items)
	for i, c := range contexts {
		v := map[int32]float64{}
		for _, it := range c {
			idf := math.Log(float64(len(from)) / float64(len(k.of[it])))
			v[it] += idf
			if neighbours[it] == nil {
				neighbours[it] = k.nearest(it, 100)
			}
			for _, n := range neighbours[it] {
				v[n.item] += idf
			}
		}
		j.places[i] = v
		for _, it := range slices.Sorted(maps.Keys(v)) { // in one order, so that figures repeat
			j.norms[i] += v[it] * v[it]
		}
		if j.norms[i] == 0 { // only what stands in every list
			j.norms[i] = 1
		}
	}
	return j
}

// random is how alike two different contexts are in the mean.
func (j *judge) random() float64 {
	sum := map[int32]float64{}
	for i, v := range j.places {
		for it, x := range v {
			sum[it] += x / math.Sqrt(j.norms[i])
		}
	}
	n := float64(len(j.places))
	if n < 2 {
		return 0
	}
	square := 0.0
	for _, it := range slices.Sorted(maps.Keys(sum)) {
		square += sum[it] * sum[it]
	}
	return (square - n) / (n * (n - 1))
}

func (j *judge) alike(a, b int) float64 {
	x, y := j.places[a], j.places[b]
	if len(x) > len(y) {
		x, y = y, x
	}
	dot := 0.0
	for _, it := range slices.Sorted(maps.Keys(x)) {
		dot += x[it] * y[it]
	}
	return dot / math.Sqrt(j.norms[a]*j.norms[b])
}
