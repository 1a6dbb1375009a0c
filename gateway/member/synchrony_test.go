package member_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

const (
	syncRate = 44100
	// A frame carries its own number, in 24-bit FLAC: so many low bits on the
	// left, the rest, and one, on the right. Silence is 0 on the right.
	lowBits = 22
	// What breaks off while the clock is hardly known is not counted.
	warmUp = 10 * time.Second
	// Deviations are kept for one frame in so many.
	gridStep = 220
)

func numbered(i int64, c int) float32 {
	if c == 0 {
		return float32(i&(1<<lowBits-1)) / (1 << 23)
	}
	return float32(i>>lowBits+1) / (1 << 23)
}

// crystal is a clock that is off by so many parts per million and began
// anywhere; truth is the process's own clock.
type crystal struct {
	origin time.Time
	rate   float64
	off    float64 // µs
}

func (c crystal) Now() audio.Time { return audio.Time(c.at(truth(c.origin))) }

// at is what the clock reads at a true time, both µs.
func (c crystal) at(true float64) float64 { return c.off + true*c.rate }

func truth(origin time.Time) float64 { return float64(time.Since(origin).Nanoseconds()) / 1000 }

// dac is an Output whose samples leave at the pace of a crystal of its own, and
// that notes of every frame when it left, by the true clock.
type dac struct {
	clock  crystal
	sample float64 // µs that a frame lasts
	score  *score
	holds  time.Duration

	begun  float64 // when frame 0 left, µs of the true clock
	frames int64
}

func (*dac) Name() string               { return "dac" }
func (d *dac) Target() time.Duration    { return d.holds }
func (*dac) Slack() time.Duration       { return 0 }
func (*dac) Heard([]float32) error      { return nil }
func (*dac) Rest() error                { return nil }
func (*dac) Close() error               { return nil }
func (d *dac) Open(player.Format) error { d.begun, d.frames = 0, 0; return nil }

func (d *dac) End(now audio.Time) (audio.Time, bool) {
	true := truth(d.clock.origin)
	if d.begun == 0 || d.leaves(d.frames) < true {
		if d.begun != 0 {
			d.score.dry.Add(1)
		}
		d.begun, d.frames = true, 0
	}
	return audio.Time(math.Round(d.clock.at(d.leaves(d.frames)))), true > 0
}

func (d *dac) leaves(frame int64) float64 { return d.begun + float64(frame)*d.sample }

func (d *dac) Write(pcm []float32) error {
	for i := 0; i < len(pcm); i += 2 {
		d.score.heard(pcm[i], pcm[i+1], d.leaves(d.frames), i == 0)
		d.frames++
	}
	return nil
}

// score is what one player played.
type score struct {
	player *player.Player
	clock  crystal
	warm   player.Stats  // when it had been playing for warmUp
	start  *atomic.Int64 // when frame 0 was to be heard, µs of the server's clock

	dry atomic.Int64 // times that the process came too late to feed the output

	devs    []float32 // µs, when frame i*gridStep left, less i*gridStep frames; NaN if it did not
	last    float64   // the number of the frame before
	recent  []float64 // numbers of frames at the beginnings of the last blocks
	written []int64
	count   int64
	speed   float64   // the largest deviation of the speed over 150 ms
	off     []float32 // µs, each block: from where the filter says that it belongs
}

func (s *score) heard(left, right float32, true float64, first bool) {
	s.count++
	high := float64(right) * (1 << 23)
	if high == 0 { // silence
		s.last, s.recent, s.written = 0, s.recent[:0], s.written[:0]
		return
	}
	if high != math.Trunc(high) {
		return // a frame between two that differ there
	}
	n := float64(left)*(1<<23) + (high-1)*(1<<lowBits)
	if d := n - s.last; s.last > 0 && (d < 0.4 || d > 1.6) {
		s.recent, s.written = s.recent[:0], s.written[:0]
	}
	s.last = n
	if n == math.Trunc(n) && int64(n)%gridStep == 0 {
		i := int(n) / gridStep
		for len(s.devs) <= i {
			s.devs = append(s.devs, float32(math.NaN()))
		}
		s.devs[i] = float32(true - n*1e6/syncRate - float64(s.start.Load()))
	}
	if !first {
		return
	}
	due := float64(s.start.Load()) + n*1e6/syncRate
	s.off = append(s.off, float32(s.clock.at(true)-float64(s.player.Client().Local(int64(math.Round(due))))))
	// Blocks are of 5 ms: 30 of them are 150 ms.
	s.recent, s.written = append(s.recent, n), append(s.written, s.count)
	if k := len(s.recent) - 31; k >= 0 {
		frames := float64(s.written[k+30] - s.written[k])
		s.speed = max(s.speed, math.Abs((s.recent[k+30]-s.recent[k])/frames-1))
		s.recent, s.written = s.recent[1:], s.written[1:]
	}
}

// synchrony is a run of players of one zone.
type synchrony struct {
	players int
	drift   float64 // of clocks and of converters, ± ppm
	weather weather
	length  time.Duration
	holds   time.Duration // what the outputs hold
	seed    uint64
}

// result is what came of it.
type result struct {
	scores []*score
}

// simulate plays in simulated time, over connections in memory.
func (s synchrony) simulate(t *testing.T) (r result) {
	s.holds = 40 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(s.weather, s.seed)
		r = s.play(t, net, net.dial)
	})
	return r
}

// play has players connect by dial to a house that listens, and plays to them.
func (s synchrony) play(t *testing.T, l net.Listener, dial dialer) (r result) {
	clock, origin := audio.NewClock(), time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	server, err := sendspin.New(sendspin.Config{ID: "house", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	wg.Go(func() { _ = web.Serve(l) })
	wg.Go(func() { _ = server.Run(ctx) })
	defer wg.Wait()
	defer web.Close()
	defer cancel()
	z := syncZone(ctx, t, &wg, clock, zonetest.Sound{Rate: syncRate, At: numbered}, s.length)

	start := new(atomic.Int64)
	rng := rand.New(rand.NewPCG(s.seed, 3))
	for i := range s.players {
		sc := s.newScore(t, rng, fmt.Sprint("p", i), origin, dial)
		sc.start = start
		wg.Go(func() { _ = sc.player.Run(ctx) })
		r.scores = append(r.scores, sc)
	}
	gather(t, &wg, server, clock, z, s.players)
	if err := z.Play(ctx); err != nil {
		t.Fatal(err)
	}
	time.Sleep(30 * time.Millisecond) // shorter than the lead
	st, err := z.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	start.Store(int64(st.At) - st.Offset.Microseconds())
	time.Sleep(warmUp)
	for _, sc := range r.scores {
		sc.warm = sc.player.Stats()
	}
	time.Sleep(s.length - warmUp)
	if end, err := z.State(ctx); err != nil || end.Epoch != st.Epoch || len(end.Members) != s.players {
		t.Errorf("the zone at the end: %+v, %v", end, err)
	}
	return r
}

// newScore makes a player with a clock and an output of its own.
func (s synchrony) newScore(t *testing.T, rng *rand.Rand, id string, origin time.Time, dial dialer) *score {
	ppm := func() float64 { return s.drift * (2*rng.Float64() - 1) }
	sc := &score{}
	sc.clock = crystal{origin: origin, rate: 1 + ppm()/1e6, off: rng.Float64() * 1e12}
	out := &dac{clock: sc.clock, sample: 1e6 / syncRate / (1 + ppm()/1e6), score: sc, holds: s.holds}
	p, err := player.New(player.Config{
		ID: id, Server: "ws://server" + sendspin.Path, Clock: sc.clock, Output: out,
		Codecs: []audio.Codec{audio.FLAC}, Volume: 100, NetDial: dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	sc.player = p
	return sc
}

// gather brings so many players into the zone, each once it has told its state, and
// then takes no more note of what happens.
func gather(
	t *testing.T, wg *sync.WaitGroup, server *sendspin.Server, clock audio.Clock, z *zone.Zone, players int,
) map[string]*sendspin.Player {
	joined := map[string]*sendspin.Player{}
	for timeout := time.After(time.Minute); len(joined) < players; {
		var e sendspin.Event
		select {
		case e = <-server.Events():
		case <-timeout:
			t.Fatalf("%d of %d players are here: %v", len(joined), players, joined)
		}
		if e.Player == nil || joined[e.Player.ID()] != nil || e.State.Volume < 0 || !e.State.Available {
			continue
		}
		p, err := member.NewPlayer(member.PlayerConfig{Player: e.Player, Clock: clock, Group: "z"})
		if err != nil {
			t.Fatal(err)
		}
		if err := z.Attach(t.Context(), zone.Member{ID: e.Player.ID(), Output: p, Shows: p}); err != nil {
			t.Fatal(err)
		}
		joined[e.Player.ID()] = e.Player
	}
	wg.Go(func() {
		for range server.Events() {
		}
	})
	return joined
}

type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// syncZone runs a zone that plays one sound for that long, and a minute.
func syncZone(
	ctx context.Context, t *testing.T, wg *sync.WaitGroup, clock audio.Clock, sound zonetest.Sound, length time.Duration,
) *zone.Zone {
	sound.Track.ID, sound.Frames = "long", int64((length+time.Minute).Seconds())*int64(sound.Rate)
	tracks := zonetest.NewTracks(sound)
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: tracks, Journal: zonetest.NewJournal()})
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { _ = z.Run(ctx) })
	if _, err := z.Add(ctx, zone.AddRequest{Tracks: []string{"long"}}); err != nil {
		t.Fatal(err)
	}
	return z
}

// skews are the distances in µs between any two players, for each kept frame
// between two times of the music.
func (r result) skews(from, to time.Duration) []float64 {
	var all []float64
	at := func(d time.Duration) int { return int(d.Seconds() * syncRate / gridStep) }
	for i := at(from); i < at(to); i++ {
		for a, x := range r.scores {
			for _, y := range r.scores[:a] {
				if i >= len(x.devs) || i >= len(y.devs) {
					continue
				}
				if d := math.Abs(float64(x.devs[i] - y.devs[i])); d == d {
					all = append(all, d)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

// filterError is the specification's own measure: how far blocks were from where
// the player's clock filter says that they belong, from a time of the music on.
func (r result) filterError(from time.Duration) []float64 {
	var all []float64
	for _, s := range r.scores {
		for i := int(from / (5 * time.Millisecond)); i < len(s.off); i++ {
			all = append(all, math.Abs(float64(s.off[i])))
		}
	}
	slices.Sort(all)
	return all
}

func (r result) speed() float64 {
	most := 0.0
	for _, s := range r.scores {
		most = max(most, s.speed)
	}
	return most
}

// breaks counts the times that a player had nothing to play, and those that it
// jumped to where it should have been, once it was warm.
func (r result) breaks() (underruns, resyncs uint64) {
	for _, s := range r.scores {
		st := s.player.Stats()
		underruns += st.Underruns - s.warm.Underruns
		resyncs += st.Resyncs - s.warm.Resyncs
	}
	return underruns, resyncs
}

// TestPlayersStayInStep holds three players on a rough network together for a
// minute and a half. The long runs, with eight, are in make bench.
func TestPlayersStayInStep(t *testing.T) {
	r := synchrony{
		players: 3, drift: 100, length: 90 * time.Second, seed: 1,
		weather: weather{base: time.Millisecond, jitter: 20 * time.Millisecond},
	}.simulate(t)
	skews, off := r.skews(time.Minute, 90*time.Second), r.filterError(time.Minute)
	underruns, resyncs := r.breaks()
	t.Logf("skew p95 %.0f µs, max %.0f; from the filter max %.0f; speed %.4f; %d underruns, %d resyncs",
		quantile(skews, 0.95), quantile(skews, 1), quantile(off, 1), r.speed(), underruns, resyncs)
	if p95 := quantile(skews, 0.95); !(p95 < 700) {
		t.Errorf("skew p95 %.0f µs", p95)
	}
	if most := quantile(off, 1); !(most < 500) {
		t.Errorf("%.0f µs from what the filter says", most)
	}
	if n, _ := r.breaks(); r.speed() > 0.005 || n > 0 {
		t.Errorf("speed off by %.3f %%, %d underruns", r.speed()*100, n)
	}
}
