package member_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// A live playlist as an output; what players make of it is hls's to test.
func TestLiveOutput(t *testing.T) {
	zonetest.TestOutput(t, func(t *testing.T) zonetest.OutputRig {
		clock := audio.NewClock()
		live := member.NewLive(clock)
		t.Cleanup(func() { _ = live.Close() })
		return zonetest.OutputRig{Output: live, Clock: clock, Stall: func() {}}
	})
}

// A WebRTC session as an output, over a real connection to another peer. UDP
// has nothing to stall: what is bounded is what waits for its time.
func TestWebRTCOutput(t *testing.T) {
	zonetest.TestOutput(t, func(t *testing.T) zonetest.OutputRig {
		clock := audio.NewClock()
		b := &browser{clock: clock}
		return zonetest.OutputRig{Output: member.WebRTC{Session: b.connect(t)}, Clock: clock, Received: b.received, Stall: func() {}}
	})
}

// browser is a peer that notes what it receives.
type browser struct {
	clock audio.Clock
	mu    sync.Mutex
	got   []audio.Packet
}

func (b *browser) received() []audio.Packet {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func (b *browser) listen(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		b.mu.Lock()
		// RTP's clock is the zone's, in 48ths of a millisecond.
		b.got = append(b.got, audio.Packet{At: audio.Time(int64(p.Timestamp) * 1000 / 48), Data: p.Payload})
		b.mu.Unlock()
	}
}

// connect opens a WHEP session.
func (b *browser) connect(t *testing.T) *rtc.Session {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t, goleak.IgnoreCurrent()) })
	joined := make(chan *rtc.Session, 1)
	server, err := rtc.New(rtc.Config{Clock: b.clock, Join: func(_ context.Context, _ string, s *rtc.Session) (func(), error) {
		joined <- s
		return func() {}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = server.Run(ctx) })
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	peer, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = peer.GracefulClose()
		cancel()
		running.Wait()
	})
	peer.OnTrack(b.listen)
	connected := make(chan struct{})
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/whep", strings.NewReader(offer(t, peer)))
	request.Header.Set("Content-Type", "application/sdp")
	server.WHEP().ServeHTTP(answer, request)
	text, _ := io.ReadAll(answer.Body)
	if answer.Code != http.StatusCreated {
		t.Fatalf("%d: %s", answer.Code, text)
	}
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(text)}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-connected:
	case <-time.After(15 * time.Second):
		t.Fatal("no connection")
	}
	return <-joined
}

func offer(t *testing.T, peer *webrtc.PeerConnection) string {
	t.Helper()
	_, err := peer.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		t.Fatal(err)
	}
	sdp, err := peer.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(sdp); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return peer.LocalDescription().SDP
}
