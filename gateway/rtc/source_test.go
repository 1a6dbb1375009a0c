package rtc

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// ear is a Sink: it writes down what a source sends.
type ear struct {
	packets chan heardPacket
	closed  chan struct{}
}

type heardPacket struct {
	data string
	at   uint32
}

func (e *ear) Opus(packet []byte, at uint32) { e.packets <- heardPacket{string(packet), at} }
func (e *ear) Close()                        { close(e.closed) }

// publishes has a stage take what comes, in the zone z1.
func publishes(s *stage) (*ear, chan *Source) {
	e, sources := &ear{packets: make(chan heardPacket, 1000), closed: make(chan struct{})}, make(chan *Source, 1)
	s.server.cfg.Publish = func(_ context.Context, zone string, from *Source) (Sink, error) {
		if zone != "z1" {
			return nil, http.ErrNotSupported
		}
		sources <- from
		return e, nil
	}
	return e, sources
}

// newSpeaker makes a browser's half that sends.
func newSpeaker(t *testing.T) (*listener, *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	l := newListener(t)
	track, err := webrtc.NewTrackLocalStaticRTP(opusCapability(), "audio", "microphone")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.peer.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	return l, track
}

func (l *listener) described(t *testing.T) string {
	t.Helper()
	offer, err := l.peer.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(l.peer)
	if err := l.peer.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return l.peer.LocalDescription().SDP
}

// paced sends numbered packets of 20 ms, no more of them than are waited for when
// one is missing: as many goroutines of the receiver read the socket as it has
// candidates, and on a busy machine one of them may hold a packet for a while.
type paced struct {
	t     *testing.T
	track *webrtc.TrackLocalStaticRTP
	heard <-chan heardPacket
}

// runIn is how many packets there are before packet 0: what is sent before the
// other end is ready is lost.
const runIn = 100

// at is a packet's time; the clock wraps around within packet 3, as the sequence
// number does within packet 6.
func (p *paced) at(n int) uint32 { return uint32((n-3)*960 - 1) }

func (p *paced) send(numbers ...int) {
	p.t.Helper()
	for _, n := range numbers {
		packet := &rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n - 6), Timestamp: p.at(n)},
			Payload: []byte{0xfc, byte(n)},
		}
		if err := p.track.WriteRTP(packet); err != nil {
			p.t.Fatal(err)
		}
	}
}

// begin sends the run-in, and returns when the last but one of it was heard.
func (p *paced) begin() {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := -runIn; n < -1; n++ {
		p.send(n)
		select {
		case <-p.heard:
		case <-tick.C:
		}
	}
	p.send(-1)
	p.await(-2)
}

// await takes what is heard, which must be these; what is left of the run-in may
// come before.
func (p *paced) await(numbers ...int) {
	p.t.Helper()
	for _, n := range numbers {
		got := p.next(n)
		for n <= 0 && int32(got.at-p.at(n)) < 0 {
			got = p.next(n)
		}
		if got.data != string([]byte{0xfc, byte(n)}) || got.at != p.at(n) {
			p.t.Fatalf("%x at %d came for packet %d", got.data, int32(got.at-p.at(0)), n)
		}
	}
}

func (p *paced) next(n int) heardPacket {
	p.t.Helper()
	select {
	case got := <-p.heard:
		return got
	case <-time.After(10 * time.Second):
		p.t.Fatalf("packet %d did not come", n)
		return heardPacket{}
	}
}

func TestSourceIsHandedOnInOrder(t *testing.T) {
	s := newStage(t, 0)
	e, sources := publishes(s)
	l, track := newSpeaker(t)
	answer, text := s.send(http.MethodPost, "/zones/z1/whip?name=Mina", sdpType, l.described(t))
	if answer.StatusCode != http.StatusCreated || answer.Header.Get("ETag") == "" {
		t.Fatalf("%s: %s", answer.Status, text)
	}
	from := <-sources
	if from.Name() != "Mina" {
		t.Errorf("it is called %q", from.Name())
	}
	l.take(t, text)
	l.awaits(t, webrtc.PeerConnectionStateConnected)
	p := &paced{t: t, track: track, heard: e.packets}
	p.begin()
	// Packet 3 is late, 6 is lost; the clock wraps around.
	p.send(0, 1)
	p.await(0)
	p.send(2)
	p.await(1)
	p.send(4, 3)
	p.await(2, 3)
	p.send(5)
	p.await(4)
	p.send(7, 8, 9, 10, 11)
	p.await(5, 7, 8, 9, 10)
	if answer, text := s.send(http.MethodDelete, answer.Header.Get("Location"), "", ""); answer.StatusCode != http.StatusOK {
		t.Errorf("DELETE: %s %s", answer.Status, text)
	}
	<-e.closed
}

func TestSourceEndsWithItsPeer(t *testing.T) {
	s := newStage(t, 0)
	e, _ := publishes(s)
	l, _ := newSpeaker(t)
	_, text := s.send(http.MethodPost, "/zones/z1/whip", sdpType, l.described(t))
	l.take(t, text)
	l.awaits(t, webrtc.PeerConnectionStateConnected)
	_ = l.peer.GracefulClose()
	<-e.closed
}

func TestRefusedSources(t *testing.T) {
	s := newStage(t, 0)
	if answer, _ := s.send(http.MethodPost, "/zones/z1/whip", sdpType, "v=0"); answer.StatusCode != http.StatusNotImplemented {
		t.Errorf("where nothing is taken: %s", answer.Status)
	}
	publishes(s)
	l, _ := newSpeaker(t)
	sending := l.described(t)
	for name, c := range map[string]struct {
		path, offer string
		want        int
	}{
		"an offer to listen": {"/zones/z1/whip", newListener(t).offer(t, true), http.StatusNotAcceptable},
		"no such zone":       {"/zones/z2/whip", sending, http.StatusServiceUnavailable},
		"no SDP":             {"/zones/z1/whip", "hello", http.StatusBadRequest},
		"no Opus":            {"/zones/z1/whip", strings.ReplaceAll(sending, "opus/48000/2", "PCMX/48000/2"), http.StatusNotAcceptable},
	} {
		if answer, text := s.send(http.MethodPost, c.path, sdpType, c.offer); answer.StatusCode != c.want {
			t.Errorf("%s: %s %s", name, answer.Status, text)
		}
	}
}

func TestCandidatesOfAnotherSession(t *testing.T) {
	s := newStage(t, 0)
	publishes(s)
	l, _ := newSpeaker(t)
	answer, _ := s.send(http.MethodPost, "/zones/z1/whip", sdpType, l.described(t))
	for match, want := range map[string]int{`"other"`: http.StatusPreconditionFailed, "*": http.StatusNotImplemented, answer.Header.Get("ETag"): http.StatusNoContent} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, s.url+answer.Header.Get("Location"), strings.NewReader("a=mid:0\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/trickle-ice-sdpfrag")
		request.Header.Set("If-Match", match)
		got, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("If-Match %s: %s", match, got.Status)
		}
	}
}
