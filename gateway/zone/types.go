package zone

import (
	"context"
	"errors"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// Errors that callers test for.
var (
	ErrNoTrack  = errors.New("zone: no such track")
	ErrNoEntry  = errors.New("zone: no such queue entry")
	ErrEmpty    = errors.New("zone: nothing to play")
	ErrClosed   = errors.New("zone: closed")
	ErrTooLong  = errors.New("zone: queue is full")
	ErrConflict = errors.New("zone: queue has changed since")
)

// EntryID names one entry of one zone's queue; it is never used again.
type EntryID string

// Track is what a zone must know of a track to play and to show it.
type Track struct {
	ID       string
	Title    string
	Artist   string
	ArtistID string
	Album    string
	AlbumID  string
	Disc     int // of the album
	Number   int // on the disc, 0 where it is not known
	Duration time.Duration
	Cover    string // an artwork id, empty if there is none
	MIME     string // of the original file
	// Live tells that it is heard as it happens: it has no length, no place to seek
	// to and no file.
	Live bool
	// Gain in dB that ReplayGain asks for, and the true peak (1.0 is full
	// scale); both 0 when the file is not tagged.
	GainDB float64
	Peak   float64
}

// By says who put an entry into the queue.
type By string

// A person's picks come first; the flow fills what follows them.
const (
	Picked By = "picked"
	Flowed By = "flow"
)

// Entry is one place in a queue.
type Entry struct {
	ID    EntryID
	Track string // the track's id
	By    By
	Why   phrase.Phrase // of a flow entry: why it was chosen
}

// ContextRef names what a flow is made from.
type ContextRef struct {
	Kind string // "taste", "playlist", "album", "artist", "track", "mood"
	ID   string
	Name string // as shown
}

// Repeat says what follows the last entry of a person's picks.
type Repeat string

// The repeat modes.
const (
	RepeatOff Repeat = "off" // the flow follows
	RepeatOne Repeat = "one"
	RepeatAll Repeat = "all"
)

// Arrangement is the order that a person's picks are in.
type Arrangement string

// The arrangements. From each of the others the picks can go back to the first.
const (
	AsPicked Arrangement = ""
	Shuffled Arrangement = "shuffle"
	ByLiking Arrangement = "mix" // what is liked most comes first
)

// NowPlaying is what a member can show.
type NowPlaying struct {
	Zone     string
	State    Transport
	Track    Track
	Offset   time.Duration // into the track, heard at At
	At       audio.Time
	Epoch    uint64
	Repeat   Repeat
	Shuffle  bool
	CanNext  bool
	Position int // of the entry in the queue, from 0
	Length   int
}

// State is a zone at one moment. A State is a value: nobody changes it.
type State struct {
	ID, Name string
	State    Transport
	Entry    *Entry // nil when the queue is empty
	Track    *Track // of Entry
	Offset   time.Duration
	At       audio.Time // when Offset was true
	Epoch    uint64     // counts every jump of the timeline: start, seek, skip, JUMP, leader change
	Repeat   Repeat
	Arranged Arrangement
	Click    bool // clicks sound in the place of the music
	// Crossfade is how long tracks are heard together where one follows another.
	Crossfade time.Duration
	Context   ContextRef
	Landing   ContextRef    // where JUMP would lead, zero while nobody has looked
	Leader    string        // a device id, empty when the timeline leads
	Members   []string      // device ids, attached now
	Revision  uint64        // counts every change of the queue
	Length    int           // entries in the queue
	Index     int           // of Entry in the queue, -1 if there is none
	Problem   phrase.Phrase // what the listener should know, zero when all is well
}

// Tracks gives a zone its music. Implemented by the gateway over the library.
// Both methods may be slow; the zone calls them off its own goroutine.
type Tracks interface {
	// Track returns ErrNoTrack for an id that is not in the library.
	Track(ctx context.Context, id string) (Track, error)
	// Open starts decoding; the caller closes the decoder.
	Open(ctx context.Context, id string) (audio.Decoder, error)
}

// FlowRequest asks for what comes next by itself.
type FlowRequest struct {
	Zone    string
	Context ContextRef
	Recent  []string // track ids, oldest first: played, playing and queued
	Count   int
	Shown   ContextRef // of a JUMP: where it was said to lead, zero where nothing was
	Now     time.Time  // wall time, for recency
	// Seed varies the answer: equal requests with equal seeds get equal
	// answers. A JUMP is asked with the seed that its Scout was asked with.
	Seed uint64
}

// Flow recommends. Implemented by the gateway over package jump; answers come
// within 5 ms and are never shorter than asked while the library allows it.
type Flow interface {
	Next(ctx context.Context, r FlowRequest) ([]Entry, error)
	// Jump picks another context and what it starts with. It is called when
	// JUMP was pressed, and only then.
	Jump(ctx context.Context, r FlowRequest) (ContextRef, []Entry, error)
}

// Landing is where a JUMP leads, and what it starts with.
type Landing struct {
	Context ContextRef
	Entries []Entry
}

// Scout is what a Flow may be besides: it tells where the next JUMP would lead,
// the likeliest first, at most n, and leaves no trace of having been asked. A
// Jump with the same request lands in the first. The zone has the first audio of
// the landings decoded before JUMP is pressed.
type Scout interface {
	Likely(ctx context.Context, r FlowRequest, n int) ([]Landing, error)
}

// Ranker is what a Flow may be besides: it sorts tracks by what those who listen
// in a zone are likely to like. Each comes back as often as it was given.
type Ranker interface {
	Rank(ctx context.Context, zone string, tracks []string) ([]string, error)
}

// Play is how the playing of one entry ended, or that it began.
type Play struct {
	Zone    string
	Track   string
	By      By
	Context ContextRef
	Started time.Time // wall time
	Heard   time.Duration
	Length  time.Duration
	// End is "playing" at the start, then "complete", "skipped", "jumped",
	// "stopped" or "failed".
	End string
}

// Saved is what a zone keeps across a restart.
type Saved struct {
	Entries  []Entry
	Index    int
	Offset   time.Duration
	Repeat   Repeat
	Arranged Arrangement
	Context  ContextRef
	Playing  bool
	// Order is the position that each entry has AsPicked, nil where that is so.
	Order []int
}

// QueueChange is one change of a queue as the journal keeps it: Removed
// entries go, Inserted ones come in at At, in this order. Writing it costs by
// what changed, not by how long the queue is.
type QueueChange struct {
	Removed  []EntryID
	At       int
	Inserted []Entry
}

// Journal keeps what must survive. When a method returns nil, it is on disk.
// The gateway implements it over package store. A zone calls it from one
// goroutine of its own and answers a command only after it returned.
type Journal interface {
	Load(ctx context.Context, zone string) (Saved, error)
	// SaveQueue carries out the changes in order, in one transaction, along
	// with the fields of head (its Entries are not looked at).
	SaveQueue(ctx context.Context, zone string, changes []QueueChange, head Saved) error
	// SavePosition is called about once a second while playing; it may be
	// lost in a power cut, never in a crash of the process.
	SavePosition(ctx context.Context, zone string, index int, offset time.Duration, playing bool) error
	// AddPlay logs that a play began ("playing") or how it ended. Both have the
	// same Zone, Track and Started; one that never began (its track could not
	// be opened) is logged once, as "failed". After an error the end of a play
	// is handed over again later, when another may be playing.
	AddPlay(ctx context.Context, p Play) error
}
