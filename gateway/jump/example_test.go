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
		{ID: "5", Title: "Ninth Floor", Artist: "Sable", Album: "Lifts", Genres: []string{"Ambient", "Jazz"}},
		{ID: "6", Title: "Last Tram", Artist: "Corvo", Album: "Lines", Genres: []string{"Jazz"}},
	})
	engine.SetPlaylist("p", "Night lines", []string{"3", "5", "6"})
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	engine.AddPlay(jump.Play{Listener: "ana", Item: "1", End: jump.Complete, At: now.Add(-time.Hour)})

	for _, p := range engine.Chart("ana", now, 2) {
		fmt.Println("chart:", p.Item, p.Reason.String())
	}
	for _, p := range engine.Mix("ana", []string{"4", "2"}, now) {
		fmt.Println("mix:", p.Item, p.Reason.String())
	}
	request := jump.Request{
		Listener: "ana",
		Context:  jump.Context{Kind: jump.KindTrack, ID: "1"},
		Recent:   []string{"1"},
		Count:    2,
		Now:      now,
	}
	for _, p := range engine.Flow(request) {
		fmt.Println("flow:", p.Item, p.Reason.String())
	}
	to, picks := engine.Jump(request)
	fmt.Println("JUMP to", to.Name, "begins with", picks[0].Item)
	// Output:
	// chart: 1 Because you played it once lately.
	// chart: 3 Because you like Ambient.
	// mix: 2 Something from your library that you have not heard yet.
	// mix: 4 Something from your library that you have not heard yet.
	// flow: 3 Ambient, like the music around it.
	// flow: 5 Ambient, like the music around it.
	// JUMP to Night lines begins with 5
}
