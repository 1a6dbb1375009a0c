package jump

// bounds are how much one question looks at in a large library. What a home has
// of lists is below all of them.
type bounds struct {
	lists   int // baskets of all seeds together, each of playlists and of sessions
	perSeed int // but at least so many for each
	artists int // baskets of the artists of the seeds,
	byEach  int // but at least so many of each one's
	beside  int // artists that stand with them
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

	// And the contexts that a JUMP weighs.
	landings     int // of albums, artists, tags and playlists each: those that
	landingItems int // hold most of what is like the thread, which are so many
	nearLists    int // playlists by their vectors
}

var (
	// forLists is for what is asked once and shown as a list.
	forLists = bounds{lists: 4000, perSeed: 64, artists: 200, byEach: 6, beside: 60, kept: 4000, tagged: 400, sounds: 300, vectors: 250}
	// forFlow is for what is asked every few minutes.
	forFlow = bounds{
		lists: 4000, perSeed: 64, artists: 200, byEach: 6, beside: 60, kept: 600, tagged: 400, sounds: 300, vectors: 250,
		alike: 300, alikeEach: 20, inside: 100, insideEach: 15, follow: 200, favoured: 128, strange: 100,
	}
	// forJump is for what somebody waits for, for the thread and for the landing,
	forJump = bounds{
		lists: 400, perSeed: 24, artists: 40, byEach: 6, beside: 60, kept: 400, tagged: 60, sounds: 100, vectors: 150,
		alike: 120, alikeEach: 20, inside: 50, insideEach: 10, follow: 80, favoured: 40, strange: 25,
		landings: 16, landingItems: 120, nearLists: 20,
	}
	// and forJumpFar for the same in a library where all of that lies far apart in
	// memory.
	forJumpFar = bounds{
		lists: 48, perSeed: 6, artists: 8, byEach: 1, beside: 20, kept: 150, tagged: 20, sounds: 30, vectors: 40,
		alike: 40, alikeEach: 10, inside: 24, insideEach: 6, follow: 24, favoured: 20, strange: 12,
		landings: 10, landingItems: 80, nearLists: 12,
	}
)

// farLibrary is how many tracks make a library in which a JUMP looks at less.
const farLibrary = 50_000

// forJump returns how much a JUMP looks at.
func (e *Engine) forJump() *bounds {
	if e.live > farLibrary {
		return &forJumpFar
	}
	return &forJump
}
