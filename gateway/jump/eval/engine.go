package main

import (
	"strconv"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
)

// engine measures the recommender as it is, with one setting for everything.
type engine struct{}

var evening = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// names are the ids of items as the engine takes them.
type names []string

func newNames(n int) names {
	out := make(names, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}

func (n names) of(items []int32) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = n[it]
	}
	return out
}

func scoredOf(list []jump.Ranked) []scored {
	out := make([]scored, len(list))
	for i, r := range list {
		id, _ := strconv.ParseInt(r.Item, 10, 32) // an id that newNames made
		out[i] = scored{int32(id), float32(r.Score)}
	}
	return out
}

// catalogue makes items of what is known of them.
func (n names) catalogue(tracks []track) []jump.Item {
	items := make([]jump.Item, len(n))
	for i, id := range n {
		items[i].ID = id
		if i < len(tracks) {
			t := tracks[i]
			items[i].Artist, items[i].ArtistID = t.artist, t.artist
			items[i].Album, items[i].AlbumID = t.album, t.album
		}
	}
	return items
}

func (engine) sessions(train []basket, items int) next {
	n := newNames(items)
	e := jump.New(jump.Config{})
	e.SetCatalogue(n.catalogue(nil))
	for _, b := range train {
		e.AddSession(n.of(b.items))
	}
	e.Learn()
	return func(session []int32, fresh bool, most int) []scored {
		return scoredOf(e.Next(jump.Session{Recent: n.of(session), Fresh: fresh, Now: evening}, most))
	}
}

// known is an engine that learned playlists.
type known struct {
	e *jump.Engine
	names
	at []string // ids of the contexts
}

func (engine) lists(train []basket, tracks []track, items int) lists {
	k := &known{e: jump.New(jump.Config{}), names: newNames(items)}
	k.e.SetCatalogue(k.catalogue(tracks))
	for _, b := range train {
		k.e.SetPlaylist(strconv.Itoa(b.id), "", k.of(b.items))
	}
	k.e.Learn()
	return k
}

// listeners are what other homes heard: a list each, since they are not heard
// here and no taste of theirs is asked for.
func (engine) listeners(train []basket, items int) lists { return engine{}.lists(train, nil, items) }

func (k *known) more(items []int32, n int) []scored { return scoredOf(k.e.Like(k.of(items), n)) }

func (k *known) mix(profile, list []int32) []float32 {
	const who = "new"
	defer k.e.Forget(who)
	for _, it := range profile {
		k.e.SetRating(who, k.names[it], jump.Liked)
	}
	score := map[string]float32{}
	for _, p := range k.e.Mix(who, k.of(list), evening) {
		score[p.Item] = float32(p.Score)
	}
	out := make([]float32, len(list))
	for i, it := range list {
		out[i] = score[k.names[it]]
	}
	return out
}

const spots = "context "

func (k *known) places(contexts [][]int32) {
	for _, id := range k.at {
		k.e.SetSpot(id, "", nil)
	}
	k.at = nil
	for i, c := range contexts {
		id := spots + strconv.Itoa(i)
		k.e.SetSpot(id, "", k.of(c))
		k.at = append(k.at, id)
	}
}

func (k *known) similar(items, start []int32, pull float32) []float32 {
	out := make([]float32, len(k.at))
	for _, near := range k.e.ClosestSpots(k.of(items), k.of(start), float64(pull)) {
		if i, err := strconv.Atoi(near.ID[len(spots):]); err == nil {
			out[i] = float32(near.Score)
		}
	}
	return out
}

// dwelling is a home of three listeners.
type dwelling struct {
	e   *jump.Engine
	n   names
	at  []time.Time
	ran [][]string
}

func (engine) home(history []basket, library []int32) home {
	d := &dwelling{e: jump.New(jump.Config{}), n: newNames(size([]basket{{0, library}}))}
	var items []jump.Item
	for _, it := range library {
		items = append(items, jump.Item{ID: d.n[it], Duration: 4 * time.Minute})
	}
	d.e.SetCatalogue(items)
	for who, b := range history {
		d.at = append(d.at, evening)
		d.ran = append(d.ran, nil)
		for _, it := range b.items {
			d.played(who, it)
		}
	}
	return d
}

func (d *dwelling) played(who int, item int32) {
	d.e.AddPlay(jump.Play{Listener: strconv.Itoa(who), Item: d.n[item], End: jump.Complete, At: d.at[who]})
	d.at[who] = d.at[who].Add(4 * time.Minute)
	d.ran[who] = append(d.ran[who], d.n[item])
}

func (d *dwelling) next(who, n int) []scored {
	return scoredOf(d.e.Next(jump.Session{Listener: strconv.Itoa(who), Recent: d.ran[who], Now: d.at[who]}, n))
}
