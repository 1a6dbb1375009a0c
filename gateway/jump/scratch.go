package jump

// scratch is memory that requests use again and again.
type scratch struct {
	taste   taste
	sums    struct{ artist, tag []evidencePair }
	like    []float32 // likeness to the seeds, by slot
	tagged  []float32 // dot product of tags
	score   []float32
	count   []uint16 // all zero between uses
	touched []int32
	query   []float32 // by tag
	idf     []float32 // by tag
	lastPos []int32   // by slot: place in the timeline, never is -1
	artPos  []int32   // by artist
	free    []int32   // by artist: free tracks
	oldest  []int32   // by artist: place of its oldest track that is not free
	order   []int32
	within  []bool // by slot: stands in the context
}

// evidencePair sums what speaks for and against.
type evidencePair struct{ pos, neg float64 }

func (p *evidencePair) add(pos, neg float64) {
	p.pos += pos
	p.neg += neg
}

// zeroed returns s with length n, all zero.
func zeroed(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

func zeroedPairs(s []evidencePair, n int) []evidencePair {
	if cap(s) < n {
		return make([]evidencePair, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

// filled returns s with length n, all v.
func filled(s []int32, n int, v int32) []int32 {
	if cap(s) < n {
		s = make([]int32, n, n+n/4)
	}
	s = s[:n]
	for i := range s {
		s[i] = v
	}
	return s
}
