//go:build peers || peers312 || peersjs

package sendspin_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// foreign is a client that somebody else wrote.
type foreign struct {
	// saw waits until it has taken what our side did.
	saw func(what string)
	// ask has it do something: "volume", "press", "capture", "leave", "bye".
	ask func(what string)
}

// record takes down a session with a foreign client, in the order of a script that
// waits at each step, so that the next session is the same. With -update it becomes
// the golden file; without, what our server says has to be what is in that.
func (s *session) record(t *testing.T, name string, peer func() foreign) {
	t.Helper()
	f := peer()
	p := s.h.nextWithin(t, sendspin.Connected, time.Minute).Player // an interpreter or a browser starts
	s.script(t, p, f)
	s.mu.Lock()
	lines := s.lines
	s.mu.Unlock()
	path := filepath.Join("testdata", "sessions", name+".jsonl")
	if *update {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		for _, l := range lines {
			if err := enc.Encode(l); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, want := serverLines(lines), serverLines(readSession(t, path))
	for key, then := range want {
		if !slices.Equal(got[key], then) {
			t.Errorf("%s: our server says\n%q\nwhere it said\n%q", key, got[key], then)
		}
	}
	if len(got) != len(want) {
		t.Errorf("our server says %d kinds of messages, where it said %d", len(got), len(want))
	}
}

func serverLines(lines []line) map[string][]string {
	all := map[string][]string{}
	for _, l := range lines {
		if l.From == "server" && (l.JSON == nil || !l.clock()) {
			all[l.key()] = append(all[l.key()], l.same())
		}
	}
	return all
}

func (s *session) script(t *testing.T, p *sendspin.Player, f foreign) {
	t.Helper()
	has := func(r wire.Role) bool { return slices.Contains(p.Hello().Roles, r) }
	if s.dialect == wire.Current {
		eventually(t, "the group that it begins in", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(serverLines(s.lines)["group/update"]) > 0
		})
		s.do(t, p, "access listens")
	}
	eventually(t, "its state", func() bool { return p.State().Available && p.State().Volume >= 0 })
	s.do(t, p, "group Kitchen")
	s.do(t, p, "start")
	f.saw("start")
	s.do(t, p, "send")
	f.saw("chunk")
	s.do(t, p, "metadata Überall")
	f.saw("metadata")
	if s.dialect == wire.Current && has(wire.ColorV1) {
		s.do(t, p, "color")
		f.saw("color")
	}
	s.do(t, p, "volume 33")
	f.saw("volume")
	f.ask("volume")
	eventually(t, "its own volume", func() bool { return p.State().Volume == 34 })
	s.do(t, p, "access full")
	s.do(t, p, "controller next")
	f.saw("buttons")
	f.ask("press")
	s.event(t, sendspin.Commanded)
	if s.dialect == wire.Current && has(wire.SourceV1) {
		eventually(t, "an input", func() bool { return p.State().Input })
		s.do(t, p, "input")
		f.saw("source")
		f.ask("capture")
		s.event(t, sendspin.InputStarted)
		s.event(t, sendspin.InputEnded)
	}
	s.do(t, p, "clear")
	f.saw("clear")
	s.do(t, p, "end")
	f.saw("end")
	if s.dialect == wire.Current && has(wire.SourceV1) { // a client that can do everything
		f.ask("leave")
		s.event(t, sendspin.Left)
	}
	f.ask("bye")
	s.event(t, sendspin.Gone)
}
