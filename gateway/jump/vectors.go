package jump

import (
	"math"
	"slices"
)

// vectors place items in few dimensions, so that what stands together in
// playlists and sessions lies in one direction. Each row is a unit vector in
// 8-bit steps, its strongest directions first.
type vectors struct {
	rank  int
	dense bool      // a slot's row is the one of its number
	row   []int32   // slot -> row otherwise, -1 or beyond the end for none
	rows  []int8    // row * stride: the steps, then what one step is, 0 for no vector
	c     []float32 // scratch
	read  int8
}

// stepBytes is what a row has behind its numbers: the size of a step, as a
// float32 with its lowest byte first, so that a comparison looks at one place.
const stepBytes = 4

func (v *vectors) stride() int { return v.rank + stepBytes }

// Bounds on the vectors.
const (
	mostRank    = 128
	leastLists  = 8 // baskets without which there are no vectors
	vectorRound = 6
)

// newVectors makes room for n of them.
func newVectors(rank, n int) vectors {
	return vectors{rank: rank, rows: make([]int8, 0, n*(rank+stepBytes))}
}

func (v *vectors) ready() bool { return v.rank > 0 }

// slots returns a number that is above every slot with a vector.
func (v *vectors) slots() int {
	if v.dense {
		return len(v.rows) / v.stride()
	}
	return len(v.row)
}

// fetch reads in the rows of some slots, so that they are near when they are
// compared: see rows.
func (v *vectors) fetch(slots []int32) {
	read := int8(0)
	for _, s := range slots {
		if row := v.raw(s); row != nil {
			for at := 0; at < len(row); at += 64 {
				read += row[at]
			}
			read += row[len(row)-1]
		}
	}
	v.read = read
}

// at returns the row of a slot, nil for none.
func (v *vectors) at(slot int32) (x []int8, step float32) {
	row := v.raw(slot)
	if row == nil {
		return nil, 0
	}
	if x, step = cutStep(row); step == 0 {
		return nil, 0
	}
	return x, step
}

// cutStep takes a row apart.
func cutStep(row []int8) (x []int8, step float32) {
	n := len(row) - stepBytes
	b := row[n:]
	bits := uint32(uint8(b[0])) | uint32(uint8(b[1]))<<8 | uint32(uint8(b[2]))<<16 | uint32(uint8(b[3]))<<24
	return row[:n], math.Float32frombits(bits)
}

// raw returns the row of a slot as it is kept, nil for none.
func (v *vectors) raw(slot int32) []int8 {
	if v.dense {
		if at := int(slot) * v.stride(); at < len(v.rows) {
			return v.rows[at : at+v.stride()]
		}
		return nil
	}
	if int(slot) >= len(v.row) || v.row[slot] < 0 {
		return nil
	}
	r := int(v.row[slot])
	return v.rows[r*v.stride() : (r+1)*v.stride()]
}

// set gives a slot a vector.
func (v *vectors) set(slot int32, x []float32) {
	most := float32(0)
	for _, a := range x {
		most = max(most, abs(a))
	}
	norm := length(x)
	if norm == 0 || most == 0 {
		return
	}
	row := v.room(slot)
	for k, a := range x {
		row[k] = int8(math.Round(float64(a / most * 127)))
	}
	step := math.Float32bits(most / 127 / norm)
	for k := range stepBytes {
		row[v.rank+k] = int8(step >> (8 * k))
	}
}

// room returns the row of a slot, made where there is none.
func (v *vectors) room(slot int32) []int8 {
	if v.dense {
		if short := (int(slot)+1)*v.stride() - len(v.rows); short > 0 {
			v.rows = append(v.rows, make([]int8, short)...)
		}
		return v.raw(slot)
	}
	for int(slot) >= len(v.row) {
		v.row = append(v.row, -1)
	}
	if v.row[slot] < 0 {
		v.row[slot] = int32(len(v.rows) / v.stride())
		v.rows = append(v.rows, make([]int8, v.stride())...)
	}
	return v.raw(slot)
}

// drop takes a slot's vector away.
func (v *vectors) drop(slot int32) {
	if v.dense {
		clear(v.raw(slot))
		return
	}
	if int(slot) < len(v.row) {
		v.row[slot] = -1
	}
}

// centre returns scratch memory for a sum of vectors, all zero.
func (v *vectors) centre() []float32 {
	v.c = zeroed(v.c, v.rank)
	return v.c
}

// addUnit adds a slot's vector times w and tells whether there is one.
func (v *vectors) addUnit(to []float32, slot int32, w float32) bool {
	x, size := v.at(slot)
	if x == nil {
		return false
	}
	w *= size
	for k, a := range x {
		to[k] += w * float32(a)
	}
	return true
}

// aim is a unit vector in 16-bit steps, to be compared with many.
type aim []int16

const aimSteps = 32767

// aimed appends a unit vector in steps.
func aimed(to aim, c []float32) aim {
	for _, v := range c {
		to = append(to, int16(math.Round(float64(v*aimSteps))))
	}
	return to
}

// times returns the inner product of two aims of one length.
func (a aim) times(b aim) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 int32 // together at most aimSteps squared, by Cauchy and Schwarz
	for len(a) >= 4 && len(b) >= 4 {
		s0 += int32(a[0]) * int32(b[0])
		s1 += int32(a[1]) * int32(b[1])
		s2 += int32(a[2]) * int32(b[2])
		s3 += int32(a[3]) * int32(b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += int32(v) * int32(b[i])
	}
	return float32(s0+s1+s2+s3) / (aimSteps * aimSteps)
}

// cosine of a unit vector with a slot's vector; 0 where there is none.
func (v *vectors) cosine(c aim, slot int32) float32 {
	x, step := v.at(slot)
	if x == nil {
		return 0
	}
	return c.cosine(x, step)
}

// cosine of a unit vector with a row.
func (a aim) cosine(x []int8, step float32) float32 {
	c := a[:len(x)]
	var s0, s1 int32
	for len(x) >= 16 && len(c) >= 16 {
		y, d := (*[16]int8)(x), (*[16]int16)(c) // whose bounds are checked once
		s0 += int32(d[0])*int32(y[0]) + int32(d[1])*int32(y[1]) + int32(d[2])*int32(y[2]) + int32(d[3])*int32(y[3])
		s1 += int32(d[4])*int32(y[4]) + int32(d[5])*int32(y[5]) + int32(d[6])*int32(y[6]) + int32(d[7])*int32(y[7])
		s0 += int32(d[8])*int32(y[8]) + int32(d[9])*int32(y[9]) + int32(d[10])*int32(y[10]) + int32(d[11])*int32(y[11])
		s1 += int32(d[12])*int32(y[12]) + int32(d[13])*int32(y[13]) + int32(d[14])*int32(y[14]) + int32(d[15])*int32(y[15])
		x, c = x[16:], c[16:]
	}
	for i, v := range x {
		s0 += int32(c[i]) * int32(v)
	}
	return float32(s0+s1) * step / aimSteps
}

func abs(a float32) float32 {
	if a < 0 {
		return -a
	}
	return a
}

func length(x []float32) float32 { return root(dot(x, x)) }

// unit scales a vector to length 1; false where it is zero.
func unit(x []float32) bool {
	n := length(x)
	if n == 0 {
		return false
	}
	for k := range x {
		x[k] /= n
	}
	return true
}

// Training is a copy of everything that vectors are made from. It may be used
// on any goroutine.
type Training struct {
	of    *byte // which engine's
	lists [][]int32
	slots int
	sound vectors
}

// Training copies what vectors are made from: every playlist and session, and
// the sounds. See [Training.Fit].
func (e *Engine) Training() Training {
	t := Training{of: e.self, slots: len(e.items)}
	for _, b := range []*baskets{&e.inLists, &e.inSessions} {
		for i := range int32(b.lists.len()) {
			l := b.lists.at(i)
			if len(l) > 1 && len(l) <= maxBasket {
				t.lists = append(t.lists, append([]int32(nil), l...))
			}
		}
	}
	if e.sounds.settle() {
		t.sound = e.sounds.unit
		t.sound.c = nil
		t.sound.rows = slices.Clone(t.sound.rows)
		e.sounds.late = nil
	}
	return t
}

// Vectors are what Fit made, for Adopt.
type Vectors struct {
	of    *byte
	v     vectors
	cells cells
}

// Fit makes vectors: 5 s for a million entries on one core, milliseconds for a
// home's. Give them to [Engine.Adopt]. Once a night is often enough: what comes
// between takes the mean of what it stands with.
func (t Training) Fit() Vectors {
	rank := min(mostRank, len(t.lists)/4)
	if len(t.lists) < leastLists || rank == 0 {
		return Vectors{of: t.of, cells: newCells(&t.sound)}
	}
	in := make([]int32, t.slots) // slot -> column, so that only items in a list cost anything
	var slots []int32
	lists := make([][]int32, len(t.lists))
	for i, l := range t.lists {
		for _, s := range l {
			if in[s] == 0 {
				slots = append(slots, s)
				in[s] = int32(len(slots))
			}
			lists[i] = append(lists[i], in[s]-1)
		}
	}
	rank = min(rank, len(slots))
	x := factors(lists, len(slots), rank, vectorRound)
	v := newVectors(rank, len(slots))
	for i, s := range slots {
		v.set(s, x[i*rank:(i+1)*rank])
	}
	return Vectors{t.of, v, newCells(&t.sound)}
}

// Adopt makes vectors the engine's. Those of another engine are refused.
func (e *Engine) Adopt(v Vectors) bool {
	if v.of != e.self {
		return false
	}
	e.vectors = v.v
	for i := range e.lists {
		e.lists[i].vector = nil
	}
	for i := range e.spots {
		e.spots[i].vector = nil
	}
	e.heads, e.moved = nil, nil
	e.sounds.cells = v.cells
	for _, s := range e.sounds.late {
		e.sounds.cells.put(s, &e.sounds.unit)
	}
	e.sounds.late = nil
	return true
}

// Learned tells whether there are vectors, or moods by sound.
func (e *Engine) Learned() bool { return e.vectors.ready() || len(e.sounds.cells.moods) > 0 }

// Learn makes new vectors here and now; see [Training] for doing it elsewhere.
func (e *Engine) Learn() { e.Adopt(e.Training().Fit()) }

// placed gives the items of a changed playlist, that have none yet, the mean
// of the vectors that are there.
func (e *Engine) placed(p int32) {
	e.lists[p].vector = nil
	e.moved = append(e.moved, p)
	if !e.vectors.ready() {
		return
	}
	c := e.vectors.centre()
	list := e.inLists.lists.at(p)
	n := 0
	for _, s := range list {
		if e.vectors.addUnit(c, s, 1) {
			n++
		}
	}
	if n == 0 {
		return
	}
	for _, s := range list {
		if x, _ := e.vectors.at(s); x == nil {
			e.vectors.set(s, c)
		}
	}
}
