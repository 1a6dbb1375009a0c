package rtc

import (
	"errors"
	"fmt"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Jitter is how long before its time a packet is sent: about what a browser's
// jitter buffer holds, so that a tab sounds with the other members.
const Jitter = 80 * time.Millisecond

// maxWaiting is how many packets may wait for their time: 2 s of Opus.
const maxWaiting = 100

// Errors that callers test for.
var (
	// ErrBehind: more packets wait than may.
	ErrBehind = errors.New("rtc: too many packets wait")
	// ErrEnded: the session is over.
	ErrEnded = errors.New("rtc: the session has ended")
)

// Session is one browser that listens. Write and Clear may be called from any
// goroutine and do not block.
type Session struct {
	link
	ticket string
	track  *webrtc.TrackLocalStaticRTP
	clock  audio.Clock
	wake   chan struct{}

	waiting []audio.Packet // guarded by mu

	// Of the goroutine that sends.
	sequence uint16
	sent     audio.Time // end of the last packet sent
}

func newSession(id, ticket string, peer *webrtc.PeerConnection, clock audio.Clock) (*Session, error) {
	track, err := webrtc.NewTrackLocalStaticRTP(opusCapability(), "audio", "jumpgate")
	if err != nil {
		return nil, fmt.Errorf("make a track: %w", err)
	}
	if _, err := peer.AddTrack(track); err != nil {
		return nil, fmt.Errorf("add a track: %w", err)
	}
	s := &Session{link: newLink(id, peer), ticket: ticket, track: track, clock: clock, wake: make(chan struct{}, 1)}
	peer.OnConnectionStateChange(s.stateChanged)
	return s, nil
}

// Ticket is the query value "ticket" of the URL that was posted to: whoever
// handed the URL out knows by it who came. It is empty where there was none.
func (s *Session) Ticket() string { return s.ticket }

// Write queues an Opus packet to be sent when its time comes.
func (s *Session) Write(p audio.Packet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return ErrEnded
	}
	if len(s.waiting) >= maxWaiting {
		s.dropLate() // a peer that has not connected yet takes none
	}
	if len(s.waiting) >= maxWaiting {
		return ErrBehind
	}
	s.waiting = append(s.waiting, p)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Clear drops what was to be heard at from or later and was not sent yet.
func (s *Session) Clear(from audio.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.waiting {
		if p.At >= from {
			s.waiting = append([]audio.Packet(nil), s.waiting[:i]...)
			break
		}
	}
	return nil
}

// run sends packets at their time until the session ends.
func (s *Session) run(connectTimeout time.Duration) error {
	if s.awaitPeer(connectTimeout) {
		s.pace()
	}
	return s.reason()
}

func (s *Session) pace() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := s.sendDue()
		timer.Reset(wait)
		select {
		case <-s.ended:
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// sendDue sends what is due and returns how long the next packet has to wait.
func (s *Session) sendDue() time.Duration {
	for {
		p, wait, ok := s.next()
		if !ok {
			return wait
		}
		if err := s.send(p); err != nil {
			s.end(fmt.Errorf("send: %w", err))
			return time.Hour
		}
	}
}

// send puts a packet on the wire. RTP's clock follows the zone's, also over
// pauses: a receiver that saw time stand still would take what follows for
// late, and buffer more from then on.
func (s *Session) send(p audio.Packet) error {
	if p.At < s.sent {
		return nil // it would overlap what a Clear came too late for
	}
	s.sequence++
	packet := &rtp.Packet{
		Header: rtp.Header{
			Version:        2,
			Marker:         p.At != s.sent, // the first after silence (RFC 7587 section 4.2)
			SequenceNumber: s.sequence,
			Timestamp:      uint32(int64(p.At) * rtpTicks / 1000),
		},
		Payload: p.Data,
	}
	s.sent = p.End()
	return s.track.WriteRTP(packet)
}

// rtpTicks is how much RTP's clock goes on in a millisecond: Opus always
// counts at 48 kHz (RFC 7587 section 4.1).
const rtpTicks = 48

func (s *Session) next() (audio.Packet, time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropLate()
	if len(s.waiting) == 0 {
		return audio.Packet{}, time.Hour, false
	}
	p := s.waiting[0]
	if wait := s.clock.Until(p.At) - Jitter; wait > 0 {
		return audio.Packet{}, wait, false
	}
	s.waiting = s.waiting[1:]
	return p, 0, true
}

// dropLate drops packets whose time has passed: late sound would stay late.
func (s *Session) dropLate() {
	for len(s.waiting) > 0 && s.clock.Until(s.waiting[0].End()) <= 0 {
		s.waiting = s.waiting[1:]
	}
}
