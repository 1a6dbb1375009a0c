package main

import (
	"math"
	"slices"
)

// protocolE: halves of playlists find each other, and chains of ten JUMPs.
func protocolE(c *corpus, m method, p part, out *sums) {
	train, held := splitTenth(c.playlists, p)
	model := m.lists(train, c.tracks, len(c.tracks))
	var first, second [][]int32
	for _, b := range held {
		if items := hashed(b.id, b.items); len(items) >= 20 {
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
	chains(model, first, len(c.tracks), out)
}

// chains makes ten JUMPs from every 20th context and has them judged.
func chains(model lists, contexts [][]int32, items int, out *sums) {
	judge := newJudge(contexts, items, true)
	around := newJudge(contexts, items, false)
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
			out.add("E.chain.around.neighbours", around.alike(at, to))
			visited[to], at = true, to
		}
		out.add("E.chain.startend", judge.alike(start, at))
		out.add("E.chain.around.startend", around.alike(start, at))
		out.add("E.chain.around.random", around.alike(start, (start*7919+1)%len(contexts)))
		out.add("E.chain.random", judge.alike(start, (start*7919+1)%len(contexts)))
	}
}

// pull is how much of the likeness in a chain is likeness to its start.
const pull = 0.5

// judge tells how alike two contexts are by a measure that no method uses: a
// context is the idf-weighted sum of its tracks and of their neighbours (item
// cosine, shrink 5, top 100). Without own the tracks themselves count only as
// neighbours of each other.
type judge struct {
	places []map[int32]float64
	norms  []float64
}

func newJudge(contexts [][]int32, items int, own bool) *judge {
	var bs []basket
	for i, c := range contexts {
		bs = append(bs, basket{i, c})
	}
	k := newKNN(bs, items, 5)
	j := &judge{places: make([]map[int32]float64, len(contexts)), norms: make([]float64, len(contexts))}
	neighbours := make([][]scored, items)
	for i, c := range contexts {
		v := map[int32]float64{}
		for _, it := range c {
			idf := math.Log(float64(len(contexts)) / float64(len(k.of[it])))
			if own {
				v[it] += idf
			}
			if neighbours[it] == nil {
				neighbours[it] = k.nearest(it, 100)
			}
			for _, n := range neighbours[it] {
				v[n.item] += idf * float64(n.score)
			}
		}
		j.places[i] = v
		for _, x := range v {
			j.norms[i] += x * x
		}
	}
	return j
}

func (j *judge) alike(a, b int) float64 {
	x, y := j.places[a], j.places[b]
	if len(x) > len(y) {
		x, y = y, x
	}
	dot := 0.0
	keys := make([]int32, 0, len(x))
	for it := range x {
		keys = append(keys, it)
	}
	slices.Sort(keys) // sums in one order, so that figures repeat
	for _, it := range keys {
		dot += x[it] * y[it]
	}
	return dot / math.Sqrt(j.norms[a]*j.norms[b])
}
