package jump

// places numbers slots in the order in which they come. It is a hash table with
// open addressing that is emptied at little cost, so that a request costs what
// it looks at, and fits the processor's caches however large the library is.
type places struct {
	slots []int32
	at    []int32 // hash -> place and 1, 0 for none; a power of two
	shift uint8   // from a hash of 32 bits
}

// leastPlaces is the size of the table at first, as a power of two.
const leastPlaces = 8

// begin forgets everything. A table that was much too large is halved.
func (p *places) begin() {
	if len(p.slots) < len(p.at)/16 && len(p.at) > 1<<leastPlaces {
		p.at = p.at[:len(p.at)/2]
		p.shift++
	}
	clear(p.at)
	p.slots = p.slots[:0]
}

func (p *places) hash(slot int32) uint32 { return uint32(slot) * 2654435769 >> p.shift }

// find returns the place of a slot, -1 for none.
func (p *places) find(slot int32) int32 {
	if len(p.slots) == 0 {
		return -1
	}
	mask := uint32(len(p.at) - 1)
	for h := p.hash(slot); ; h = (h + 1) & mask {
		i := p.at[h] - 1
		if i < 0 || p.slots[i] == slot {
			return i
		}
	}
}

// of returns the place of a slot, which is the number of slots until now for
// one that it sees for the first time.
func (p *places) of(slot int32) int32 {
	if 2*len(p.slots) >= len(p.at) {
		p.grow()
	}
	mask := uint32(len(p.at) - 1)
	h := p.hash(slot)
	for ; p.at[h] > 0; h = (h + 1) & mask {
		if i := p.at[h] - 1; p.slots[i] == slot {
			return i
		}
	}
	p.slots = append(p.slots, slot)
	p.at[h] = int32(len(p.slots))
	return p.at[h] - 1
}

// grow doubles the table.
func (p *places) grow() {
	n := max(1<<leastPlaces, 2*len(p.at))
	if n <= cap(p.at) {
		p.at = p.at[:n]
		clear(p.at)
	} else {
		p.at = make([]int32, n)
	}
	p.shift = 32
	for ; n > 1; n /= 2 {
		p.shift--
	}
	mask := uint32(len(p.at) - 1)
	for i, s := range p.slots {
		h := p.hash(s)
		for p.at[h] > 0 {
			h = (h + 1) & mask
		}
		p.at[h] = int32(i) + 1
	}
}
