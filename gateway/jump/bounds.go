package jump

// bounds are how much one question looks at in a large library. What a home has
// of lists is below all of them.
type bounds struct {
	lists   int // baskets of all seeds together, each of playlists and of sessions
	perSeed int // but at least so many for each
	artists int // baskets of the artists of the seeds,
	byEach  int // but at least so many of each one's
	kept    int // items, by lists and names
	tagged  int // with all tags together
	sounds  int // that sound alike
	vectors int // compared by their vectors

	// What a flow or a JUMP then chooses from.
	alike, alikeEach   int // what is most like the seeds, and so many for each pick
	inside, insideEach int // of the context
	follow             int // what follows the last tracks
	favoured           int // favourites
	strange            int // at random
}

var (
	// forLists is for what is asked once and shown as a list.
	forLists = bounds{lists: 4000, perSeed: 64, artists: 200, byEach: 6, kept: 4000, tagged: 400, sounds: 300, vectors: 250}
	// forFlow is for what is asked every few minutes.
	forFlow = bounds{
		lists: 4000, perSeed: 64, artists: 200, byEach: 6, kept: 600, tagged: 400, sounds: 300, vectors: 250,
		alike: 300, alikeEach: 20, inside: 100, insideEach: 15, follow: 200, favoured: 128, strange: 100,
	}
	// forJump is for what somebody waits for: where a JUMP leads,
	forJump = bounds{lists: 200, perSeed: 12, artists: 20, byEach: 2, kept: 300, tagged: 60, sounds: 80, vectors: 100}
	// and what comes first there, until the flow goes on.
	forLanding = bounds{
		lists: 120, perSeed: 12, artists: 16, byEach: 2, kept: 200, tagged: 40, sounds: 50, vectors: 60,
		alike: 60, alikeEach: 15, inside: 40, insideEach: 8, follow: 40, favoured: 25, strange: 15,
	}
)
