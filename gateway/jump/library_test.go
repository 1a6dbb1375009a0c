package jump

import (
	"fmt"
	"math/rand/v2"
	"time"
)

var evening = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// randomLibrary makes items whose tags follow their artists.
func randomLibrary(rng *rand.Rand, tracks, artists int) []Item {
	genres := []string{"Ambient", "Jazz", "Folk", "House", "Chiptune", "Classical", "Indie", "Soul"}
	moods := []string{"calm", "bright", "dark", "warm", "restless"}
	items := make([]Item, tracks)
	for i := range items {
		a := rng.IntN(max(1, artists))
		items[i] = Item{
			ID:       fmt.Sprintf("t%05d", i),
			Title:    fmt.Sprintf("Title %d", i),
			Artist:   fmt.Sprintf("Artist %d", a),
			Album:    fmt.Sprintf("Album %d of %d", i%3, a),
			Genres:   []string{genres[a%len(genres)]},
			Moods:    []string{moods[(a+i)%len(moods)]},
			Year:     1970 + a%50,
			Duration: 3 * time.Minute,
		}
	}
	return items
}

// homeEngine returns an engine with that many tracks, playlists and plays.
func homeEngine(seed uint64, tracks, playlists, plays int) *Engine {
	rng := rand.New(rand.NewPCG(seed, 1))
	e := New(Config{})
	items := randomLibrary(rng, tracks, tracks/12+1)
	e.SetCatalogue(items)
	for p := range playlists {
		from := rng.IntN(tracks)
		ids := make([]string, 0, 40)
		for range 40 {
			ids = append(ids, items[(from+rng.IntN(400))%tracks].ID)
		}
		e.SetPlaylist(fmt.Sprintf("p%d", p), fmt.Sprintf("List %d", p), ids)
	}
	at := evening.AddDate(0, 0, -60)
	ends := []End{Complete, Complete, Complete, Skipped, Stopped, Jumped}
	for range plays {
		end := ends[rng.IntN(len(ends))]
		heard := 3 * time.Minute
		if end != Complete {
			heard = time.Duration(rng.IntN(180)) * time.Second
		}
		e.AddPlay(Play{Listener: fmt.Sprintf("l%d", rng.IntN(3)), Item: items[rng.IntN(tracks)].ID, Heard: heard, End: end, At: at, Flowed: rng.IntN(2) == 0})
		at = at.Add(time.Duration(rng.IntN(20)) * time.Minute)
	}
	return e
}
