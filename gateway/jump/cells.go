package jump

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Bounds on the moods and the cells that they are divided in.
const (
	moodSounds  = 40 // tracks that a mood is made for, at least,
	mostMoods   = 16
	cellSounds  = 250 // tracks in a cell, about
	cellRounds  = 8
	cellSample  = 4096 // tracks by which the moods, and each one's cells, are found
	soundsLook  = 1200 // tracks that one search compares,
	soundsEach  = 8    // but no more than so many times as many as it looks for,
	moodsLook   = 6    // in the cells of so many moods,
	moodsLeast  = 2    // or, where few are looked for, of fewer:
	soundsMood  = 50   // one for so many
	mostCellsAt = 64   // cells that one search goes through
)

// cells are tracks that sound alike, found by spherical k-means (Dhillon and
// Modha, 2001): a few moods, which are contexts, each divided in cells small
// enough to be searched.
type cells struct {
	moods []mood
	rows  aim       // centres of cells, SoundSize each, those of a mood side by side
	in    [][]int32 // cell -> slots,
	near  [][]int8  // and their rows, one after the other
	of    []int32   // slot -> cell, -1 or beyond the end for none
}

// mood is a context of kind KindSound.
type mood struct {
	id, name string
	centre   aim
	from, to int32 // its cells
}

// soundWords name what stands out in a mood, by the place of the feature.
var soundWords = []struct {
	at        int
	low, high string
}{
	{0, "quiet", "loud"},
	{3, "dark", "bright"},
	{6, "tonal", "noisy"},
	{8, "slow", "fast"},
	{9, "floating", "driving"},
	{10, "sparse", "busy"},
	{12, "minor", "major"},
}

// moodWords is how many words name a mood.
const moodWords = 3

// newCells finds the moods of some sounds.
func newCells(v *vectors) cells {
	var slots []int32
	for s := range v.slots() {
		if x, _ := v.at(int32(s)); x != nil {
			slots = append(slots, int32(s))
		}
	}
	c := cells{}
	k := min(mostMoods, len(slots)/moodSounds)
	if k < 2 {
		return c
	}
	centres := aimed(nil, kmeans(v, slots, k))
	members := make([][]int32, k)
	for _, s := range slots {
		m := nearestCentre(centres, v, s)
		members[m] = append(members[m], s)
	}
	for m, list := range members {
		if len(list) == 0 {
			continue
		}
		from := int32(len(c.in))
		rows := centres[m*SoundSize : (m+1)*SoundSize]
		parts := max(1, len(list)/cellSounds)
		if parts > 1 {
			rows = aimed(nil, kmeans(v, list, parts))
		}
		c.rows = append(c.rows, rows...)
		c.in = append(c.in, make([][]int32, parts)...)
		c.near = append(c.near, make([][]int8, parts)...)
		c.moods = append(c.moods, mood{centre: centres[m*SoundSize : (m+1)*SoundSize], from: from, to: int32(len(c.in))})
	}
	c.nameMoods()
	for _, s := range slots {
		c.put(s, v)
	}
	return c
}

// nameMoods names each mood by what stands out most; a mood that would be called
// as another one gets a number.
func (c *cells) nameMoods() {
	used := map[string]int{}
	for i := range c.moods {
		m := &c.moods[i]
		order := make([]int, len(soundWords))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(magnitude(m.centre[soundWords[b].at]), magnitude(m.centre[soundWords[a].at]))
		})
		words := make([]string, moodWords)
		for k := range words {
			w := soundWords[order[k]]
			words[k] = w.low
			if m.centre[w.at] > 0 {
				words[k] = w.high
			}
		}
		m.id, m.name = strings.Join(words, "-"), strings.Join(words, ", ")
		m.name = strings.ToUpper(m.name[:1]) + m.name[1:]
		if used[m.id]++; used[m.id] > 1 {
			m.name = fmt.Sprintf("%s (%d)", m.name, used[m.id])
			m.id = fmt.Sprintf("%s-%d", m.id, used[m.id])
		}
	}
}

func magnitude(a int16) int16 { return max(a, -a) } // no aim is -32768

// kmeans returns k unit centres, one after the other.
func kmeans(v *vectors, slots []int32, k int) []float32 {
	sample := sampled(slots, cellSample)
	rank := v.rank
	centres := make([]float32, 0, k*rank)
	aims := make(aim, 0, k*rank)
	for i := range k {
		c := make([]float32, rank)
		v.addUnit(c, furthest(v, sample, aims, uint64(i)), 1)
		unit(c)
		centres = append(centres, c...)
		aims = aimed(aims, c)
	}
	next := make([]float32, len(centres))
	for range cellRounds {
		clear(next)
		for _, s := range sample {
			m := nearestCentre(aims, v, s)
			v.addUnit(next[m*rank:(m+1)*rank], s, 1)
		}
		for m := range k {
			if c := next[m*rank : (m+1)*rank]; unit(c) {
				copy(centres[m*rank:], c)
			}
		}
		aims = aimed(aims[:0], centres)
	}
	return centres
}

// furthest returns, of a few of the slots, the one that is least like any of
// the centres so far.
func furthest(v *vectors, slots []int32, centres aim, seed uint64) int32 {
	best, least := slots[0], float32(2)
	for i := range int32(24) {
		s := slots[int(noise(seed, i)*float64(len(slots)))]
		most := float32(-1)
		for at := 0; at < len(centres); at += v.rank {
			most = max(most, v.cosine(centres[at:at+v.rank], s))
		}
		if most < least {
			best, least = s, most
		}
	}
	return best
}

func nearestCentre(centres aim, v *vectors, s int32) int {
	best, most := 0, float32(-2)
	for m := 0; m*v.rank < len(centres); m++ {
		if c := v.cosine(centres[m*v.rank:(m+1)*v.rank], s); c > most {
			best, most = m, c
		}
	}
	return best
}

// put places a slot in the cell that is nearest within the nearest mood.
func (c *cells) put(s int32, v *vectors) {
	c.take(s)
	if x, _ := v.at(s); x == nil || len(c.moods) == 0 {
		return
	}
	m, most := &c.moods[0], float32(-2)
	for i := range c.moods {
		if cos := v.cosine(c.moods[i].centre, s); cos > most {
			m, most = &c.moods[i], cos
		}
	}
	at := m.from + int32(nearestCentre(c.rows[m.from*SoundSize:m.to*SoundSize], v, s))
	for int(s) >= len(c.of) {
		c.of = append(c.of, -1)
	}
	c.of[s] = at
	c.in[at] = append(c.in[at], s)
	c.near[at] = append(c.near[at], v.raw(s)...)
}

// renew copies the rows of all slots again, which were scaled anew.
func (c *cells) renew(v *vectors) {
	for i, in := range c.in {
		for k, s := range in {
			copy(c.near[i][k*v.stride():], v.raw(s))
		}
	}
}

// take takes a slot out of its cell.
func (c *cells) take(s int32) {
	if int(s) >= len(c.of) || c.of[s] < 0 {
		return
	}
	cell := c.of[s]
	in, near := c.in[cell], c.near[cell]
	if at := slices.Index(in, s); at >= 0 {
		const stride = SoundSize + stepBytes
		c.in[cell] = slices.Delete(in, at, at+1)
		c.near[cell] = slices.Delete(near, at*stride, (at+1)*stride)
	}
	c.of[s] = -1
}

// find returns the mood with an id.
func (c *cells) find(id string) (*mood, bool) {
	at := slices.IndexFunc(c.moods, func(m mood) bool { return m.id == id })
	if at < 0 {
		return nil, false
	}
	return &c.moods[at], true
}

// some returns at most n tracks of a mood, from as many of its cells.
func (c *cells) some(m *mood, n int) []int32 {
	cells := c.in[m.from:m.to]
	step, each := (len(cells)+n-1)/n, max(1, n/len(cells))
	out := make([]int32, 0, n)
	for i := 0; i < len(cells); i += step {
		for s := range some(cells[i], each) {
			out = append(out, s)
		}
	}
	if len(out) == 0 { // those cells are empty
		return sampled(slices.Concat(cells...), n)
	}
	return out
}

// someBy visits about n tracks of a mood, at least one of each cell, and others
// for another seed.
func (c *cells) someBy(m *mood, n int, seed uint64) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		each := max(1, n/int(m.to-m.from))
		for i, in := range c.in[m.from:m.to] {
			for s := range someBy(in, each, seed+uint64(i)) {
				if !yield(s) {
					return
				}
			}
		}
	}
}
