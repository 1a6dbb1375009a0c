package gateway_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// microphone sends 500 Hz by WHIP, a quarter of full scale, until hung up.
type microphone struct {
	o       *observed
	session string // path
}

// speak opens a microphone in a zone.
func (o *observed) speak(t *testing.T, zone, name string) *microphone {
	t.Helper()
	tone := whistled(t)
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	peer, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "audio", "microphone")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := peer.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	m := &microphone{o: o}
	answer := m.send(t, http.MethodPost, "/zones/"+zone+"/whip?name="+name, peer.LocalDescription().SDP)
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	var sending sync.WaitGroup
	stop := make(chan struct{})
	sending.Go(func() { whistle(track, tone, stop) })
	t.Cleanup(func() {
		close(stop)
		sending.Wait()
		_ = peer.GracefulClose()
	})
	return m
}

// send makes a request of WHIP's and returns the answer's body.
func (m *microphone) send(t *testing.T, method, path, sdp string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, m.o.url+path, strings.NewReader(sdp))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+faultToken)
	request.Header.Set("Content-Type", "application/sdp")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", method, path, answer.Status, text, err)
	}
	if at := answer.Header.Get("Location"); at != "" {
		m.session = strings.TrimPrefix(at, "/api/v1")
	}
	return string(text)
}

// whistle sends a second of the tone over and over, at its own pace.
func whistle(track *webrtc.TrackLocalStaticSample, tone [][]byte, stop chan struct{}) {
	begun, tick := time.Now(), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		for ; time.Since(begun) > time.Duration(n)*20*time.Millisecond; n++ {
			_ = track.WriteSample(media.Sample{Data: tone[n%len(tone)], Duration: 20 * time.Millisecond}) // the peer may be gone
		}
	}
}

// whistled is a second of 500 Hz in packets of 20 ms, from where it has settled.
func whistled(t *testing.T) (packets [][]byte) {
	t.Helper()
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.Opus, Rate: 48000, Channels: 2, Bitrate: 256_000})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	pcm := make([]float32, 2*48000*3/2)
	for i := range len(pcm) / 2 {
		v := float32(0.25 * math.Sin(2*math.Pi*500*float64(i)/48000))
		pcm[2*i], pcm[2*i+1] = v, v
	}
	all, err := enc.Encode(pcm)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all[10:60] {
		packets = append(packets, p.Data)
	}
	return packets
}

// What somebody says into a microphone is heard in the zone at once, in one piece;
// when it ends, the music goes on.
func TestMicrophoneIsHeard(t *testing.T) {
	if !audio.EncoderAvailable(audio.Opus) {
		t.Skip("no Opus encoder is built in: run `make opus` first")
	}
	o := observe(t, t.TempDir(), tones(t, 2, 20*time.Second))
	start := time.Now()
	speaker, path := o.player(t, 6, client.Config{Name: "Kitchen", Now: func() int64 { return time.Since(start).Microseconds() }})
	o.play(2)
	zone := o.zone().ID
	o.must("PATCH", path, map[string]any{"zone": zone}, nil)
	o.until("music", 20*time.Second, func() bool { _, ok := speaker.Take(); return ok })
	mic := o.speak(t, zone, "Mina")
	var playing struct {
		State string
		Track *struct{ ID, Title string }
	}
	o.until("the microphone to be shown", 10*time.Second, func() bool {
		o.must("GET", "/zones/"+zone, nil, &playing)
		return playing.Track != nil && playing.Track.Title == "Mina"
	})
	live := playing.Track.ID
	heard := record(o, speaker, 500, 22050)
	checkTone(t, heard[4410:], 500, 8192) // Opus fades in
	mic.send(t, http.MethodDelete, mic.session, "")
	o.until("the music to go on", 20*time.Second, func() bool {
		o.must("GET", "/zones/"+zone, nil, &playing)
		return playing.State == "playing" && playing.Track != nil && playing.Track.ID != live
	})
	if got := o.ask("POST", "/zones/"+zone+"/queue", map[string]any{"tracks": []string{live}, "at": "now"}, nil); got != 404 {
		t.Errorf("a microphone that was closed is put into the queue: %d", got)
	}
}
