package rtc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"
)

// maxLate is how many packets are waited for one that is missing: 100 ms of Opus as
// browsers send it.
const maxLate = 5

// Sink takes what a source sends. All is called from one goroutine, and must not
// block for long: what waits meanwhile is late.
type Sink interface {
	// Opus is a packet, in order, and when it begins, on a clock of 48 kHz that may
	// begin anywhere and wraps around. Between the end of one and the beginning of
	// the next, something may be missing.
	Opus(packet []byte, at uint32)
	// Close tells that nothing more comes. It is called once.
	Close()
}

// Source is one peer that sends sound: a microphone, or a program.
type Source struct {
	link
	name   string
	sink   Sink
	tracks chan *webrtc.TrackRemote
}

func newSource(id, name string, peer *webrtc.PeerConnection) (*Source, error) {
	s := &Source{link: newLink(id, peer), name: name, tracks: make(chan *webrtc.TrackRemote, 1)}
	_, err := peer.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		return nil, fmt.Errorf("make a receiver: %w", err)
	}
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		select {
		case s.tracks <- track:
		default: // there is one already
		}
	})
	peer.OnConnectionStateChange(s.stateChanged)
	return s, nil
}

// Name is the query value "name" of the URL that was posted to: what the source is
// called where it is shown, as its sender says. It may be empty, or long.
func (s *Source) Name() string { return s.name }

// run hands on what comes until the session ends.
func (s *Source) run(connectTimeout time.Duration) error {
	if s.awaitPeer(connectTimeout) {
		select {
		case track := <-s.tracks:
			s.end(s.receive(track))
		case <-s.ended:
		}
	}
	return s.reason()
}

// receive reads a track until it, or the session, has ended.
func (s *Source) receive(track *webrtc.TrackRemote) error {
	over := make(chan struct{})
	defer close(over)
	go func() { // a read knows no session
		select {
		case <-s.ended:
			_ = track.SetReadDeadline(time.Now())
		case <-over:
		}
	}()
	order := samplebuilder.New(maxLate, &codecs.OpusPacket{}, rtpTicks*1000)
	for {
		packet, _, err := track.ReadRTP()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return fmt.Errorf("receive: %w", err)
		}
		order.Push(packet)
		for sample := order.Pop(); sample != nil; sample = order.Pop() {
			s.sink.Opus(sample.Data, sample.PacketTimestamp)
		}
	}
}
