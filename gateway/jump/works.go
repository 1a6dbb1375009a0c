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
func (e *Engine) together(picks []Pick) []Pick {
	parts := map[int32][]Pick{}
	heads := make([]int32, len(picks))
	found := false
	for i, p := range picks {
		heads[i] = -1
		s, ok := e.liveSlot(p.Item)
		if !ok || e.items[s].before < 0 && e.items[s].after < 0 {
			continue
		}
		heads[i] = e.head(s)
		parts[heads[i]] = append(parts[heads[i]], p)
		found = found || len(parts[heads[i]]) > 1
	}
	if !found {
		return picks
	}
	out := make([]Pick, 0, len(picks))
	for i, p := range picks {
		if heads[i] < 0 {
			out = append(out, p)
			continue
		}
		of := parts[heads[i]]
		delete(parts, heads[i])
		slices.SortStableFunc(of, func(a, b Pick) int {
			return cmp.Compare(e.labels[e.slots[a.Item]].part, e.labels[e.slots[b.Item]].part)
		})
		out = append(out, of...)
	}
	return out
}
