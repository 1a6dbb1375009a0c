package main

import (
	"cmp"
	"math"
	"slices"
)

// knn is item neighbours by cosine, the plainest of the baselines.
type knn struct {
	shrink float64
	in     [][]int32 // basket -> items, each once
	of     [][]int32 // item -> baskets
	count  []float32
	score  []float32
}

func newKNN(train []basket, items int, shrink float64) *knn {
	k := &knn{shrink: shrink, of: make([][]int32, items), count: make([]float32, items), score: make([]float32, items)}
	for i, b := range train {
		d := distinct(b.items)
		k.in = append(k.in, d)
		for _, it := range d {
			k.of[it] = append(k.of[it], int32(i))
		}
	}
	return k
}

// spread adds the cosine of every item with one.
func (k *knn) spread(item int32, touched []int32) []int32 {
	for _, b := range k.of[item] {
		for _, o := range k.in[b] {
			if k.count[o] == 0 {
				touched = append(touched, o)
			}
			k.count[o]++
		}
	}
	return touched
}

// nearest returns the n nearest of an item, best first.
func (k *knn) nearest(item int32, n int) []scored {
	touched := k.spread(item, nil)
	out := make([]scored, 0, len(touched))
	for _, o := range touched {
		if o != item {
			out = append(out, scored{o, k.cosine(item, o)})
		}
		k.count[o] = 0
	}
	slices.SortFunc(out, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
	})
	return out[:min(n, len(out))]
}

func (k *knn) cosine(a, b int32) float32 {
	return k.count[b] / float32(math.Sqrt(float64(len(k.of[a])*len(k.of[b])))+k.shrink)
}

// all returns every item's sum of cosines with the seeds, those without left
// out, and the seeds themselves.
func (k *knn) all(seeds []int32) []scored {
	var all []int32
	for _, s := range seeds {
		touched := k.spread(s, nil)
		for _, o := range touched {
			if k.score[o] == 0 {
				all = append(all, o)
			}
			k.score[o] += k.cosine(s, o)
			k.count[o] = 0
		}
	}
	out := make([]scored, 0, len(all))
	for _, o := range all {
		if !slices.Contains(seeds, o) {
			out = append(out, scored{o, k.score[o]})
		}
	}
	for _, o := range all {
		k.score[o] = 0
	}
	return out
}
