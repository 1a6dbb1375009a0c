package jump

import (
	"cmp"
	"slices"
)

// mostParts bounds a work: what claims more parts is an album by mistake, and
// its tracks stand alone.
const mostParts = 40

// link puts the parts of a work in a row.
func (e *Engine) link(work int32) {
	parts := slices.Clone(e.works.all[work].items)
	for _, s := range parts {
		e.items[s].before, e.items[s].after = -1, -1
	}
	if len(parts) > mostParts {
		return
	}
	slices.SortFunc(parts, func(a, b int32) int {
		return cmp.Or(cmp.Compare(e.labels[a].part, e.labels[b].part), cmp.Compare(a, b))
	})
	for i, s := range parts[:max(0, len(parts)-1)] {
		e.items[s].after = parts[i+1]
		e.items[parts[i+1]].before = s
	}
}

// head returns the first part of the work that an item belongs to, itself where
// it belongs to none.
func (e *Engine) head(s int32) int32 {
	for e.items[s].before >= 0 {
		s = e.items[s].before
	}
	return s
}

// together brings the parts of a work that a mix holds to the place of the best
// of them, in their order.
func (e *Engine) together(lines []mixLine) []mixLine {
	heads := 0
	for _, m := range lines {
		if e.partOfWork(m.slot) {
			heads++
		}
	}
	if heads < 2 {
		return lines
	}
	parts := map[int32][]mixLine{} // by the head of their work
	for _, m := range lines {
		if e.partOfWork(m.slot) {
			parts[e.head(m.slot)] = append(parts[e.head(m.slot)], m)
		}
	}
	out := make([]mixLine, 0, len(lines))
	for _, m := range lines {
		if !e.partOfWork(m.slot) {
			out = append(out, m)
			continue
		}
		of := parts[e.head(m.slot)]
		delete(parts, e.head(m.slot))
		slices.SortStableFunc(of, func(a, b mixLine) int {
			return cmp.Compare(e.labels[a.slot].part, e.labels[b.slot].part)
		})
		out = append(out, of...)
	}
	return out
}

// partOfWork tells whether a slot, or none, is one of several parts.
func (e *Engine) partOfWork(s int32) bool {
	return s >= 0 && (e.items[s].before >= 0 || e.items[s].after >= 0)
}
