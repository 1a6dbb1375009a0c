package jump

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A snapshot is everything that an engine knows, so that a large library is
// ready sooner than it can be told again: a line that names the format and its
// version, what follows as codec has it, and a CRC-32C of all of that.
const (
	snapshotHead = "jumpgate-engine 1\n"
	snapshotMost = 4 << 30 // bytes
)

// ErrSnapshot says that what was read is not a whole snapshot of this version:
// it is of no use, and the engine has to be told everything again.
var ErrSnapshot = errors.New("jump: not a snapshot of this version")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode writes a snapshot of the engine. It makes it in memory first: 0.3 kB a
// track or so, and about a second for half a million. Errors: those of w.
func (e *Engine) Encode(w io.Writer) error {
	c := &codec{numbers: map[string]uint64{}, b: []byte(snapshotHead)}
	e.code(c)
	c.b = binary.LittleEndian.AppendUint32(c.b, crc32.Checksum(c.b, castagnoli))
	if _, err := w.Write(c.b); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	return nil
}

// Decode reads a snapshot to its end and returns an engine that knows what the
// one knew that wrote it. What it takes in memory is in proportion to what it
// reads, at most 4 GB of it. Errors: ErrSnapshot, wrapped; those of r.
func Decode(cfg Config, r io.Reader) (*Engine, error) {
	b, err := io.ReadAll(io.LimitReader(r, snapshotMost))
	if err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	n := len(b) - crc32.Size
	switch {
	case n < len(snapshotHead) || string(b[:len(snapshotHead)]) != snapshotHead:
		return nil, fmt.Errorf("%w: it begins otherwise", ErrSnapshot)
	case crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]):
		return nil, fmt.Errorf("%w: it is damaged or not whole", ErrSnapshot)
	}
	e := New(cfg)
	c := &codec{reading: true, b: b[len(snapshotHead):n]}
	e.code(c)
	if c.err == nil && len(c.b) > 0 {
		c.fail("there is more than there should be")
	}
	if c.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, c.err)
	}
	return e, nil
}

// code is the format.
func (e *Engine) code(c *codec) {
	e.codeCatalogue(c)
	n := len(e.items)
	for _, b := range []*baskets{&e.inLists, &e.inSessions} {
		b.lists.code(c, n)
		if c.reading {
			b.rebuild(n)
		}
	}
	e.codeLists(c)
	e.vectors.code(c, n)
	e.sounds.code(c, n)
	e.codeNeighbours(c)
	e.codeHearing(c)
	e.codeListeners(c)
}

// codeCatalogue is what there is.
func (e *Engine) codeCatalogue(c *codec) {
	var of [4]int // how many groups of each sort there are
	all := [4]*groups{&e.artists, &e.albums, &e.tags, &e.works}
	for i, g := range all {
		of[i] = c.count(len(g.all), 1)
	}
	n := c.count(len(e.items), 16)
	if c.reading {
		e.items, e.labels = make([]entry, n), make([]label, n)
		e.slots = make(map[string]int32, n)
	}
	for i := range e.items {
		e.codeItem(c, int32(i), of)
	}
	for i, g := range all {
		g.code(c, n, of[i])
	}
	table(c, (*map[string]string)(&e.aliases), func(name, of *string) {
		c.text(name)
		c.text(of)
	})
	if c.reading {
		e.relate(c)
	}
}

// relate makes what follows from the items that were read.
func (e *Engine) relate(c *codec) {
	e.edition = 1
	e.makers = make([]int32, len(e.items))
	e.heat, e.vogue = make([]heat, len(e.items)), make([]vogue, len(e.items))
	for i := range e.items {
		en, la, s := &e.items[i], &e.labels[i], int32(i)
		e.makers[i] = en.artist
		e.slots[la.id] = s
		en.before, en.after, la.same = -1, -1, -1
		if !en.live {
			la.recording = 0
			continue
		}
		e.live++
		if la.recording != 0 {
			if last, ok := e.twins[la.recording]; ok {
				la.same = last
			}
			e.twins[la.recording] = s
		}
	}
	if len(e.slots) != len(e.items) {
		c.fail("an item comes twice")
		return
	}
	part := make([]bool, len(e.items))
	for i := range e.works.all {
		for _, s := range e.works.all[i].items {
			if part[s] {
				c.fail("an item is a part of two works")
				return
			}
			part[s] = true
		}
		e.link(int32(i))
	}
}

// codeItem is one item.
func (e *Engine) codeItem(c *codec, s int32, groups [4]int) {
	en, la, n := &e.items[s], &e.labels[s], len(e.items)
	c.textIn(&e.texts, &la.id)
	c.textIn(&e.texts, &la.title)
	for _, w := range la.shared() {
		e.words.code(c, w)
	}
	integer(c, &la.year)
	integer(c, &la.part)
	integer(c, &la.duration)
	c.flag(&en.speech)
	c.flag(&en.live)
	c.ref(&en.artist, groups[0])
	c.ref(&en.composer, groups[0])
	c.ref(&en.album, groups[1])
	if !c.reading {
		tags := e.tagged.of(en)
		c.slots(&tags, groups[2])
	} else {
		c.slots(&c.tags, groups[2])
		en.tags = e.tagged.number(c.tags)
	}
	c.ref(&la.work, groups[3])
	c.slot(&en.twin, n)
	c.fixed64(&la.recording)
}

// code is the number of a text: the codec numbers them too, as they come.
func (w *words) code(c *codec, number *int32) {
	if !c.reading {
		c.name(&w.all[*number])
		return
	}
	var s string
	n := c.name(&s)
	for len(c.words) <= n {
		c.words = append(c.words, -1)
	}
	if c.words[n] < 0 {
		c.words[n] = w.number(s)
	}
	*number = c.words[n]
}

// code is all groups of one sort.
func (g *groups) code(c *codec, n, of int) {
	if c.reading {
		g.all = make([]group, of)
	}
	for i := range g.all {
		gr := &g.all[i]
		c.name((*string)(&gr.kind))
		c.text(&gr.key)
		c.name(&gr.name)
		c.float64(&gr.weight)
		c.slots(&gr.items, n)
	}
	table(c, &g.index, func(key *string, i *int32) {
		c.text(key)
		c.slot(i, of)
	})
}
