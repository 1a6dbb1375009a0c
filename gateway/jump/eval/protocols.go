package main

import (
	"fmt"
	"slices"
)

// part says which part of the data is held back: ids that end with the digit.
// That of the test is 0; hyper-parameters are chosen on 1, without looking at
// the test part.
type part struct {
	digit int
	every int // every n-th of the part alone
}

// splitTenth holds back the baskets whose id ends with the digit of the part.
func splitTenth(all []basket, p part) (train, held []basket) {
	for _, b := range all {
		switch b.id % 10 {
		case p.digit:
			held = append(held, b)
		case 0: // the test part stays unseen
		default:
			train = append(train, b)
		}
	}
	return train, p.some(held)
}

// some returns every n-th of what is held back.
func (p part) some(held []basket) []basket {
	var out []basket
	for i := 0; i < len(held); i += p.every {
		out = append(out, held[i])
	}
	return out
}

// method is what is measured.
type method interface {
	// sessions learns sessions in order of time.
	sessions(train []basket, items int) next
	// lists learns playlists, and tracks where there are any.
	lists(train []basket, tracks []track, items int) lists
	// listeners learns what listeners heard, in order of time.
	listeners(train []basket, items int) lists
	// home learns what the listeners of one home heard, in turn.
	home(history []basket, library []int32) home
}

// next predicts what follows a session: at least the n best, all that is not
// there counts as a miss. With fresh the session's own items are no candidates.
type next func(session []int32, fresh bool, n int) []scored

// lists answers what playlists and listeners are asked.
type lists interface {
	// more ranks what goes with the items, best first, at least n.
	more(items []int32, n int) []scored
	// mix scores a list by a profile.
	mix(profile, list []int32) []float32
	// places makes the contexts known between which similar chooses.
	places(contexts [][]int32)
	// similar scores every context by its likeness to the items; pull is the
	// share of the likeness that the start counts.
	similar(items, start []int32, pull float32) []float32
}

// home predicts one listener's next play and is told what it was.
type home interface {
	next(who int, n int) []scored
	played(who int, item int32)
}

// protocolA: every prefix of every test session predicts its next item.
func protocolA(c *corpus, m method, p part, out *sums) {
	train, held := c.train, c.test
	if p.digit != 0 { // the last tenth of the training sessions
		cut := len(train) * 9 / 10
		train, held = train[:cut], train[cut:]
	}
	predict := m.sessions(train, size(c.train, c.test))
	for _, s := range p.some(held) {
		for i := 1; i < len(s.items); i++ {
			prefix, want := s.items[:i], s.items[i]
			is := func(it int32) bool { return it == want }
			out.single("A.all", rank(ranking(predict(prefix, false, 20), is), is))
			if !slices.Contains(prefix, want) {
				out.single("A.new", rank(ranking(predict(prefix, true, 20), is), is))
			}
		}
	}
}

// rank returns the place of the first target, from 1; 0 if it is not there.
func rank(list []scored, target func(int32) bool) int {
	return 1 + slices.IndexFunc(list, func(s scored) bool { return target(s.item) })
}

// protocolB: the first K tracks of a playlist find the rest.
func protocolB(c *corpus, m method, p part, out *sums) {
	train, held := splitTenth(c.playlists, p)
	model := m.lists(train, c.tracks, len(c.tracks))
	continuation(c, model, held, "B", []int{1, 10}, out)
}

// protocolF: the same when only the first few playlists are known.
func protocolF(c *corpus, m method, p part, out *sums) {
	train, held := splitTenth(c.playlists, p)
	for _, n := range []int{0, 100, 300, 1000} {
		model := m.lists(train[:min(n, len(train))], c.tracks, len(c.tracks))
		each := newSums()
		continuation(c, model, held, "F", []int{1}, each)
		out.add(fmt.Sprintf("F.%d.hr20", n), each.mean("F.k1.hr20"))
		out.add(fmt.Sprintf("F.%d.ndcg100", n), each.mean("F.k1.ndcg100"))
	}
}

func continuation(c *corpus, model lists, held []basket, name string, seeds []int, out *sums) {
	for _, b := range held {
		items := hashed(b.id, b.items)
		for _, k := range seeds {
			if len(items) < k+5 {
				continue
			}
			targets := setOf(items[k:])
			list := model.more(items[:k], max(100, len(targets)))
			list = ranking(list, func(it int32) bool { return targets[it] })
			out.many(fmt.Sprintf("%s.k%d", name, k), list, targets)
			if k == 1 && name == "B" {
				otherArtists(c.tracks, items[0], list, targets, out)
			}
		}
	}
}

// otherArtists measures the same ranking without the seed's artist, whose
// tracks are the easy part.
func otherArtists(tracks []track, seed int32, list []scored, targets map[int32]bool, out *sums) {
	if int(seed) >= len(tracks) {
		return
	}
	artist := tracks[seed].artist
	same := func(it int32) bool { return int(it) < len(tracks) && tracks[it].artist == artist }
	left := map[int32]bool{}
	for it := range targets {
		if !same(it) {
			left[it] = true
		}
	}
	if len(left) > 0 {
		out.many("B.k1.otherartists", slices.DeleteFunc(slices.Clone(list), func(s scored) bool { return same(s.item) }), left)
	}
}

// protocolC: a new listener's first tracks find the others.
func protocolC(c *corpus, m method, p part, out *sums) {
	train, held := splitTenth(c.users, p)
	model := m.listeners(train, size(c.users))
	for _, b := range held {
		items := hashed(b.id, b.items)
		if len(items) < 15 {
			continue
		}
		for _, k := range []int{1, 2, 5, 10} {
			targets := setOf(items[k:])
			list := ranking(model.more(items[:k], max(100, len(targets))), func(it int32) bool { return targets[it] })
			out.many(fmt.Sprintf("C.k%d", k), list, targets)
		}
	}
}

// protocolD: the most popular 200 are re-sorted for a listener, or a playlist,
// of at least ten tracks. Those of the profile are no candidates.
func protocolD(c *corpus, m method, p part, out *sums) {
	if c.users != nil {
		train, held := splitTenth(c.users, p)
		mixes(m.listeners(train, size(c.users)), train, held, "D.lastfm", out)
	}
	if c.playlists != nil {
		train, held := splitTenth(c.playlists, p)
		mixes(m.lists(train, c.tracks, len(c.tracks)), train, held, "D.polimi", out)
	}
}

func mixes(model lists, train, held []basket, name string, out *sums) {
	chart := popular(train, 200)
	for _, b := range held {
		items := hashed(b.id, b.items)
		if len(items) < 10 {
			continue
		}
		half := len(items) / 2
		profile, targets := setOf(items[:half]), setOf(items[half:])
		var candidates []int32
		for _, it := range chart {
			if !profile[it] {
				candidates = append(candidates, it)
			}
		}
		score := model.mix(items[:half], candidates)
		list := make([]scored, len(candidates))
		for i, it := range candidates {
			list[i] = scored{it, score[i]}
		}
		out.auc(name, ranking(list, func(it int32) bool { return targets[it] }), targets)
	}
}

// popular returns the n items that stand in most baskets, the first of them
// first.
func popular(train []basket, n int) []int32 {
	count := make([]int, size(train))
	for _, b := range train {
		for _, it := range distinct(b.items) {
			count[it]++
		}
	}
	order := make([]int32, len(count))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return count[b] - count[a] })
	return order[:min(n, len(order))]
}

// protocolH: homes of three listeners, whose next plays are predicted in turn.
func protocolH(c *corpus, m method, p part, out *sums) {
	for _, h := range homes(c.users, p) {
		model := m.home(h.history, h.library)
		for _, q := range h.rest {
			list := ranking(model.next(q.who, 20), func(it int32) bool { return it == q.item })
			out.single("H", rank(list, func(it int32) bool { return it == q.item }))
			model.played(q.who, q.item)
		}
	}
}
