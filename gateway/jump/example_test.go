package jump_test

import (
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
)

func Example() {
	engine := jump.New(jump.Config{})
	engine.SetCatalogue([]jump.Item{
		{ID: "1", Title: "Harbour", Artist: "Mira Lund", Album: "Tides", Genres: []string{"Ambient"}},
		{ID: "2", Title: "Low Water", Artist: "Mira Lund", Album: "Tides", Genres: []string{"Ambient"}},
		{ID: "3", Title: "Fog Lamp", Artist: "Oriel", Album: "Night Bus", Genres: []string{"Ambient"}},
		{ID: "4", Title: "Pixel Rain", Artist: "Bit Orchard", Album: "Level 3", Genres: []string{"Chiptune"}},
	})
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	engine.AddPlay(jump.Play{Listener: "ana", Item: "1", End: jump.Complete, At: now.Add(-time.Hour)})

	picks := engine.Flow(jump.Request{
		Listener: "ana",
		Context:  jump.Context{Kind: jump.KindTrack, ID: "1"},
		Recent:   []string{"1"},
		Count:    2,
		Now:      now,
	})
	for _, p := range picks {
		fmt.Println(p.Item, p.Why)
	}
	// Output:
	// 3 Ambient, like the music around it.
	// 4 Something from your library that you have not heard yet.
}
