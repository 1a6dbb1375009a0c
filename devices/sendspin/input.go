package sendspin

import (
	"fmt"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// sourceCodecs are those that we take from a source.
var sourceCodecs = []string{"flac", "pcm"}

// maxInput is how many chunks of a source wait to be read; the oldest go.
const maxInput = 64

// InputChunk is sound from a client's input.
type InputChunk struct {
	At   int64 // server clock, µs: when its first sample was captured
	Data []byte
}

// input is what comes from a client's input. It belongs to whoever holds the
// player's mu.
type input struct {
	wanted bool // we asked for it
	open   bool
	format wire.PlayerStream
	chunks chan InputChunk
}

// endInput forgets an input that is taken away or busy. It wants mu held.
func (p *Player) endInput() {
	was := p.input.open
	p.input.wanted, p.input.open = false, false
	if was {
		p.server.roster.tell(Event{Kind: InputEnded, Player: p})
	}
}

// StartInput asks the client for what comes in at its input. It answers by an
// InputStarted. ErrNoRole: it has no input, or is not allowed to.
func (p *Player) StartInput() error { return p.ask("start") }

// StopInput ends that.
func (p *Player) StopInput() error { return p.ask("stop") }

func (p *Player) ask(command string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.has(wire.SourceV1):
		return ErrNoRole
	case command == "start" && (p.state.Operation != wire.Synchronized || !p.state.Input):
		return ErrUnavailable
	}
	p.input.wanted = command == "start"
	return p.controlNow("source", wire.TypeServerCommand, wire.ServerCommand{Source: &wire.SourceCommand{Command: command}})
}

// Input is what comes from the client's input, while it runs. A reader that is
// slow misses the oldest chunks.
func (p *Player) Input() <-chan InputChunk { return p.input.chunks }

// inputStarted takes a client-stream/start.
func (p *Player) inputStarted(m wire.Message) error {
	f, err := wire.ParseInputStart(m)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.has(wire.SourceV1):
		return nil // taken away, and not known there yet
	case !p.input.wanted:
		return fmt.Errorf("%w: a source that nobody asked for", wire.ErrMalformed)
	case !slices.Contains(sourceCodecs, f.Codec):
		return fmt.Errorf("%w: a source of codec %q", wire.ErrMalformed, f.Codec)
	}
	p.input.open, p.input.format = true, f
	p.server.roster.tell(Event{Kind: InputStarted, Player: p, Input: f})
	return nil
}

func (p *Player) inputEnded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.input.open {
		p.input.open = false
		p.server.roster.tell(Event{Kind: InputEnded, Player: p})
	}
}

// captured takes a chunk.
func (p *Player) captured(message []byte) error {
	at, data, err := wire.ParseInput(message)
	if err != nil {
		return err
	}
	p.mu.Lock()
	open := p.input.open && p.input.wanted
	p.mu.Unlock()
	for open {
		select {
		case p.input.chunks <- InputChunk{At: at, Data: data}:
			return nil
		default:
		}
		select {
		case <-p.input.chunks: // the reader of this connection alone puts some in
		default:
		}
	}
	return nil
}
