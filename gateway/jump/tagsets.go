package jump

import "encoding/binary"

// tagSets are the sets of tags that items have: those of one album have one, as a
// rule, so that what is asked of tags is asked once for many items.
type tagSets struct {
	index map[string]int32
	all   rows // tags
	key   []byte
}

// number returns the number of a set, -1 for the empty one.
func (t *tagSets) number(tags []int32) int32 {
	if len(tags) == 0 {
		return -1
	}
	t.key = t.key[:0]
	for _, tag := range tags {
		t.key = binary.AppendUvarint(t.key, uint64(tag))
	}
	if n, ok := t.index[string(t.key)]; ok {
		return n
	}
	n := int32(t.all.len())
	if t.index == nil {
		t.index = map[string]int32{}
	}
	t.index[string(t.key)] = n
	t.all.grow(int(n) + 1)
	t.all.set(n, tags)
	return n
}

// of returns the tags of an item.
func (t *tagSets) of(en *entry) []int32 {
	if en.tags < 0 {
		return nil
	}
	return t.all.at(en.tags)
}
