package devices

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/internal/board"
)

// Event is what became of one device: its state, or that it is not known any
// more.
type Event struct {
	Device Device
	// Gone tells that the id is not in use any more.
	Gone bool
	// Became is the id that a gone one continues under, when the device turned
	// out to be another, or to be called otherwise; empty if it is forgotten.
	Became string
}

// newBoard makes the place where the registry's goroutine hangs out the devices,
// by their ids.
func newBoard() *board.Board[string, Event] {
	return board.New[string](board.Config[Event]{Clone: func(ev Event) Event {
		ev.Device = clone(ev.Device)
		return ev
	}})
}

// show hangs out a device's state, and tells of it if more has changed than when
// it was seen.
func (r *Registry) show(e *entry) {
	ev := Event{Device: e.device()}
	id := ev.Device.ID
	if old, known := r.board.Get(id); known && same(old.Device, ev.Device) {
		r.board.Keep(id, ev)
		return
	}
	r.board.Post(id, ev, ev)
}

// hide takes an id down, which goes on under another one, or not at all.
func (r *Registry) hide(id, became string) {
	if old, known := r.board.Get(id); known {
		r.board.Drop(id, Event{Device: old.Device, Gone: true, Became: became})
	}
}

func same(a, b Device) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.Model == b.Model && a.Version == b.Version &&
		a.Path == b.Path && a.Origin == b.Origin && a.Present == b.Present && a.Added == b.Added &&
		a.Interface == b.Interface && slices.Equal(a.Addrs, b.Addrs) && maps.Equal(a.TXT, b.TXT) &&
		a.LastSeen.IsZero() == b.LastSeen.IsZero()
}

// clone returns a copy that shares nothing.
func clone(d Device) Device {
	d.Addrs, d.TXT = slices.Clone(d.Addrs), maps.Clone(d.TXT)
	return d
}

func sorted(events []Event) []Device {
	out := make([]Device, len(events))
	for i, ev := range events {
		out[i] = ev.Device
	}
	slices.SortFunc(out, func(a, o Device) int { return cmp.Or(cmp.Compare(a.Name, o.Name), cmp.Compare(a.ID, o.ID)) })
	return out
}
