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

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	send(t, remote, s.clock.Now().Add(150*time.Millisecond), 44100, pcm)
	until(t, "sound", func() bool { return p.Stats().Playing })
	until(t, "the end of it", func() bool { return !p.Stats().Playing })
	until(t, "the last of it heard", func() bool { return p.Stats().Underruns == 1 })
	time.Sleep(50 * time.Millisecond)
	stop()
	wav, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if size := binary.LittleEndian.Uint32(wav[40:]); int(size) != len(wav)-wavHeader {
		t.Errorf("header says %d bytes, there are %d", size, len(wav)-wavHeader)
	}
	at := indexAudio(wav[wavHeader:])
	got := wav[wavHeader+at:]
	st := p.Stats()
	t.Logf("%+v", st)
	if st.Inserted+st.Removed+st.Skipped == 0 && !slices.Equal(got[:len(pcm)], pcm) {
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

func TestPressToSound(t *testing.T) {
	s := newStudio(t)
	sounds := make(chan Sound, 16)
	p, remote, _ := s.play(t, Config{Output: NewMeter(), OnSound: func(x Sound) { sounds <- x }})
	lead := 100 * time.Millisecond
	pcm := tone(4410, 44100)
	var heard, written []time.Duration
	for range 5 {
		pressed := p.cfg.Clock.Now()
		if err := remote.Start(pcmFormat(44100)); err != nil {
			t.Fatal(err)
		}
		due := s.clock.Now().Add(lead)
		send(t, remote, due, 44100, pcm)
		select {
		case x := <-sounds:
			heard = append(heard, x.Heard.Sub(pressed))
			written = append(written, x.Written.Sub(pressed))
			if off := p.client.Server(int64(x.Heard)) - int64(due); off < -2000 || off > 2000 {
				t.Errorf("heard %d µs from its time", off)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no sound")
		}
		until(t, "silence", func() bool { return !p.Stats().Playing })
		time.Sleep(150 * time.Millisecond)
	}
	slices.Sort(heard)
	slices.Sort(written)
	t.Logf("press to output p50 %v, to sound at the meter p50 %v (lead %v); %+v", written[2], heard[2], lead, p.Stats())
}
