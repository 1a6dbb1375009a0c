package api

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestSessionsAreForgotten(t *testing.T) {
	now := time.Unix(0, 0)
	s := newSessions(func() time.Time { return now })
	kept := s.enter("kept")
	for i := range 2 * maxSessions {
		s.leave(s.enter(fmt.Sprint(i)), false)
	}
	if len(s.all) > maxSessions {
		t.Errorf("%d sessions", len(s.all))
	}
	for i := range 2 * remembered {
		s.once(kept, fmt.Sprint(i), func() []byte { return nil })
	}
	if len(kept.replies) != remembered || len(kept.order) != remembered {
		t.Errorf("%d replies", len(kept.replies))
	}
	now = now.Add(memory)
	s.sweep()
	if len(s.all) != 1 {
		t.Errorf("%d sessions after %v", len(s.all), memory)
	}
}

// A command that is sent again while it is carried out waits for its reply.
func TestOnceWhileItRuns(t *testing.T) {
	s := newSessions(time.Now)
	one := s.enter("one")
	entered, release := make(chan struct{}), make(chan struct{})
	var times int
	var wg sync.WaitGroup
	wg.Go(func() {
		s.once(one, "id", func() []byte { times++; close(entered); <-release; return []byte("done") })
	})
	<-entered
	wg.Go(func() {
		if got := s.once(one, "id", func() []byte { times++; return nil }); string(got) != "done" {
			t.Errorf("got %q", got)
		}
	})
	close(release)
	wg.Wait()
	if times != 1 {
		t.Errorf("carried out %d times", times)
	}
}

// A command that panics must not leave those waiting who sent it again.
func TestOnceOutlivesAPanic(t *testing.T) {
	s := newSessions(time.Now)
	one := s.enter("one")
	func() {
		defer func() { _ = recover() }()
		s.once(one, "id", func() []byte { panic("on purpose") })
	}()
	if got := s.once(one, "id", func() []byte { return []byte("again") }); got != nil {
		t.Errorf("got %q", got)
	}
}

// A command that panics ends its connection, and leaves nothing of it behind.
func TestACommandThatPanicsEndsItsConnection(t *testing.T) {
	h := newHouse(t).claimed()
	h.api.operations["zone.pause"] = operation{socket: true, run: func(context.Context, json.RawMessage) (any, error) { panic("on purpose") }}
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"a-session-of-mine"}`)
	p.snapshot()
	p.say(`{"id":"2","cmd":"zone.pause","zone":"z1"}`)
	for {
		if _, err := p.hear(); err != nil {
			break
		}
	}
	h.stop() // waits for it
	h.api.sessions.mu.Lock()
	defer h.api.sessions.mu.Unlock()
	for _, s := range h.api.sessions.all {
		if s.connections != 0 {
			t.Errorf("%d connections are counted", s.connections)
		}
	}
}
