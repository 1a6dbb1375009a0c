package jump

// Bounds on the contexts that one JUMP weighs in a large library.
const (
	mostLandings  = 16  // of albums, artists, tags and playlists each: those that
	landingItems  = 120 // hold most of what is like the thread, which are so many
	nearLists     = 20  // playlists by their vectors,
	headLists     = 96  // of those that are nearest by the first
	headRank      = 16  // numbers of them
	mostInMood    = 24  // tracks of a mood
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
	if p.to == nil || len(e.lists) <= nearLists {
		step := max(1, len(e.lists)/mostGroups)
		for i := int(noise(r.Seed+3, 0) * float64(step)); i < len(e.lists); i += step {
			p.list(i)
		}
		return
	}
	for _, b := range e.nearest(p.to) {
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
	albums, artists, tags, lists := &sc.score, &sc.beside, &sc.artist, &sc.groups
	for _, of := range []*sums{albums, artists, tags, lists} {
		of.begin()
	}
	sc.best = p.like.scored(sc.best[:0])
	for _, b := range highest(sc.best, landingItems) {
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
		for _, b := range highest(sc.best, mostLandings) {
			p.groups(gs, saltAlbums+int32(k)<<24, int(b.slot), int(b.slot)+1)
		}
	}
	sc.best = lists.scored(sc.best[:0])
	for _, b := range highest(sc.best, mostLandings) {
		p.list(int(b.slot))
	}
}

// nearest returns the playlists that are nearest to a direction, first by the
// first numbers of their vectors, then by all.
func (e *Engine) nearest(to []float32) []scored {
	rank := min(headRank, e.vectors.rank)
	e.fillHeads(rank)
	near := top{most: headLists, of: e.scratch.near[:0]}
	for i, at := int32(0), 0; at < len(e.heads); i, at = i+1, at+rank {
		near.offer(i, dot(to[:rank], e.heads[at:at+rank]))
	}
	e.scratch.near = near.of
	for i, b := range near.of {
		near.of[i].v = dot(to, e.listVector(int(b.slot)))
	}
	return highest(near.of, nearLists)
}

// fillHeads keeps the first numbers of every playlist's vector side by side.
func (e *Engine) fillHeads(rank int) {
	for _, p := range e.moved {
		if at := int(p) * rank; at < len(e.heads) {
			copy(e.heads[at:at+rank], e.listVector(int(p)))
		}
	}
	e.moved = e.moved[:0]
	for i := len(e.heads) / rank; i < len(e.lists); i++ {
		e.heads = append(e.heads, e.listVector(i)[:rank]...)
	}
}
