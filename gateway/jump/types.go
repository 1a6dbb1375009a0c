package jump

import "time"

// Item is one track of the catalogue. Only ID must be set; the engine makes do
// with what the tags give.
type Item struct {
	ID    string
	Title string // for reasons that are shown
	// Artist as shown; "feat." and what follows it does not count. An empty
	// one, and "Various Artists", is nobody.
	Artist string
	// Composer of a classical work, who counts as an artist beside Artist.
	Composer string
	// ArtistID is what a Context of kind [KindArtist] calls the artist; the
	// folded name when empty.
	ArtistID string
	Album    string
	// AlbumID is what a Context of kind [KindAlbum] calls the album; folded
	// artist and title when empty.
	AlbumID  string
	Genres   []string
	Moods    []string
	Tags     []string // anything else that groups tracks
	Year     int      // 0 if not known
	Duration time.Duration
	// Work names what an item is a part of that is played as one, in the order
	// of Part: a symphony, or tracks that run into each other. Within an album.
	Work   string
	Part   int
	Speech bool // an episode, an audiobook, a recording of rain: not music
}

// Kind says what a Context is.
type Kind string

// The kinds of contexts.
const (
	KindTaste    Kind = "taste"    // everything that the listener likes; ID is empty
	KindPlaylist Kind = "playlist" // ID as in SetPlaylist
	KindAlbum    Kind = "album"    // ID is an Item's AlbumID
	KindArtist   Kind = "artist"   // ID is an Item's ArtistID
	KindTrack    Kind = "track"    // ID is an Item's ID
	KindGenre    Kind = "genre"    // ID is the folded genre
	KindMood     Kind = "mood"     // ID is the folded mood
	KindTag      Kind = "tag"      // ID is the folded tag
	KindSpot     Kind = "spot"     // ID as in SetSpot
	KindSound    Kind = "sound"    // what sounds alike; ID as JUMP gives it: words joined by "-"
)

// Context is what a flow is made from. The zero Context is the listener's
// taste. Name is filled in by the engine and not looked at in a Request.
type Context struct {
	Kind Kind
	ID   string
	Name string
}

// same tells whether two contexts mean the same, whatever they are called.
func (c Context) same(d Context) bool { return c.Kind == d.Kind && c.ID == d.ID }

// End says how a play ended.
type End string

// The ends of a play.
const (
	Complete End = "complete"
	Skipped  End = "skipped"
	Jumped   End = "jumped"  // JUMP was pressed while it played
	Stopped  End = "stopped" // says nothing against the track
	Failed   End = "failed"  // says nothing at all
)

// Play is one playing of an item, after it ended.
type Play struct {
	Listener string // a person, or a zone where nobody is named
	Item     string
	Heard    time.Duration
	Length   time.Duration // 0: the catalogue's
	End      End
	At       time.Time // when it began
	Flowed   bool      // the flow chose it, not a person: it weighs a quarter
}

// Rating is what a listener said of an item.
type Rating int

// The ratings.
const (
	Disliked Rating = -1
	Unrated  Rating = 0
	Liked    Rating = 1
)

// Request asks for a flow or a JUMP.
type Request struct {
	Listener string
	Context  Context
	// Recent holds item ids, oldest first: played, playing and queued. The
	// rules of no repeats look at the last 100; give at least as many. Ids
	// that are not in the catalogue take up their place and do no harm.
	Recent []string
	Count  int // how many picks
	// Shown is where the listener was told that a JUMP would lead. It leads there
	// even if better places are known by now, unless that is what is left, or all
	// of it was heard too lately. Zero where nothing was said.
	Shown Context
	Now   time.Time
	// Seed varies the answer: equal seeds give equal answers.
	Seed uint64
}

// Pick is one recommended item.
type Pick struct {
	Item   string
	Reason Reason // why, in a sentence: Reason.String
	Score  float64
}

// Landing is where a JUMP leads, and the first picks there.
type Landing struct {
	Context Context
	Picks   []Pick
	Score   float64
}
