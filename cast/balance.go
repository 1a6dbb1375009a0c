package cast

// Balance remembers how loud the members of a group are beside each other. It
// exists because devices scale volumes by multiplying: a member that was rounded
// to 0 on the way down stays there, and so does the whole group after 0.
//
// The group's volume is the mean of its members'. Raising or lowering it scales
// them all; a member that was not at 0 by its own choice never gets there unless
// the group does; one that somebody turned to 0 beside others that play stays at
// 0. Members that come back have the share they had. The zero value is ready. It
// is not safe for concurrent use.
type Balance struct {
	share map[string]float64 // level relative to the mean of the members
}

// quiet is the lowest level that is not silence: devices count in percent.
const quiet = 0.01

// Observe takes note of the members' levels, as a device reported them.
func (b *Balance) Observe(members []Member) {
	mean := meanVolume(members)
	if mean < quiet {
		return // the proportions cannot be seen in silence
	}
	if b.share == nil {
		b.share = map[string]float64{}
	}
	for _, m := range members {
		// At the bottom the steps of a device are coarser than the proportions:
		// what was known before is better.
		if before, known := b.share[m.ID]; known && m.Volume < 2*quiet && before*mean < 2*quiet && before > 0 {
			continue
		}
		b.share[m.ID] = m.Volume / mean
	}
}

// Levels returns the level of every member, by id, that brings the group to a
// volume of 0 to 1.
func (b *Balance) Levels(members []Member, volume float64) map[string]float64 {
	volume = min(max(volume, 0), 1)
	share := make(map[string]float64, len(members))
	total := 0.0
	for _, m := range members {
		s, known := b.share[m.ID]
		if !known {
			s = 1
		}
		share[m.ID] = s
		total += s
	}
	out := make(map[string]float64, len(members))
	if total == 0 {
		// All were turned to 0 one by one: they rise together.
		for id := range share {
			out[id] = volume
		}
		return out
	}
	// Members that would be louder than full are full; the others make up for
	// it, until nothing more changes.
	rest, sum := volume*float64(len(members)), total
	for range members {
		scale := rest / sum
		grew := false
		for id, s := range share {
			if _, done := out[id]; !done && s > 0 && s*scale > 1 {
				out[id], grew = 1, true
				rest--
				sum -= s
			}
		}
		if !grew || sum <= 0 {
			break
		}
	}
	for id, s := range share {
		if _, done := out[id]; done {
			continue
		}
		out[id] = 0
		if s > 0 && volume > 0 && sum > 0 {
			out[id] = min(max(s*max(rest, 0)/sum, quiet), 1)
		}
	}
	return out
}

func meanVolume(members []Member) float64 {
	if len(members) == 0 {
		return 0
	}
	sum := 0.0
	for _, m := range members {
		sum += m.Volume
	}
	return sum / float64(len(members))
}
