package jump

// Bounds on the contexts that one JUMP weighs in a large library.
const (
	mostHeads     = 4096 // playlists compared by the first numbers of their vectors,
	headRank      = 16   // so many: the nearest by these,
	headsEach     = 5    // so many times the number wanted, are compared by all
	mostInMood    = 24   // tracks of a mood
	mostGroups    = 2000
	strangeGroups = 4 // of each sort at random, so that a JUMP always has a choice
)

// salts keep contexts of different kinds apart in the noise.
const (
	saltLists int32 = iota << 24
	saltAlbums
	saltArtists
	saltTags
	saltSpots
	saltSounds
	saltShown
)

// eachLanding considers the contexts that a JUMP may land in: all of them in a
// library that is not large; else those that hold what is like the thread, the
// playlists that are nearest by vector, and some at random.
func (e *Engine) eachLanding(r Request, p *press) {
	p.shown()
	for i := range e.spots {
		s := &e.spots[i]
		p.consider(Context{Kind: KindSpot, ID: s.id}, s.slots, nil, saltSpots+int32(i))
	}
	for i := range e.sounds.cells.moods {
		m := &e.sounds.cells.moods[i]
		p.consider(Context{Kind: KindSound, ID: m.id}, e.sounds.cells.some(m, mostInMood), nil, saltSounds+int32(i))
	}
	if e.live <= wholeLibrary {
		p.groups(&e.tags, saltTags, 0, min(mostGroups, len(e.tags.all)))
		p.groups(&e.albums, saltAlbums, 0, len(e.albums.all))
		p.groups(&e.artists, saltArtists, 0, len(e.artists.all))
	} else {
		p.reached()
		for i := range int32(strangeGroups) {
			for k, gs := range []*groups{&e.albums, &e.artists, &e.tags} {
				at := int(noise(r.Seed+2, i) * float64(len(gs.all)))
				p.groups(gs, saltAlbums+int32(k)<<24, at, min(at+1, len(gs.all)))
			}
		}
	}
	if p.to == nil || len(e.lists) <= e.forJump().nearLists {
		step := max(1, len(e.lists)/mostGroups)
		for i := int(noise(r.Seed+3, 0) * float64(step)); i < len(e.lists); i += step {
			p.list(i)
		}
		return
	}
	for _, b := range e.nearest(p.to, r.Seed+4) {
		p.list(int(b.slot))
	}
}

// shown considers where the listener was told that the JUMP would lead, however
// little else speaks for it.
func (p *press) shown() {
	switch c := p.r.Shown; c.Kind {
	case KindTaste, "", KindTrack:
	case KindPlaylist:
		if i, ok := p.e.playlists[c.ID]; ok {
			p.list(int(i))
		}
	default:
		p.consider(Context{Kind: c.Kind, ID: c.ID}, p.e.slotsOf(c), nil, saltShown)
	}
}

func (p *press) list(i int) {
	e := p.e
	if l := &e.lists[i]; !l.gone {
		var v []float32
		if p.to != nil {
			v = e.listVector(i)
		}
		p.consider(Context{Kind: KindPlaylist, ID: l.id}, e.inLists.lists.at(int32(i)), v, saltLists+int32(i))
	}
}

func (p *press) groups(gs *groups, salt int32, from, to int) {
	for i := from; i < to; i++ {
		if g := &gs.all[i]; g.kind != kindDecade {
			p.consider(Context{Kind: g.kind, ID: g.key}, g.items, nil, salt+int32(i))
		}
	}
}

// reached considers the albums, artists, tags and playlists that hold most of
// what is like the thread.
func (p *press) reached() {
	e, sc := p.e, &p.e.scratch
	most := e.forJump()
	albums, artists, tags, lists := &sc.score, &sc.beside, &sc.artist, &sc.groups
	for _, of := range []*sums{albums, artists, tags, lists} {
		of.begin()
	}
	sc.best = p.like.scored(sc.best[:0])
	for _, b := range highest(sc.best, most.landingItems) {
		s, v := b.slot, b.v
		en := &e.items[s]
		if en.album >= 0 {
			albums.add(en.album, v)
		}
		if en.artist >= 0 {
			artists.add(en.artist, v)
		}
		for _, t := range e.tagged.of(en) {
			tags.add(t, v)
		}
		if p.to == nil {
			of, _ := e.inLists.newest(s, 8)
			for _, l := range of {
				lists.add(l, v)
			}
		}
	}
	for k, of := range []*sums{albums, artists, tags} {
		gs := []*groups{&e.albums, &e.artists, &e.tags}[k]
		sc.best = of.scored(sc.best[:0])
		for _, b := range highest(sc.best, most.landings) {
			p.groups(gs, saltAlbums+int32(k)<<24, int(b.slot), int(b.slot)+1)
		}
	}
	sc.best = lists.scored(sc.best[:0])
	for _, b := range highest(sc.best, most.landings) {
		p.list(int(b.slot))
	}
}

// listHead is the first numbers of a playlist's vector as an aim, zero beyond its
// rank.
type listHead [headRank]int16

// times returns the inner product, times aimSteps squared. It is written out: a
// JUMP asks it of every playlist.
func (h *listHead) times(o *listHead) int32 {
	s := int32(h[0])*int32(o[0]) + int32(h[1])*int32(o[1]) + int32(h[2])*int32(o[2]) + int32(h[3])*int32(o[3])
	s += int32(h[4])*int32(o[4]) + int32(h[5])*int32(o[5]) + int32(h[6])*int32(o[6]) + int32(h[7])*int32(o[7])
	s += int32(h[8])*int32(o[8]) + int32(h[9])*int32(o[9]) + int32(h[10])*int32(o[10]) + int32(h[11])*int32(o[11])
	return s + int32(h[12])*int32(o[12]) + int32(h[13])*int32(o[13]) + int32(h[14])*int32(o[14]) + int32(h[15])*int32(o[15])
}

// headOf returns the head of a unit vector.
func headOf(v []float32) (h listHead) {
	aimed(h[:0], v[:min(headRank, len(v))])
	return h
}

// nearest returns the playlists that are nearest to a direction, first by the
// heads of their vectors, then by all: of more than mostHeads another part for
// another seed.
func (e *Engine) nearest(to []float32, seed uint64) []scored {
	e.fillHeads()
	aim := headOf(to)
	most := e.forJump().nearLists
	near := top{most: headsEach * most, of: e.scratch.near[:0]}
	n := len(e.heads)
	from := int(noise(seed, 0) * float64(n))
	for k := range min(n, mostHeads) {
		i := from + k
		if i >= n {
			i -= n
		}
		if v := float32(aim.times(&e.heads[i])); near.takes(v) {
			near.offer(int32(i), v)
		}
	}
	e.scratch.near = near.of
	for i, b := range near.of {
		near.of[i].v = dot(to, e.listVector(int(b.slot)))
	}
	return highest(near.of, most)
}

// fillHeads keeps the heads of every playlist's vector side by side.
func (e *Engine) fillHeads() {
	for _, p := range e.moved {
		if int(p) < len(e.heads) {
			e.heads[p] = headOf(e.listVector(int(p)))
		}
	}
	e.moved = e.moved[:0]
	for i := len(e.heads); i < len(e.lists); i++ {
		e.heads = append(e.heads, headOf(e.listVector(i)))
	}
}
