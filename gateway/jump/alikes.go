package jump

// spoke is which kind of evidence spoke for an item.
type spoke uint8

const (
	spokeNothing spoke = iota
	spokePlaylist
	spokeSession
	spokeAlbum
	spokeArtist
	spokeBeside // artists of one kind, by the lists that they share
	spokeTags
	spokeSound
)

// cause is what spoke most for an item.
type cause struct {
	v    float32
	seed int32 // a slot, an artist for spokeBeside, -1 for none in particular
	from spoke
}

// alike is how like an item is to the seeds, and why.
type alike struct {
	v     float32
	count float32 // of lists shared with one seed, while that is looked at
	why   cause
}

// offer adds to the likeness for a reason.
func (a *alike) offer(w float32, seed int32, from spoke) {
	a.v += w
	if w > a.why.v {
		a.why = cause{w, seed, from}
	}
}

// likeness is how like some items are to the seeds, and why.
type likeness struct {
	places
	rows  []alike // by place
	kept  []alike
	known float64 // how much is known of the seeds, as a confidence
	sound heardAs
}

func (k *likeness) begin() {
	k.places.begin()
	k.rows = k.rows[:0]
	k.known = 0
	k.sound.aim = k.sound.aim[:0]
}

// row returns the place of a slot.
func (k *likeness) row(slot int32) int32 {
	i := k.of(slot)
	if int(i) == len(k.rows) {
		k.rows = append(k.rows, alike{})
	}
	return i
}

// offer adds to a slot's likeness for a reason.
func (k *likeness) offer(slot int32, w float32, seed int32, from spoke) {
	k.rows[k.row(slot)].offer(w, seed, from)
}

// scored appends every slot with its likeness.
func (k *likeness) scored(to []scored) []scored {
	for i, slot := range k.slots {
		to = append(to, scored{slot, k.rows[i].v})
	}
	return to
}

// keep forgets all but the n that are most alike.
func (k *likeness) keep(n int, best []scored) []scored {
	best = k.scored(best[:0])
	if len(best) <= n {
		return best
	}
	k.kept = k.kept[:0]
	for _, b := range highest(best, n) {
		k.kept = append(k.kept, k.rows[k.find(b.slot)])
	}
	k.places.begin()
	for _, b := range best[:n] {
		k.of(b.slot)
	}
	k.rows, k.kept = k.kept, k.rows
	return best
}

// like returns how like an item is; what was not touched may sound alike.
func (k *likeness) like(e *Engine, s int32) float64 {
	if i := k.find(s); i >= 0 {
		return float64(k.rows[i].v)
	}
	return float64(k.sound.of(e, s))
}
