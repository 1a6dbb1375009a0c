package jump

// scratch is memory that requests use again and again.
type scratch struct {
	like   likeness // to the seeds, by slot
	traces traces   // by slot: what stands around the last tracks
	follow sums     // by slot: what follows,
	last   marks    // and whether it stands with the last track
	score  sums     // by slot: what the rules choose from
	groups sums     // by album or list, for a moment
	query  sums     // by tag,
	sets   sums     // and how like a set of tags is
	artist sums     // by artist: of the seeds,
	beside sums     // and beside those

	seen    marks  // by slot, artist or list, for a moment
	within  within // the context,
	left    within // and the one that a JUMP leaves
	lastPos marks  // by slot: place in the timeline
	artPos  marks  // by artist
	worth   marks  // by slot: see press

	free   []int32 // by artist: free tracks
	oldest []int32 // by artist: place of its oldest track that is not free
	order  []int32
	recent []int32
	lists  []int32
	found  []int32 // places in a table, within one seed, or artists in a list
	seeds  []seed
	best   []scored // for a moment
	near   []scored // sounds
	cells  []scored
	aim    aim
	slots  []int32
	counts []int32
	vogues []vogue
	lines  []mixLine
	sorted []mixLine
	keys   []uint64
	names  []string // see namedBy

	read float32 // what was only to be fetched
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
