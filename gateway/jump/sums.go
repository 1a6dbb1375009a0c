package jump

// sums adds numbers by slot and knows which slots it touched, so that a request
// costs what it looks at and not what the library holds.
type sums struct {
	v       []float32 // zero where not on
	on      []bool
	touched []int32
}

// grow makes room for n slots; it is called before each use.
func (s *sums) grow(n int) {
	if short := n - len(s.v); short > 0 {
		s.v = append(s.v, make([]float32, short)...)
		s.on = append(s.on, make([]bool, short)...)
	}
}

func (s *sums) add(slot int32, w float32) {
	if !s.on[slot] {
		s.on[slot] = true
		s.touched = append(s.touched, slot)
	}
	s.v[slot] += w
}

// reset forgets everything.
func (s *sums) reset() {
	for _, t := range s.touched {
		s.v[t] = 0
		s.on[t] = false
	}
	s.touched = s.touched[:0]
}

// begin forgets everything and makes room for n slots.
func (s *sums) begin(n int) {
	s.reset()
	s.grow(n)
}

// marks is a set of numbers that is emptied at no cost, with a number for each.
type marks struct {
	at    []uint32
	value []int32
	epoch uint32
}

// begin empties the set and makes room for n.
func (m *marks) begin(n int) {
	if short := n - len(m.at); short > 0 {
		m.at = append(m.at, make([]uint32, short)...)
		m.value = append(m.value, make([]int32, short)...)
	}
	if m.epoch++; m.epoch == 0 { // once in four billion requests
		clear(m.at)
		m.epoch = 1
	}
}

func (m *marks) set(i, v int32) {
	m.at[i] = m.epoch
	m.value[i] = v
}

// get returns the number that was set, or otherwise.
func (m *marks) get(i, otherwise int32) int32 {
	if m.at[i] != m.epoch {
		return otherwise
	}
	return m.value[i]
}

func (m *marks) has(i int32) bool { return m.at[i] == m.epoch }
