package main

// house is one home of protocol H.
type house struct {
	history []basket
	rest    []play // what is predicted, in turn
	library []int32
}

type play struct {
	who  int
	item int32
}

// homes takes listeners with enough different tracks three by three.
func homes(users []basket, p part) []house {
	var out []house
	var three []basket
	for _, u := range users {
		if u.id%10 != p.digit || len(distinct(u.items)) < homeLeast {
			continue
		}
		three = append(three, u)
		if len(three) == 3 {
			out = append(out, newHouse(three))
			three = nil
		}
	}
	return out
}

// homeLeast leaves libraries in which 20 tracks are not most of what there is.
const homeLeast = 41

func newHouse(three []basket) house {
	var h house
	var all []int32
	for _, u := range three {
		cut := len(u.items) * 2 / 3
		h.history = append(h.history, basket{u.id, u.items[:cut]})
		all = append(all, u.items...)
	}
	h.library = distinct(all)
	for who, u := range three { // one listener's after the other's
		for _, it := range u.items[len(u.items)*2/3:] {
			h.rest = append(h.rest, play{who, it})
		}
	}
	return h
}
