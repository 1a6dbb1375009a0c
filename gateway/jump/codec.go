package jump

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// codec writes what it is given, or fills it with what it reads: the same calls
// describe the format in both directions. Numbers are varints, unless they have
// a fixed size, which has its lowest byte first. What is read is never trusted: a
// count is no larger than what is left could hold, a number is in its range.
type codec struct {
	reading bool
	b       []byte // written so far, or left to read
	err     error  // of reading; what follows it is zero

	numbers map[string]uint64 // of names written so far
	names   []string          // that were read so far,
	words   []int32           // and what numbers they have as words, -1 for none yet
	tags    []int32           // for a moment
}

var errSnapshot = errors.New("it is not as it was written")

func (c *codec) fail(what string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", errSnapshot, what)
	}
	c.b = nil
}

func (c *codec) uint(v *uint64) {
	if !c.reading {
		c.b = binary.AppendUvarint(c.b, *v)
		return
	}
	n := 0
	if *v, n = binary.Uvarint(c.b); n <= 0 {
		*v = 0
		c.fail("a number ends early")
		return
	}
	c.b = c.b[n:]
}

// number is a number from least to most.
func number[T ~int | ~int32 | ~int64](c *codec, v *T, least, most int64) {
	if !c.reading {
		u := uint64(int64(*v) - least)
		c.uint(&u)
		return
	}
	var u uint64
	c.uint(&u)
	if c.err == nil && (most < least || u > uint64(most-least)) {
		c.fail("a number is out of its range")
	}
	if c.err != nil {
		*v = T(least)
		return
	}
	*v = T(int64(u) + least)
}

// slot is a slot below n; ref is one too, or -1 for none.
func (c *codec) slot(v *int32, n int) { number(c, v, 0, int64(n)-1) }
func (c *codec) ref(v *int32, n int)  { number(c, v, -1, int64(n)-1) }

// integer is any number.
func integer[T ~int | ~int32 | ~int64](c *codec, v *T) {
	u := uint64(*v)<<1 ^ uint64(int64(*v)>>63) // small ones of either sign are short
	c.uint(&u)
	*v = T(int64(u>>1) ^ -int64(u&1))
}

func (c *codec) flag(v *bool) {
	var u uint64
	if *v {
		u = 1
	}
	c.uint(&u)
	*v = u == 1
}

// count is how many things follow, each of which takes at least so many bytes.
func (c *codec) count(n, least int) int {
	u := uint64(n)
	c.uint(&u)
	if c.reading && u > uint64(len(c.b)/least) {
		c.fail("more is announced than there is")
		return 0
	}
	return int(u)
}

// take cuts off n bytes, which are there: see count.
func (c *codec) take(n int) []byte {
	if n > len(c.b) {
		c.fail("it ends early")
		return make([]byte, n)
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *codec) fixed64(v *uint64) {
	if !c.reading {
		c.b = binary.LittleEndian.AppendUint64(c.b, *v)
		return
	}
	*v = binary.LittleEndian.Uint64(c.take(8))
}

func (c *codec) float(v *float32) {
	if !c.reading {
		c.b = binary.LittleEndian.AppendUint32(c.b, math.Float32bits(*v))
		return
	}
	*v = math.Float32frombits(binary.LittleEndian.Uint32(c.take(4)))
}

func (c *codec) float64(v *float64) {
	u := math.Float64bits(*v)
	c.fixed64(&u)
	*v = math.Float64frombits(u)
}

func (c *codec) text(s *string) {
	n := c.count(len(*s), 1)
	if !c.reading {
		c.b = append(c.b, *s...)
		return
	}
	*s = string(c.take(n))
}

// textIn is a text that is kept beside others.
func (c *codec) textIn(in *texts, s *string) {
	if !c.reading {
		c.text(s)
		return
	}
	*s = in.keep(string(c.take(c.count(0, 1))))
}

// name is a text that comes again and again: after the first time, a number, which
// it returns.
func (c *codec) name(s *string) int {
	if !c.reading {
		n, ok := c.numbers[*s]
		if !ok {
			n = uint64(len(c.numbers))
			c.numbers[*s] = n
		}
		c.uint(&n)
		if !ok {
			c.text(s)
		}
		return int(n)
	}
	var n uint64
	c.uint(&n)
	switch {
	case n < uint64(len(c.names)):
		*s = c.names[n]
	case n == uint64(len(c.names)) && c.err == nil:
		c.text(s)
		c.names = append(c.names, *s)
	default:
		c.fail("a name was not given before")
		return 0
	}
	return int(n)
}

// slots are slots below n.
func (c *codec) slots(list *[]int32, n int) {
	k := c.count(len(*list), 1)
	if c.reading {
		*list = slices.Grow((*list)[:0], k)[:k]
	}
	for i := range *list {
		c.slot(&(*list)[i], n)
	}
}

// each is a list of anything, of which each takes at least so many bytes.
func each[T any](c *codec, list *[]T, least int, one func(*T)) {
	n := c.count(len(*list), least)
	if c.reading {
		*list = make([]T, n)
	}
	for i := range *list {
		one(&(*list)[i])
	}
}

// table is a map, written in the order of its keys, so that equal engines are
// written alike.
func table[K int32 | string, V any](c *codec, m *map[K]V, one func(*K, *V)) {
	n := c.count(len(*m), 2)
	if !c.reading {
		for _, k := range slices.Sorted(maps.Keys(*m)) {
			v := (*m)[k]
			one(&k, &v)
		}
		return
	}
	*m = make(map[K]V, n)
	for range n {
		var k K
		var v V
		if one(&k, &v); c.err == nil {
			(*m)[k] = v
		}
	}
}

// bytes are bytes that are kept as they are.
func (c *codec) bytes(list *[]int8) {
	n := c.count(len(*list), 1)
	if !c.reading {
		for _, v := range *list {
			c.b = append(c.b, byte(v))
		}
		return
	}
	*list = make([]int8, n)
	for i, v := range c.take(n) {
		(*list)[i] = int8(v)
	}
}

func (c *codec) aim(a *aim) {
	n := c.count(len(*a), 2)
	if !c.reading {
		for _, v := range *a {
			c.b = binary.LittleEndian.AppendUint16(c.b, uint16(v))
		}
		return
	}
	*a = make(aim, n)
	b := c.take(2 * n)
	for i := range *a {
		(*a)[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
}
