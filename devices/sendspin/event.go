package sendspin

import (
	"context"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// EventKind says what happened.
type EventKind int

// What happens to players.
const (
	// Connected: a client is there. A client that connects anew is Gone first.
	Connected EventKind = iota + 1
	// StateChanged: State is the player's state now.
	StateChanged
	// Commanded: somebody pressed a button at a client with Full access.
	Commanded
	// Refused: the same at a client without; nothing was done.
	Refused
	// FormatWanted: the player asks for another stream format, by Start.
	FormatWanted
	// ArtworkWanted: Player.Artwork has changed; pictures are to be shown anew.
	ArtworkWanted
	// VisualizerWanted: Player.Visualizer has changed.
	VisualizerWanted
	// Left: somebody at the client does not want to take part any more, until it
	// asks for it.
	Left
	// InputStarted and InputEnded: sound comes from the client's input, by
	// Player.Input.
	InputStarted
	InputEnded
	// PairingChanged: Pairing says how far it is.
	PairingChanged
	// Gone: the connection has ended; the Player is of no more use.
	Gone
)

// Event is something that happened to a player. While nobody reads them,
// a StateChanged takes the place of an earlier one of the same player, as
// ArtworkWanted, VisualizerWanted and PairingChanged do, and of those that a
// client can make at will only the newest 32 are kept; Connected and Gone are
// never dropped, but with 1,024 events unread nobody new is taken.
type Event struct {
	Kind    EventKind
	Player  *Player
	State   State                  // with Connected and StateChanged
	Command wire.ControllerCommand // with Commanded and Refused
	// Jumpgate is "jump", "like" or "dislike" with Commanded and Refused, where
	// the button is one of our own role; Command is empty then.
	Jumpgate string
	Format   wire.FormatDelta  // with FormatWanted
	Input    wire.PlayerStream // with InputStarted
	Pairing  Pairing           // with PairingChanged
	// Goodbye is what the client gave as its reason with Gone, empty if it
	// went without a word: the specification says to take that as a restart.
	Goodbye wire.Goodbye
	Err     error // with Gone: how the connection ended
}

// droppable are the events that a client can make at will.
var droppable = []EventKind{Commanded, Refused, FormatWanted, Left, InputStarted, InputEnded}

const (
	maxPending = 1024
	maxPresses = 32
)

// tell queues an event of p, if p is still the client's newest connection.
func (r *roster) tell(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.players[e.Player.ID()] == e.Player {
		r.push(e)
	}
}

// push wants mu held.
func (r *roster) push(e Event) {
	switch e.Kind {
	case StateChanged:
		for i := range r.pending {
			if old := &r.pending[i]; old.Player == e.Player && (old.Kind == StateChanged || old.Kind == Connected) {
				old.State = e.State
				return
			}
		}
	case ArtworkWanted, VisualizerWanted:
		for _, old := range r.pending {
			if old.Player == e.Player && old.Kind == e.Kind {
				return
			}
		}
	case PairingChanged:
		for i := range r.pending {
			if old := &r.pending[i]; old.Player == e.Player && old.Kind == e.Kind {
				old.Pairing = e.Pairing
				return
			}
		}
	case Commanded, Refused, FormatWanted, Left, InputStarted, InputEnded:
		r.dropOldPress()
	default: // the others are kept whatever waits
	}
	r.pending = append(r.pending, e)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *roster) dropOldPress() {
	oldest, n := -1, 0
	for i, e := range r.pending {
		if slices.Contains(droppable, e.Kind) {
			if n++; oldest < 0 {
				oldest = i
			}
		}
	}
	if n >= maxPresses {
		r.pending = append(r.pending[:oldest], r.pending[oldest+1:]...)
	}
}

func (r *roster) pop() (Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		return Event{}, false
	}
	e := r.pending[0]
	r.pending = append(r.pending[:0], r.pending[1:]...)
	return e, true
}

// deliver hands events out until ctx ends.
func (r *roster) deliver(ctx context.Context, out chan<- Event) {
	for {
		e, ok := r.pop()
		if !ok {
			select {
			case <-r.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case out <- e:
		case <-ctx.Done():
			return
		}
	}
}
