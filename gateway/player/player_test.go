package player

import (
	"context"
	"encoding/binary"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// studio is a server on a loopback socket.
type studio struct {
	*sendspin.Server
	clock audio.Clock
	url   string
}

func newStudio(t testing.TB) *studio {
	t.Helper()
	clock := audio.NewClock()
	s, err := sendspin.New(sendspin.Config{ID: "studio", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		cancel()
		for range s.Events() {
		}
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		web.Close()
	})
	return &studio{s, clock, "ws" + strings.TrimPrefix(web.URL, "http")}
}

func (s *studio) connected(t testing.TB) *sendspin.Player {
	t.Helper()
	for {
		select {
		case e := <-s.Events():
			if e.Kind == sendspin.Connected {
				return e.Player
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no player")
		}
	}
}

// play runs a player with its own clock until the test ends or stop is called.
func (s *studio) play(t testing.TB, cfg Config) (p *Player, remote *sendspin.Player, stop func()) {
	t.Helper()
	cfg.Server, cfg.Clock = s.url, audio.NewClock()
	if cfg.ID == "" {
		cfg.ID = "p1"
	}
	cfg.Volume = 100
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("player: %v", err)
		}
	}
	t.Cleanup(stop)
	remote = s.connected(t)
	until(t, "a clock", p.client.Synced)
	return p, remote, stop
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}

// tone returns 16-bit stereo frames of a sine, as the wire carries them.
func tone(frames, rate int) []byte {
	b := make([]byte, 0, frames*4)
	for i := range frames {
		v := uint16(int16(12000 * math.Cos(2*math.Pi*440*float64(i)/float64(rate))))
		b = binary.LittleEndian.AppendUint16(b, v)
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// send sends pcm in chunks of 20 ms, the first to be heard at at.
func send(t testing.TB, p *sendspin.Player, at audio.Time, rate int, pcm []byte) {
	t.Helper()
	n := 0
	for chunk := range slices.Chunk(pcm, rate/50*4) {
		when := int64(at) + int64(n)*1_000_000/int64(rate)
		if err := p.Send(when, chunk); err != nil {
			t.Fatal(err)
		}
		n += len(chunk) / 4
	}
}

func pcmFormat(rate int) sendspin.StreamFormat {
	return sendspin.StreamFormat{Codec: "pcm", Rate: rate, Channels: 2, Bits: 16}
}

func TestWAVIsExact(t *testing.T) {
	s := newStudio(t)
	path := filepath.Join(t.TempDir(), "out.wav")
	p, remote, stop := s.play(t, Config{Output: NewWAV(path)})
	if err := remote.Start(pcmFormat(44100)); err != nil {
		t.Fatal(err)
	}
	pcm := tone(44100, 44100)
	send(t, remote, s.clock.Now().Add(400*time.Millisecond), 44100, pcm)
	until(t, "sound", func() bool { return p.Stats().Playing })
	until(t, "the end of it", func() bool { return p.Stats().Underruns == 1 })
	ended := p.cfg.Clock.Now()
	until(t, "the last of it heard", func() bool { return p.cfg.Clock.Now().Sub(ended) > 60*time.Millisecond })
	stop()
	wav, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if size := binary.LittleEndian.Uint32(wav[40:]); int(size) != len(wav)-wavHeader {
		t.Errorf("header says %d bytes, there are %d", size, len(wav)-wavHeader)
	}
	got := wav[wavHeader+indexAudio(wav[wavHeader:]):]
	st := p.Stats()
	if st.Skipped > 0 || st.Late > 0 || st.Broken > 0 {
		t.Errorf("%+v", st)
	}
	if st.Inserted+st.Removed == 0 && !slices.Equal(got[:len(pcm)], pcm) {
		t.Error("samples differ")
	}
}

// indexAudio is where the first sample that is not silence stands.
func indexAudio(b []byte) int {
	for i, x := range b {
		if x != 0 {
			return i / 4 * 4
		}
	}
	return len(b)
}

// quiet waits until the meter has heard 100 ms of silence, after which it
// reports the next sound.
func quiet(t testing.TB, levels <-chan Level) {
	t.Helper()
	timeout := time.After(5 * time.Second)
	for n := 0; n < 2; {
		select {
		case l := <-levels:
			if n++; !math.IsInf(l.Peak, -1) {
				n = 0
			}
		case <-timeout:
			t.Fatal("it never falls silent")
		}
	}
}

// ear is a meter that the test listens to.
type ear struct {
	sounds chan Sound
	levels chan Level
}

func newEar(c *Config) ear {
	e := ear{make(chan Sound, 256), make(chan Level, 4096)}
	c.Output = NewMeter()
	c.OnSound = func(s Sound) { e.sounds <- s }
	c.OnLevel = func(l Level) { e.levels <- l }
	return e
}

func (e ear) next(t testing.TB) Sound {
	t.Helper()
	select {
	case s := <-e.sounds:
		return s
	case <-time.After(10 * time.Second):
		t.Fatal("no sound")
		return Sound{}
	}
}

// TestPressToSound measures from the press, that is before stream/start, to the
// first sample at the output and at the meter, and prints both.
func TestPressToSound(t *testing.T) {
	s := newStudio(t)
	cfg := Config{}
	e := newEar(&cfg)
	p, remote, _ := s.play(t, cfg)
	lead := remoteLead(t, remote)
	pcm := tone(44100, 44100) // long enough for a machine that is busy elsewhere
	var heard, written, offs []time.Duration
	for range 9 {
		pressed := p.cfg.Clock.Now()
		if err := remote.Start(pcmFormat(44100)); err != nil {
			t.Fatal(err)
		}
		due := s.clock.Now().Add(lead)
		send(t, remote, due, 44100, pcm)
		x := e.next(t)
		heard = append(heard, x.Heard.Sub(pressed))
		written = append(written, x.Written.Sub(pressed))
		offs = append(offs, audio.Time(p.client.Server(int64(x.Heard))).Sub(due).Abs())
		quiet(t, e.levels)
	}
	slices.Sort(heard)
	slices.Sort(written)
	slices.Sort(offs)
	t.Logf("lead %v: press to output p50 %v, to the meter p50 %v, max %v; from its time p50 %v, max %v",
		lead, written[4], heard[4], heard[8], offs[4], offs[8])
	if offs[4] > 2*time.Millisecond {
		t.Errorf("heard %v from its time", offs[4])
	}
	if heard[4] > 250*time.Millisecond {
		t.Errorf("press to sound p50 %v", heard[4])
	}
}

// remoteLead is what the player asked for, and 20 ms for the network.
func remoteLead(t testing.TB, p *sendspin.Player) time.Duration {
	t.Helper()
	until(t, "its state", func() bool { return p.State().RequiredLead > 0 })
	return p.State().RequiredLead + 20*time.Millisecond
}

// TestSkew prints how far apart two players of one machine play the same
// sample: each has a clock of its own, with an origin of its own, and knows the
// server's only by its filter. The truth is read off both clocks at once.
func TestSkew(t *testing.T) {
	s := newStudio(t)
	var players [2]*Player
	var remotes [2]*sendspin.Player
	var ears [2]ear
	for i := range players {
		cfg := Config{ID: []string{"left", "right"}[i]}
		ears[i] = newEar(&cfg)
		players[i], remotes[i], _ = s.play(t, cfg)
	}
	lead := remoteLead(t, remotes[0])
	pcm := tone(44100, 44100)
	var skews []time.Duration
	for range 9 {
		due := s.clock.Now().Add(lead)
		for _, r := range remotes {
			if err := r.Start(pcmFormat(44100)); err != nil {
				t.Fatal(err)
			}
			send(t, r, due, 44100, pcm)
		}
		apart := players[0].cfg.Clock.Now() - players[1].cfg.Clock.Now()
		skew := ears[0].next(t).Heard - ears[1].next(t).Heard - apart
		skews = append(skews, max(skew, -skew).Sub(0))
		for _, e := range ears {
			quiet(t, e.levels)
		}
	}
	slices.Sort(skews)
	t.Logf("skew of two players on one machine: p50 %v, max %v", skews[4], skews[8])
	if skews[4] > time.Millisecond {
		t.Errorf("skew p50 %v", skews[4])
	}
}
