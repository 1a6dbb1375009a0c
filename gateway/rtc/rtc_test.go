package rtc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is a Server behind HTTP, and what joined it.
type stage struct {
	t      *testing.T
	clock  audio.Clock
	server *Server
	url    string
	joined chan *Session
	left   chan *Session
	end    func() // ends Run and waits for it
}

func newStage(t *testing.T, connectTimeout time.Duration) *stage {
	t.Helper()
	s := &stage{t: t, clock: audio.NewClock(), joined: make(chan *Session, maxSessions), left: make(chan *Session, maxSessions)}
	server, err := New(Config{Clock: s.clock, ConnectTimeout: connectTimeout, Join: func(_ context.Context, zone string, session *Session) (func(), error) {
		if zone != "z1" {
			return nil, errors.New("there is no such zone")
		}
		s.joined <- session
		return func() { s.left <- session }, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	s.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	mux := http.NewServeMux()
	mux.Handle("/zones/{id}/whep", server.WHEP())
	mux.Handle("/zones/{id}/whep/{session}", server.WHEP())
	mux.Handle("/zones/{id}/whip", server.WHIP())
	mux.Handle("/zones/{id}/whip/{session}", server.WHIP())
	front := httptest.NewServer(mux)
	s.url = front.URL
	t.Cleanup(func() {
		s.end()
		front.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

func (s *stage) send(method, path, kind, body string) (*http.Response, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, string(text)
}

const sdpType = "application/sdp"

// listener is a browser's half: a peer that receives audio.
type listener struct {
	peer    *webrtc.PeerConnection
	packets chan *rtp.Packet
	state   chan webrtc.PeerConnectionState
}

func newListener(t *testing.T) *listener {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	peer, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{peer: peer, packets: make(chan *rtp.Packet, 1000), state: make(chan webrtc.PeerConnectionState, 10)}
	t.Cleanup(func() { _ = peer.GracefulClose() })
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) { l.state <- state })
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			l.packets <- p
		}
	})
	return l
}

// offer makes an offer to receive, with all candidates in it if gather is set.
func (l *listener) offer(t *testing.T, gather bool) string {
	t.Helper()
	_, err := l.peer.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := l.peer.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(l.peer)
	if err := l.peer.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	if gather {
		return l.peer.LocalDescription().SDP
	}
	return offer.SDP
}

func (l *listener) take(t *testing.T, answer string) {
	t.Helper()
	if err := l.peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
}

func (l *listener) awaits(t *testing.T, want webrtc.PeerConnectionState) {
	t.Helper()
	timeout := time.After(15 * time.Second)
	for {
		select {
		case state := <-l.state:
			if state == want {
				return
			}
		case <-timeout:
			t.Fatalf("the connection is not %v", want)
		}
	}
}

// connect opens a session and returns where it can be changed and ended.
func (s *stage) connect(l *listener, ticket string) (*Session, string) {
	s.t.Helper()
	answer, text := s.send(http.MethodPost, "/zones/z1/whep"+ticket, sdpType, l.offer(s.t, true))
	if answer.StatusCode != http.StatusCreated || answer.Header.Get("Content-Type") != sdpType {
		s.t.Fatalf("%s: %s", answer.Status, text)
	}
	session := <-s.joined // before the answer, so it is there
	l.take(s.t, text)
	l.awaits(s.t, webrtc.PeerConnectionStateConnected)
	<-session.connected // our half may be later
	return session, answer.Header.Get("Location")
}

// packets makes n of 20 ms, the first heard at at.
func packets(at audio.Time, n int) []audio.Packet {
	stream := &audio.Stream{Format: audio.Format{Codec: audio.Opus, Rate: 48000, Channels: 2}, FrameSamples: 960}
	out := make([]audio.Packet, n)
	for i := range out {
		out[i] = audio.Packet{Stream: stream, At: at.Add(time.Duration(i) * 20 * time.Millisecond), Samples: 960, Data: []byte{0xfc, byte(i)}}
	}
	return out
}

func write(t *testing.T, s *Session, packets []audio.Packet) {
	t.Helper()
	for _, p := range packets {
		if err := s.Write(p); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *listener) receives(t *testing.T, n int) []*rtp.Packet {
	t.Helper()
	out := make([]*rtp.Packet, 0, n)
	timeout := time.After(10 * time.Second)
	for len(out) < n {
		select {
		case p := <-l.packets:
			out = append(out, p)
		case <-timeout:
			t.Fatalf("%d of %d packets came", len(out), n)
		}
	}
	return out
}

func TestPacketsLeaveAtTheirTime(t *testing.T) {
	s := newStage(t, 0)
	l := newListener(t)
	session, location := s.connect(l, "?ticket=mine")
	if session.Ticket() != "mine" {
		t.Errorf("ticket %q", session.Ticket())
	}
	first := s.clock.Now().Add(300 * time.Millisecond)
	sent := packets(first, 10)
	write(t, session, sent)
	// Silence, then more: RTP's clock goes on with the zone's.
	later := packets(first.Add(700*time.Millisecond), 10)
	write(t, session, later)
	got := l.receives(t, 20)
	if ahead := s.clock.Until(later[9].At); ahead > Jitter {
		t.Errorf("the last packet came %v ahead", ahead)
	}
	for i, p := range got {
		want := append(sent, later...)[i]
		if string(p.Payload) != string(want.Data) {
			t.Fatalf("packet %d holds %x, want %x", i, p.Payload, want.Data)
		}
		if ticks := p.Timestamp - got[0].Timestamp; ticks != uint32(want.At.Sub(first)/time.Microsecond)*48/1000 {
			t.Errorf("packet %d has RTP time %d after the first", i, ticks)
		}
		if p.Marker != (i == 0 || i == 10) {
			t.Errorf("packet %d: marker %v", i, p.Marker)
		}
	}
	if answer, text := s.send(http.MethodDelete, location, "", ""); answer.StatusCode != http.StatusOK {
		t.Errorf("DELETE: %s %s", answer.Status, text)
	}
	if left := <-s.left; left != session {
		t.Error("another session left")
	}
	if err := session.Write(sent[0]); !errors.Is(err, ErrEnded) {
		t.Errorf("Write after the end: %v", err)
	}
}

func TestClearedPacketsAreNotSent(t *testing.T) {
	s := newStage(t, 0)
	l := newListener(t)
	session, _ := s.connect(l, "")
	first := s.clock.Now().Add(300 * time.Millisecond)
	write(t, session, packets(first, 20))
	if err := session.Clear(first.Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	fresh := packets(first.Add(150*time.Millisecond), 3)
	fresh[0].Data = []byte{0xfc, 99}
	write(t, session, fresh)
	got := l.receives(t, 8)
	if string(got[4].Payload) != "\xfc\x04" || string(got[5].Payload) != "\xfc\x63" {
		t.Errorf("around the clear: %x, %x", got[4].Payload, got[5].Payload)
	}
}

func TestTrickledCandidates(t *testing.T) {
	s := newStage(t, 0)
	l := newListener(t)
	answer, text := s.send(http.MethodPost, "/zones/z1/whep", sdpType, l.offer(t, false))
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("%s: %s", answer.Status, text)
	}
	l.take(t, text)
	fragment := ""
	for line := range strings.Lines(l.peer.LocalDescription().SDP) {
		for _, wanted := range []string{"a=ice-ufrag", "a=ice-pwd", "m=", "a=mid", "a=candidate"} {
			if strings.HasPrefix(line, wanted) {
				fragment += line
			}
		}
	}
	location := answer.Header.Get("Location")
	if answer, text := s.send(http.MethodPatch, location, "application/trickle-ice-sdpfrag", fragment); answer.StatusCode != http.StatusNoContent {
		t.Errorf("PATCH: %s %s", answer.Status, text)
	}
	l.awaits(t, webrtc.PeerConnectionStateConnected)
}

func TestAPeerThatNeverConnects(t *testing.T) {
	s := newStage(t, 300*time.Millisecond)
	if answer, text := s.send(http.MethodPost, "/zones/z1/whep", sdpType, newListener(t).offer(t, true)); answer.StatusCode != http.StatusCreated {
		t.Fatalf("%s: %s", answer.Status, text)
	}
	session := <-s.joined
	// It takes what is written in the meantime, in bounds, and lets go of
	// what is late.
	var behind error
	for _, p := range packets(s.clock.Now().Add(time.Minute), maxWaiting+1) {
		behind = session.Write(p)
	}
	if !errors.Is(behind, ErrBehind) {
		t.Errorf("Write beyond the bound: %v", behind)
	}
	if left := <-s.left; left != session {
		t.Error("another session left")
	}
}

func TestEverySessionEndsWithTheServer(t *testing.T) {
	s := newStage(t, 0)
	l := newListener(t)
	session, _ := s.connect(l, "")
	s.end()
	if left := <-s.left; left != session {
		t.Error("another session left")
	}
	if answer, _ := s.send(http.MethodPost, "/zones/z1/whep", sdpType, newListener(t).offer(t, true)); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("an offer after the end: %s", answer.Status)
	}
}

func TestSessionsAreLimited(t *testing.T) {
	s := newStage(t, time.Minute)
	offer := newListener(t).offer(t, true)
	for i := range maxSessions {
		if answer, text := s.send(http.MethodPost, "/zones/z1/whep", sdpType, offer); answer.StatusCode != http.StatusCreated {
			t.Fatalf("session %d: %s: %s", i, answer.Status, text)
		}
	}
	answer, _ := s.send(http.MethodPost, "/zones/z1/whep", sdpType, offer)
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %s", answer.Status)
	}
	(<-s.joined).Close()
	<-s.left
	for deadline := time.Now().Add(5 * time.Second); ; {
		answer, _ = s.send(http.MethodPost, "/zones/z1/whep", sdpType, offer)
		if answer.StatusCode == http.StatusCreated {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after one has left: %s", answer.Status)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := newStage(t, 0)
	good := newListener(t).offer(t, true)
	video := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n" +
		"a=fingerprint:sha-256 " + strings.TrimSuffix(strings.Repeat("AB:", 32), ":") + "\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
	telephone := strings.NewReplacer("m=video", "m=audio", " 96\r", " 0\r", "a=rtpmap:96 VP8/90000", "a=rtpmap:0 PCMU/8000").Replace(video)
	for name, c := range map[string]struct {
		method, path, kind, body string
		want                     int
	}{
		"no zone":             {http.MethodPost, "/zones/z9/whep", sdpType, good, 503},
		"only video":          {http.MethodPost, "/zones/z1/whep", sdpType, video, 406},
		"no Opus":             {http.MethodPost, "/zones/z1/whep", sdpType, telephone, 406},
		"wants to send":       {http.MethodPost, "/zones/z1/whep", sdpType, strings.ReplaceAll(good, "a=recvonly", "a=sendonly"), 406},
		"not an offer":        {http.MethodPost, "/zones/z1/whep", sdpType, "v=0\r\n", 400},
		"not SDP":             {http.MethodPost, "/zones/z1/whep", "application/json", "{}", 415},
		"too large":           {http.MethodPost, "/zones/z1/whep", sdpType, strings.Repeat("a", maxSDP+1), 400},
		"a GET":               {http.MethodGet, "/zones/z1/whep", sdpType, "", 405},
		"candidates for none": {http.MethodPatch, "/zones/z1/whep/none", "application/trickle-ice-sdpfrag", "", 404},
		"the end of none":     {http.MethodDelete, "/zones/z1/whep/none", "", "", 404},
	} {
		if answer, text := s.send(c.method, c.path, c.kind, c.body); answer.StatusCode != c.want {
			t.Errorf("%s: %s, want %d: %s", name, answer.Status, c.want, text)
		}
	}
	if len(s.joined) != 0 {
		t.Errorf("%d refused offers joined", len(s.joined))
	}
}

func FuzzCandidates(f *testing.F) {
	f.Add("a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n")
	f.Add("a=candidate:")
	f.Fuzz(func(t *testing.T, fragment string) {
		for _, c := range candidates(fragment) {
			if !strings.HasPrefix(c.Candidate, "candidate:") || c.SDPMid == nil {
				t.Errorf("%q gave %+v", fragment, c)
			}
		}
	})
}
