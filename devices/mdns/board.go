package mdns

import (
	"cmp"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/internal/board"
)

// place tells instances apart: the same name on two links is two.
type place struct {
	link    int
	service string
	name    string // folded
}

// newBoard makes the place where the node's goroutine hangs out what is there.
func newBoard() *board.Board[place, Event] {
	return board.New[place](board.Config[Event]{
		Clone: func(ev Event) Event {
			ev.Instance = ev.Instance.clone()
			return ev
		},
		Merge: func(unread, newer Event) Event {
			if unread.Change == Appeared && newer.Change == Changed {
				newer.Change = Appeared
			}
			return newer
		},
	})
}

func sorted(events []Event) []Instance {
	out := make([]Instance, len(events))
	for i, ev := range events {
		out[i] = ev.Instance
	}
	slices.SortFunc(out, func(a, o Instance) int {
		return cmp.Or(cmp.Compare(a.Service, o.Service), cmp.Compare(a.Name, o.Name), cmp.Compare(a.Interface, o.Interface))
	})
	return out
}
