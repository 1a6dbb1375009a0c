package player

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

const testRate = 48000

// ramp is mono, each sample its own number, so that one sees which were played.
func ramp(at int64, first, frames int) segment {
	s := segment{at: at, rate: testRate, channels: 1, bits: 16}
	for i := range frames {
		s.pcm = append(s.pcm, float32(first+i+1))
	}
	return s
}

func identity(server int64) int64 { return server }

// play fills blocks of 5 ms from the local time at on.
func play(p *playout, at int64, blocks int) []float32 {
	var out []float32
	for i := range blocks {
		block := make([]float32, testRate/200)
		n, _ := p.fill(block, audio.Time(at+int64(i)*5000), testRate, 1)
		out = append(out, block[:n]...)
	}
	return out
}

func TestPlayoutStartsAtItsSample(t *testing.T) {
	p := playout{local: identity}
	p.push(ramp(1_012_500, 0, 480))
	out := play(&p, 1_000_000, 6)
	at := slices.IndexFunc(out, func(x float32) bool { return x != 0 })
	if at != 600 || out[600] != 1 || out[600+479] != 480 || out[600+480] != 0 {
		t.Errorf("sound begins at frame %d with %v", at, out[at])
	}
	if p.gaps != 1 || p.skipped+p.inserted+p.removed != 0 {
		t.Errorf("%+v", p)
	}
}

func TestPlayoutJoinsSegments(t *testing.T) {
	p := playout{local: identity}
	for i := range 10 { // 100 frames last 2083.33 µs: stamps are rounded
		p.push(ramp(int64(i*100)*1_000_000/testRate, i*100, 100))
	}
	out := play(&p, 0, 4)
	for i, x := range out {
		if x != float32(i+1) {
			t.Fatalf("frame %d is %v", i, x)
		}
	}
}

func TestPlayoutSkipsWhatIsLate(t *testing.T) {
	p := playout{local: identity}
	p.push(ramp(0, 0, 4800)) // 100 ms, of which 60 have passed
	out := play(&p, 60_000, 1)
	if out[0] != 2881 || p.skipped != 2880 {
		t.Errorf("begins with %v, skipped %d", out[0], p.skipped)
	}
	p.clear()
	p.push(ramp(0, 0, 480)) // wholly late
	p.push(ramp(100_000, 1000, 480))
	out = play(&p, 100_000, 1)
	if out[0] != 1001 {
		t.Errorf("begins with %v", out[0])
	}
}

// card40 is an output that holds 40 ms, and whose end the test sets.
type card40 struct {
	meter
	end   audio.Time
	wrote []float32
}

func (*card40) Target() time.Duration               { return 40 * time.Millisecond }
func (o *card40) End(audio.Time) (audio.Time, bool) { return o.end, true }
func (o *card40) Open(Format) error                 { return nil }
func (o *card40) Write(pcm []float32) error {
	o.wrote = append(o.wrote, pcm...)
	o.end = o.end.Add(time.Duration(len(pcm)) * time.Second / testRate)
	return nil
}

// An output that ran dry goes on with the frame whose time it is; a smaller error of
// its end than that is taken up by single frames.
func TestDryOutput(t *testing.T) {
	for _, test := range []struct {
		late time.Duration
		want float32 // the first frame afterwards
	}{{0, 1921}, {400 * time.Microsecond, 1921.5}, {600 * time.Microsecond, 1950}, {50 * time.Millisecond, 4321}} {
		out := &card40{end: 1_000_000}
		p, err := New(Config{ID: "p", Clock: audio.NewClock(), Output: out, Volume: 100})
		if err != nil {
			t.Fatal(err)
		}
		e := newEngine(p)
		e.play.local = identity
		e.play.push(ramp(1_000_000, 0, testRate))
		if err := e.feed(out.end); err != nil {
			t.Fatal(err)
		}
		out.end, out.wrote = out.end.Add(test.late), nil
		if err := e.feed(out.end); err != nil {
			t.Fatal(err)
		}
		if got := out.wrote[0]; got != test.want {
			t.Errorf("%v late: goes on with frame %v, want %v", test.late, got, test.want)
		}
		if dry := test.late > dryAfter; (e.play.resyncs == 1) != dry || e.play.gaps > 0 {
			t.Errorf("%v late: %+v", test.late, e.play)
		}
	}
}

func TestPlayoutFillsHoles(t *testing.T) {
	p := playout{local: identity}
	p.push(ramp(0, 0, 480))
	p.push(ramp(30_000, 1000, 480)) // 20 ms are missing
	out := play(&p, 0, 8)
	if out[479] != 480 || out[480] != 0 || out[1439] != 0 || out[1440] != 1001 || p.gaps != 1 {
		t.Errorf("%v %v %v %v, gaps %d", out[479], out[480], out[1439], out[1440], p.gaps)
	}
}

func TestPlayoutStopsAtAnotherFormat(t *testing.T) {
	p := playout{local: identity}
	p.push(ramp(0, 0, 100))
	other := ramp(2083, 0, 100)
	other.rate = 44100
	p.push(other)
	block := make([]float32, 240)
	if n, sound := p.fill(block, 0, testRate, 1); n != 100 || !sound {
		t.Errorf("filled %d", n)
	}
	if n, _ := p.fill(block, 2083, testRate, 1); n != 0 {
		t.Errorf("filled %d of another rate", n)
	}
}

// A server whose clock runs off by up to 300 ppm is followed by single frames,
// never by a gap, and stays within a frame.
func TestPlayoutFollowsDrift(t *testing.T) {
	for _, ppm := range []float64{-300, -50, 50, 300} {
		p := playout{local: func(server int64) int64 { return int64(float64(server) * (1 + ppm/1e6)) }}
		at, pushed := int64(0), 0
		block := make([]float32, testRate/200)
		for range 12_000 { // a minute
			for p.depth(at) < 100_000 {
				p.push(ramp(int64(pushed)*20_000, 0, 960))
				pushed++
			}
			if n, _ := p.fill(block, audio.Time(at), testRate, 1); n != len(block) {
				t.Fatalf("%v ppm: filled %d", ppm, n)
			}
			at += 5000
			if late := at - p.local(p.head().due()); late > 22 || late < -22 {
				t.Fatalf("%v ppm: %d µs late", ppm, late)
			}
		}
		want := math.Abs(ppm) * 60e-6 * testRate
		if got := float64(p.inserted + p.removed); math.Abs(got-want) > 10 || p.gaps+p.skipped > 0 {
			t.Errorf("%v ppm: %v single frames, want %v; gaps %d, skipped %d", ppm, got, want, p.gaps, p.skipped)
		}
	}
}

// An error of just under a millisecond is taken up as fast as the specification
// allows: at most 0.5 % of speed in any 150 ms.
func TestPlayoutKeepsItsSpeed(t *testing.T) {
	for _, rate := range []int{8000, 44100, 48000, 192000} {
		for _, off := range []int64{-900, 900} {
			jump := int64(0)
			p := playout{local: func(server int64) int64 { return server + jump }}
			long := segment{rate: rate, channels: 1, bits: 16, pcm: make([]float32, 4*rate)}
			for i := range long.pcm {
				long.pcm[i] = float32(i) / 4 // exact, halves too
			}
			p.push(long)
			var out []float32
			for at := int64(0); at < 2_000_000; at += 5000 {
				if at == 500_000 {
					jump = off
				}
				block := make([]float32, rate/200)
				n, _ := p.fill(block, audio.Time(at), rate, 1)
				out = append(out, block[:n]...)
			}
			window := rate * 150 / 1000
			for i := window; i < len(out); i++ {
				took := float64(out[i]-out[i-window]) * 4
				if speed := took / float64(window); speed < 0.995 || speed > 1.005 {
					t.Fatalf("%d Hz, %d µs: speed %.4f at frame %d", rate, off, speed, i)
				}
			}
			if rest := p.local(p.head().due()) - 2_000_000; rest > p.deadband(rate)+2 || rest < -p.deadband(rate)-2 {
				t.Errorf("%d Hz, %d µs: %d µs are left", rate, off, rest)
			}
		}
	}
}

// Whatever comes in, fill always fills, and never plays a frame twice.
func TestPlayoutAlwaysFills(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := playout{local: identity}
		at := int64(1_000_000)
		for range 50 {
			for range rng.IntN(3) {
				s := ramp(at+rng.Int64N(80_000)-40_000, 0, rng.IntN(2000)+1)
				if rng.IntN(10) == 0 {
					s.rate = 44100
				}
				p.push(s)
			}
			block := make([]float32, testRate/200)
			n, _ := p.fill(block, audio.Time(at), testRate, 1)
			if h := p.head(); n != len(block) && (h == nil || h.rate == testRate) {
				t.Fatalf("filled %d", n)
			} else if n != len(block) {
				p.clear()
			}
			at += 5000
		}
	}
}

func TestAmplitude(t *testing.T) {
	tests := []struct {
		volume int
		muted  bool
		want   float64
	}{{100, false, 1}, {50, false, 0.35355}, {25, false, 0.125}, {0, false, 0}, {100, true, 0}, {120, false, 1}}
	for _, test := range tests {
		if got := float64(amplitude(test.volume, test.muted)); math.Abs(got-test.want) > 1e-4 {
			t.Errorf("volume %d, muted %v: %v, want %v", test.volume, test.muted, got, test.want)
		}
	}
}

func TestGainMovesWithoutAStep(t *testing.T) {
	g := gain{now: 1, target: 1}
	pcm := slices.Repeat([]float32{1}, 2*testRate/50)
	g.aim(0.25, testRate)
	g.apply(pcm, 2)
	for i := 2; i < len(pcm); i += 2 {
		if d := pcm[i-2] - pcm[i]; d < 0 || d > 0.002 || pcm[i] != pcm[i+1] {
			t.Fatalf("frame %d: %v after %v", i/2, pcm[i], pcm[i-2])
		}
	}
	if last := pcm[len(pcm)-1]; last != 0.25 {
		t.Errorf("ends at %v", last)
	}
}
