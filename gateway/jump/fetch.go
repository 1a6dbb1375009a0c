package jump

// What a request looks at lies far apart in memory in a large library. A processor
// fetches ten lines of it side by side in the time that it waits for one: what is
// looked at one after the other is read in beforehand. The sums are kept so that the
// reading is not left out.

// fetch reads in what is kept of some items.
func (e *Engine) fetch(slots []int32) {
	e.fetchItems(slots)
	e.sounds.unit.fetch(slots)
}

func (e *Engine) fetchItems(slots []int32) {
	read := int32(0)
	for _, s := range slots {
		read += e.items[s].artist
	}
	e.scratch.read = float32(read)
}

// fetchGroups reads in the artists and albums of some items.
func (e *Engine) fetchGroups(slots []int32) {
	read := 0
	for _, s := range slots {
		if a := e.items[s].artist; a >= 0 {
			read += len(e.artists.all[a].items)
		}
		if a := e.items[s].album; a >= 0 {
			read += len(e.albums.all[a].items)
		}
	}
	e.scratch.read = float32(read)
}

// fetchMass reads in the masses of the rows found.
func (sc *scratch) fetchMass(b *baskets) {
	read := float32(0)
	for _, i := range sc.found {
		read += b.mass[sc.like.slots[i]]
	}
	sc.read = read
}

// fetchVectors reads in the vectors of some lines.
func (e *Engine) fetchVectors(lines []mixLine) {
	slots := e.scratch.slots[:0]
	for _, m := range lines {
		if m.slot >= 0 {
			slots = append(slots, m.slot)
		}
	}
	e.scratch.slots = slots
	e.vectors.fetch(slots)
	e.sounds.unit.fetch(slots)
}
