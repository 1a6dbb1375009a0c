package zone

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// ErrBehind is what an Output's Write returns when it cannot take a packet now:
// the zone then resyncs this member only, at the timeline's present.
var ErrBehind = errors.New("zone: member is behind")

// ErrOutOfStep is what a pulled Output's Write returns once, and takes nothing,
// when its device is found to play too early or too late. Beside other members
// it is cleared, and begins anew with what its StartDelay says; alone it goes on.
var ErrOutOfStep = errors.New("zone: member is out of step")

// Caps is what an Output can take.
type Caps struct {
	// Formats in the member's order of preference; never empty.
	Formats []audio.Format
	// Lead is how long before its time a packet must be written.
	Lead time.Duration
	// Buffer is how far ahead of the clock packets may be written.
	Buffer time.Duration
	// BufferBytes is how many coded bytes it holds that were not heard yet; no
	// more are written. 0 leaves it to Buffer alone.
	BufferBytes int
	// Clears tells that Clear really drops what was written but not yet heard.
	Clears bool
	// Pulled tells that the device fetches what is written here when it
	// likes: it joins as it can, and its Lead makes nobody wait.
	Pulled bool
	// StartDelay is how long a Pulled device takes from the first packet to its
	// first sound: it is given what is heard from then on. 0 gives it everything.
	// It is asked for anew whenever the device begins.
	StartDelay time.Duration
}

// Output is a member that plays the zone's timeline: packets are pushed to it
// ahead of their time. No method blocks; the zone's goroutine calls them.
type Output interface {
	Caps() Caps
	// Write takes the next packet. ErrBehind asks for a resync; any other
	// error takes the member out of the zone with that reason.
	Write(audio.Packet) error
	// Clear drops everything to be heard at from or later. What follows is
	// written on a new audio.Stream.
	Clear(from audio.Time) error
}

// Item is one thing that a Leader's own queue holds.
type Item struct {
	Entry EntryID // the zone's entry, echoed in Position
	Track Track
	URL   string // where the device fetches it, made by an Origin for this device
	MIME  string
}

// Edit changes what follows the current item in a Leader's queue: everything
// behind Keep is replaced by Items. The item that plays is not interrupted
// unless Cut is set; then the first of Items starts at once. A device that has
// gone on from Keep meanwhile goes on with what it plays where that is one of
// Items, and to the first of them otherwise.
type Edit struct {
	Keep  EntryID
	Items []Item
	Cut   bool
}

// Transport is whether something plays.
type Transport string

// The states of a zone and of a Leader.
const (
	Playing Transport = "playing"
	Paused  Transport = "paused"
	Stopped Transport = "stopped"
)

// Position is what a Leader reports.
type Position struct {
	Entry EntryID
	State Transport
	// Offset into the entry that was heard at At.
	Offset time.Duration
	At     audio.Time
	// Released tells that somebody else took the device: the zone lets go of
	// it and never fights.
	Released bool
	// Finished tells, of a device that is Stopped, that it came to the end of what
	// it held: nobody stopped it.
	Finished bool
	// Err is why the device could not go on with Entry, nil otherwise.
	Err error

	// What somebody else changed in the device's queue: the zone's changes in the
	// same way. Ahead is what the queue holds behind Entry now, nil where nobody
	// changed that; Shuffled that it was shuffled; Repeat what it does at its
	// end, empty where nobody changed that.
	Ahead    []EntryID
	Shuffled bool
	Repeat   Repeat
}

// Leader is a device that runs a queue of its own. Where it is a zone's only
// member and the zone has no reason to mix, it leads and the zone follows.
type Leader interface {
	// Load replaces the device's queue and starts items[0] at the offset.
	Load(ctx context.Context, items []Item, at Position) error
	// Edit changes what follows, keeping step with the zone's queue.
	Edit(ctx context.Context, e Edit) error
	// Transport plays, pauses or stops what is loaded.
	Transport(ctx context.Context, to Transport) error
	// Seek moves within the current item.
	Seek(ctx context.Context, offset time.Duration) error
	// Positions is closed when the device is gone.
	Positions() <-chan Position
}

// ResourceKind says what an Origin is asked for.
type ResourceKind string

// What a device can fetch.
const (
	OriginalFile ResourceKind = "original" // the track's own bytes
	CoverImage   ResourceKind = "cover"
	ZoneStream   ResourceKind = "stream" // the zone's endless stream
	LiveHLS      ResourceKind = "live"   // the zone's live playlist
)

// Resource is something that a device can fetch from the gateway.
type Resource struct {
	Kind ResourceKind
	ID   string // a track's or a zone's id
}

// Origin makes signed URLs, with an address that the given peer can reach.
type Origin interface {
	URL(peer netip.Addr, r Resource) (string, error)
}

// Presenter is a member that can show what plays. Show does not block.
type Presenter interface{ Show(NowPlaying) }

// Member is one device in a zone. At least one of Output and Leader is set.
type Member struct {
	ID     string // the device's id
	Name   string
	Output Output
	Leader Leader
	Addr   netip.Addr // where a Leader fetches from
	Way    Way        // how a Leader plays that is an Output too
	Shows  Presenter  // may be nil
}
