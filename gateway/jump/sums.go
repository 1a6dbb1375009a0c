package jump

// sums adds numbers by slot.
type sums struct {
	places
	v     []float32 // by place
	round []int32   // by place: see addOnce
}

// begin forgets everything.
func (s *sums) begin() {
	s.places.begin()
	s.v, s.round = s.v[:0], s.round[:0]
}

func (s *sums) add(slot int32, w float32) {
	i := s.of(slot)
	if int(i) == len(s.v) {
		s.v = append(s.v, 0)
	}
	s.v[i] += w
}

// addOnce adds to a slot once in a round, which is a number above 0. What is added
// to otherwise must not be mixed with it.
func (s *sums) addOnce(slot int32, w float32, round int32) {
	i := s.of(slot)
	if int(i) == len(s.v) {
		s.v = append(s.v, 0)
		s.round = append(s.round, 0)
	}
	if s.round[i] != round {
		s.round[i] = round
		s.v[i] += w
	}
}

// get returns the sum of a slot, 0 for one that was not touched.
func (s *sums) get(slot int32) float32 {
	if i := s.find(slot); i >= 0 {
		return s.v[i]
	}
	return 0
}

func (s *sums) has(slot int32) bool { return s.find(slot) >= 0 }

// scored appends every slot with its sum.
func (s *sums) scored(to []scored) []scored {
	for i, slot := range s.slots {
		to = append(to, scored{slot, s.v[i]})
	}
	return to
}

// marks is a set of numbers, with a number for each.
type marks struct {
	places
	value []int32 // by place
}

// begin empties the set.
func (m *marks) begin() {
	m.places.begin()
	m.value = m.value[:0]
}

func (m *marks) set(i, v int32) {
	at := m.of(i)
	if int(at) == len(m.value) {
		m.value = append(m.value, v)
	}
	m.value[at] = v
}

// get returns the number that was set, or otherwise.
func (m *marks) get(i, otherwise int32) int32 {
	if at := m.find(i); at >= 0 {
		return m.value[at]
	}
	return otherwise
}

func (m *marks) has(i int32) bool { return m.find(i) >= 0 }
