package main

import (
	"cmp"
	"math"
	"slices"
)

// scored is one line of a ranking.
type scored struct {
	item  int32
	score float32
}

// ranking orders a list by score. What ties with a target stands before it.
func ranking(list []scored, target func(int32) bool) []scored {
	slices.SortFunc(list, func(a, b scored) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		ta, tb := target(a.item), target(b.item)
		switch {
		case ta == tb:
			return cmp.Compare(a.item, b.item)
		case tb:
			return -1
		}
		return 1
	})
	return list
}

// sums adds up measures under their names.
type sums struct {
	names []string // in the order of their first use
	sum   map[string]float64
	n     map[string]int
}

func newSums() *sums { return &sums{sum: map[string]float64{}, n: map[string]int{}} }

func (s *sums) add(name string, v float64) {
	if s.n[name] == 0 {
		s.names = append(s.names, name)
	}
	s.sum[name] += v
	s.n[name]++
}

func (s *sums) mean(name string) float64 { return s.sum[name] / float64(max(1, s.n[name])) }

// single adds HR@20 and MRR@20 of one target at a rank from 1; 0 is unranked.
func (s *sums) single(prefix string, rank int) {
	hr, rr := 0.0, 0.0
	if rank > 0 && rank <= 20 {
		hr, rr = 1, 1/float64(rank)
	}
	s.add(prefix+".hr20", hr)
	s.add(prefix+".mrr20", rr)
}

// many adds R-precision, NDCG@100 and HR@20 of a ranking with many targets.
func (s *sums) many(prefix string, list []scored, targets map[int32]bool) {
	hits, dcg, hr := 0, 0.0, 0.0
	for i, l := range list {
		if !targets[l.item] {
			continue
		}
		if i < len(targets) {
			hits++
		}
		if i < 100 {
			dcg += 1 / math.Log2(float64(i+2))
		}
		if i < 20 {
			hr = 1
		}
	}
	ideal := 0.0
	for i := range min(100, len(targets)) {
		ideal += 1 / math.Log2(float64(i+2))
	}
	s.add(prefix+".rprec", float64(hits)/float64(len(targets)))
	s.add(prefix+".ndcg100", dcg/ideal)
	s.add(prefix+".hr20", hr)
}

// auc adds the area under the ROC curve (ties count as misses) and the
// reciprocal rank of the first positive. A list of one kind says nothing.
func (s *sums) auc(prefix string, list []scored, positive map[int32]bool) {
	above, seen, first, pos := 0, 0, 0, 0
	for i, l := range list {
		if !positive[l.item] {
			seen++
			continue
		}
		if pos++; first == 0 {
			first = i + 1
		}
		above += seen
	}
	if pos == 0 || seen == 0 {
		return
	}
	s.add(prefix+".auc", 1-float64(above)/float64(pos*seen))
	s.add(prefix+".mrr", 1/float64(first))
}

func setOf(items []int32) map[int32]bool {
	m := make(map[int32]bool, len(items))
	for _, it := range items {
		m[it] = true
	}
	return m
}
