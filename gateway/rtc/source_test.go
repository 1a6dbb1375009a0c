package rtc

import (
	"context"
	"net/http"
	"slices"
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
	// Packet 3 is late, 6 is lost; the clock wraps around.
	order := []uint16{0, 1, 2, 4, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	first := ^uint32(0) - 3*960 + 1
	for _, n := range order {
		packet := &rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: 65530 + n, Timestamp: first + uint32(n)*960},
			Payload: []byte{0xfc, byte(n)},
		}
		if err := track.WriteRTP(packet); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.DeleteFunc([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, func(n byte) bool { return n == 6 })
	for _, n := range want {
		select {
		case got := <-e.packets:
			if got.data != "\xfc"+string(rune(n)) || got.at != first+uint32(n)*960 {
				t.Fatalf("%x at %d came for packet %d", got.data, got.at-first, n)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("packet %d did not come", n)
		}
	}
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
