//go:build peers

package member

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mewkiz/flac/frame"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// slowCast is an emulated Chromecast in a zone; what it fetches is noted as the
// device gets it.
type slowCast struct {
	t      *testing.T
	name   string
	sender *cast.Sender
	member *Cast
	server *httptest.Server
	kept   chan time.Duration // the newest

	mu    sync.Mutex
	runs  int
	begin []byte // of the newest run
}

// startSlowCast starts a device that takes so long to begin.
func startSlowCast(t *testing.T, clock audio.Clock, name string, takes, kept, delay time.Duration) *slowCast {
	t.Helper()
	peer := startReceiver(t)
	peer.Order("slow-load %d", takes.Milliseconds())
	s := &slowCast{t: t, name: name, sender: cast.NewSender(cast.Config{}), kept: make(chan time.Duration, 1)}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.runs++
		s.begin = nil
		s.mu.Unlock()
		s.member.ServeRun(strings.TrimPrefix(r.URL.Path, "/"), &noting{w, s}, r)
	}))
	t.Cleanup(s.server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.sender.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	s.sender.Presence(peer.addr)
	if err := s.sender.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.member = runCast(t, CastConfig{
		Sender: s.sender, Statuses: s.sender.Statuses(), Clock: clock, StartDelay: kept, Delay: delay, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
		Started: func(d time.Duration) {
			select {
			case <-s.kept:
			default:
			}
			s.kept <- d
		},
		StreamURL: func(run string) (string, error) { return s.server.URL + "/" + run, nil },
	})
	return s
}

// noting keeps the beginning of what is served.
type noting struct {
	http.ResponseWriter
	s *slowCast
}

func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func (n *noting) Write(b []byte) (int, error) {
	n.s.mu.Lock()
	if len(n.s.begin) < 64<<10 {
		n.s.begin = append(n.s.begin, b...)
	}
	n.s.mu.Unlock()
	return n.ResponseWriter.Write(b)
}

// countIn numbers frames in 16 bits: the low 15 on the left, the rest, and one,
// on the right.
func countIn(i int64, c int) float32 {
	if c == 0 {
		return float32(i&0x7fff) / 0x8000
	}
	return float32(i>>15+1) / 0x8000
}

// served counts the runs of the stream that the device has asked for.
func (s *slowCast) served() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

// heard is where in the track the device is by what it was served and by the
// position that it reports, and where the zone is at that time.
func (s *slowCast) heard(z *zone.Zone) (device, house time.Duration, ok bool) {
	s.t.Helper()
	if err := s.sender.Refresh(s.t.Context()); err != nil {
		return 0, 0, false
	}
	st, err := z.State(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	status := s.sender.Status()
	s.mu.Lock()
	defer s.mu.Unlock()
	const header = 42 // the mark, and STREAMINFO with its own header
	if status.State != cast.Playing || len(s.begin) < header+8192 {
		return 0, 0, false
	}
	f, err := frame.Parse(bytes.NewReader(s.begin[header:]))
	if err != nil {
		s.t.Fatalf("%s was served %v", s.name, err)
	}
	n := int64(f.Subframes[0].Samples[0]) + int64(f.Subframes[1].Samples[0]-1)<<15
	return time.Duration(n)*time.Second/44100 + status.PositionAt(time.Now()), st.Offset, true
}

// await waits until every device is within 80 ms, and 30 of measuring, of where
// it should be.
func awaitAligned(t *testing.T, z *zone.Zone, limit time.Duration, delays map[*slowCast]time.Duration) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		said, good := "", 0
		for s, delay := range delays {
			device, house, ok := s.heard(z)
			off := device - house - delay
			said += fmt.Sprintf(" %s is off by %v (%v, runs %d);", s.name, off, ok, s.served())
			if ok && off.Abs() < inStep+30*time.Millisecond {
				good++
			}
		}
		if good == len(delays) {
			t.Log("in step:" + said)
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("not in step:" + said)
		}
	}
}

// Two Chromecasts that take 0.4 and 1.9 s to begin come into step with a player,
// and with each other; a measured one does at once. The player hears of nothing.
func TestPeerCastsAlignWithAPlayer(t *testing.T) {
	clock := audio.NewClock()
	tracks := zonetest.NewTracks(zonetest.Sound{Track: zone.Track{ID: "long"}, Rate: 44100, Frames: 300 * 44100, At: countIn})
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: tracks, Journal: zonetest.NewJournal()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- z.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	player := zonetest.NewOutput(clock, zone.Caps{
		Formats: []audio.Format{{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 16}},
		Lead:    100 * time.Millisecond, Buffer: time.Second, Clears: true,
	})
	must(z.Attach(ctx, zone.Member{ID: "player", Output: player}))
	quick := startSlowCast(t, clock, "the quick one", 400*time.Millisecond, 0, 0)
	slow := startSlowCast(t, clock, "the slow one", 1900*time.Millisecond, 0, 250*time.Millisecond)
	must(z.Attach(ctx, zone.Member{ID: "quick", Output: quick.member}))
	must(z.Attach(ctx, zone.Member{ID: "slow", Output: slow.member}))
	_, err = z.Add(ctx, zone.AddRequest{Tracks: []string{"long"}})
	must(err)
	must(z.Play(ctx))
	all := map[*slowCast]time.Duration{quick: 0, slow: 250 * time.Millisecond}
	awaitAligned(t, z, time.Minute, all)
	if first, second := <-quick.kept, <-slow.kept; (first-400*time.Millisecond).Abs() > 100*time.Millisecond ||
		(second-1900*time.Millisecond).Abs() > 100*time.Millisecond {
		t.Errorf("measured were %v and %v", first, second)
	}
	must(z.Seek(ctx, 2*time.Minute))
	awaitAligned(t, z, 30*time.Second, all) // with the run that the seek begins, or on a busy machine one more
	packets := player.Packets()
	gaps := 0
	for i := 1; i < len(packets); i++ {
		if gap := packets[i].At.Sub(packets[i-1].End()); gap.Abs() > 2*time.Microsecond {
			gaps++
		}
	}
	if gaps > 1 { // the seek
		t.Errorf("the player's music has %d gaps", gaps)
	}
}
