package jump

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// NeighboursHeader is the first line of the format of neighbours that were
// computed elsewhere:
//
//	jumpgate-neighbours 1
//	# a comment
//	<item>TAB<neighbour>TAB<likeness>
//
// UTF-8, a pair a line, likeness in (0, 1]: 1 is as alike as two tracks get. A
// pair says that whoever hears the item may like the neighbour next; the other
// way round it is another pair. Empty lines and what begins with # are passed
// over.
const NeighboursHeader = "jumpgate-neighbours 1"

// Limits on the format.
const (
	mostPairs      = 20_000_000
	mostNeighbours = 200 // of an item
	mostPairLine   = 4096
)

// ErrNeighbours says that some bytes are not in the format of neighbours.
var ErrNeighbours = errors.New("jump: not a list of neighbours")

// Neighbours are pairs that were computed elsewhere.
type Neighbours struct {
	of map[string][]neighbour
	n  int
}

type neighbour struct {
	id   string
	like float32
}

// Len returns how many pairs there are.
func (n Neighbours) Len() int { return n.n }

// Items returns how many items have neighbours.
func (n Neighbours) Items() int { return len(n.of) }

// Renamed returns the pairs by other ids: each item is what to returns for it,
// several or none, and no item is its own neighbour.
func (n Neighbours) Renamed(to func(id string) []string) Neighbours {
	out := Neighbours{of: map[string][]neighbour{}}
	for id, list := range n.of {
		for _, item := range to(id) {
			row := out.of[item]
			for _, x := range list {
				for _, near := range to(x.id) {
					if near != item && len(row) < mostNeighbours {
						row = append(row, neighbour{near, x.like})
					}
				}
			}
			if out.n += len(row) - len(out.of[item]); len(row) > 0 {
				out.of[item] = row
			}
		}
	}
	return out
}

// ReadNeighbours reads the format of [NeighboursHeader]. Errors: ErrNeighbours,
// wrapped, with the line; those of the reader.
func ReadNeighbours(r io.Reader) (Neighbours, error) {
	out := Neighbours{of: map[string][]neighbour{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, mostPairLine)
	at := 0
	fail := func(what string) (Neighbours, error) {
		return Neighbours{}, fmt.Errorf("%w: line %d: %s", ErrNeighbours, at, what)
	}
	for lines.Scan() {
		at++
		line := strings.TrimSuffix(lines.Text(), "\r")
		if at == 1 {
			if line != NeighboursHeader {
				return fail(fmt.Sprintf("it begins with %.40q, not with %q", line, NeighboursHeader))
			}
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || fields[0] == "" || fields[1] == "" {
			return fail("not an item, a neighbour and a likeness with tabs between them")
		}
		like, err := strconv.ParseFloat(fields[2], 32)
		if err != nil || math.IsNaN(like) || like <= 0 || like > 1 {
			return fail(fmt.Sprintf("the likeness %.20q is not above 0 and at most 1", fields[2]))
		}
		if len(out.of[fields[0]]) == mostNeighbours {
			return fail(fmt.Sprintf("more than %d neighbours of one item", mostNeighbours))
		}
		if out.n == mostPairs {
			return fail(fmt.Sprintf("more than %d pairs", mostPairs))
		}
		out.of[fields[0]] = append(out.of[fields[0]], neighbour{fields[1], float32(like)})
		out.n++
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		at++
		return fail(fmt.Sprintf("longer than %d bytes", mostPairLine))
	}
	if err := lines.Err(); err != nil {
		return Neighbours{}, fmt.Errorf("read neighbours: %w", err)
	}
	if at == 0 {
		return fail("it is empty")
	}
	return out, nil
}

// SetNeighbours has neighbours from elsewhere count for likeness, as much as a
// shared artist at most and less where the home's own lists say enough. They
// take the place of those that were set before; items that are not in the
// catalogue are kept until they come.
func (e *Engine) SetNeighbours(n Neighbours) {
	e.neighbours = make(map[int32][]beside, len(n.of))
	for id, list := range n.of {
		row := make([]beside, len(list))
		for i, x := range list {
			row[i] = beside{e.slot(x.id), x.like}
		}
		e.neighbours[e.slot(id)] = row
	}
}

// beside is a neighbour of an item.
type beside struct {
	slot int32
	like float32
}

// likeNeighbours is what the likeness of a neighbour from elsewhere counts: a
// guess, beside that of a shared artist.
const likeNeighbours = 0.12

// spreadNeighbours adds what was computed elsewhere.
func (e *Engine) spreadNeighbours(seeds []seed) {
	if len(e.neighbours) == 0 {
		return
	}
	like := &e.scratch.like
	for _, s := range seeds {
		w := float32(likeNeighbours * s.weight * (1 - (1-namesKept)*like.known))
		for _, n := range e.neighbours[s.slot] {
			like.offer(n.slot, w*n.like, s.slot, spokeSession)
		}
	}
}
