package cast

import (
	"context"
	"time"
)

// Times of watching a connection that works.
const (
	watchEvery = time.Second
	// Devices report changes, not progress: one that hangs says nothing. While
	// something plays, or should, it is asked.
	pollEvery = 10 * time.Second
	// An application that closes our connection is mostly ending, and the
	// device says so; after this it is asked.
	ghostAfter = 2 * time.Second
)

// watch looks after a connection: it adopts what others began, asks devices
// that should play how far they are, and notes when one hangs.
func (s *Sender) watch(ctx context.Context, ch *channel) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	polled := time.Now()
	var ghost <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.looks:
			s.mu.Lock()
			look := s.track.look && s.launching == 0
			if s.track.ghost && ghost == nil {
				ghost = time.After(ghostAfter)
			}
			s.mu.Unlock()
			if look {
				s.adopt(ctx, ch)
			}
		case <-ghost:
			ghost = nil
			s.mu.Lock()
			gone := s.track.ghost
			s.track.ghost = false
			s.mu.Unlock()
			if gone {
				s.note(ch.post(ctx, nsReceiver, receiverID, &plain{header{Type: "GET_STATUS"}}))
			}
		case now := <-ticker.C:
			transport, active := s.active(now)
			if active && now.Sub(polled) >= pollEvery {
				polled = now
				s.note(ch.post(ctx, nsMedia, transport, &plain{header{Type: "GET_STATUS"}}))
			}
		}
	}
}

func (s *Sender) note(err error) {
	if err != nil {
		s.cfg.Log.Debug("cast status request", "error", err)
	}
}

// active tells whether the device should be playing something of ours, and
// notes when it hangs.
func (s *Sender) active(now time.Time) (transport string, active bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track.stalled(now, s.cfg.StallAfter) {
		s.publish()
	}
	st := s.track.status
	return s.track.transport, s.track.transport != "" && st.Item != "" && (st.State == Playing || st.State == Buffering)
}
