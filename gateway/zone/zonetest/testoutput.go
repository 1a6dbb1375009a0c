package zonetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// OutputRig is one Output with a device at its other end, made for one test.
type OutputRig struct {
	Output zone.Output
	Clock  audio.Clock // the one that the Output follows
	// Received returns what the device plays or will play, in that order, in
	// the gateway's time: what it dropped at a Clear is left out. Data may be
	// nil where the device cannot tell. Nil where nothing can be observed.
	Received func() []audio.Packet
	// Stall has the device stop reading, and keep its connection. Nil where
	// there is nothing to stall.
	Stall func()
	// NewEncoder makes the packets; audio.NewEncoder if nil.
	NewEncoder func(audio.Format) (audio.Encoder, error)
}

// Patience of the conformance tests.
const (
	mayTake  = time.Second // a call that "does not block", on a very busy machine
	arrives  = 5 * time.Second
	stallFor = 2 * time.Minute // of audio, to a device that does not read
)

// TestOutput checks that an Output keeps the contract of zone.Output. It calls
// make, which registers its own cleaning up, once for each check.
func TestOutput(t *testing.T, make func(t *testing.T) OutputRig) {
	checks := []struct {
		name string
		run  func(*testing.T, *outputRun)
	}{
		{"Caps", checkCaps},
		{"Order", checkOrder},
		{"Clear", checkClear},
		{"ClearOfNothing", checkClearOfNothing},
		{"NewStream", checkNewStream},
		{"Gap", checkGap},
		{"Stall", checkStall},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			rig := make(t)
			if rig.NewEncoder == nil {
				rig.NewEncoder = audio.NewEncoder
			}
			c.run(t, &outputRun{t: t, OutputRig: rig, caps: rig.Output.Caps()})
		})
	}
}

// outputRun is a check under way.
type outputRun struct {
	OutputRig
	t    *testing.T
	caps zone.Caps
}

// packets encodes d of a tone, heard from at on, on a stream of its own, in the
// Output's first format that can be encoded.
func (r *outputRun) packets(at audio.Time, d time.Duration) []audio.Packet {
	r.t.Helper()
	for _, f := range r.caps.Formats {
		enc, err := r.NewEncoder(f)
		if errors.Is(err, audio.ErrUnsupported) {
			continue
		}
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = enc.Close() }()
		frames := int(d.Seconds() * float64(f.Rate))
		pcm := slices.Repeat([]float32{0}, frames*f.Channels)
		// Noise, so that no codec makes it so small that a bound in bytes is
		// never met.
		noise := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a signal, not a secret
		for i := range pcm {
			pcm[i] = 0.5*noise.Float32() - 0.25
		}
		coded, err := enc.Encode(pcm)
		if err != nil {
			r.t.Fatal(err)
		}
		if at == soonest {
			at = r.soon()
		}
		var out []audio.Packet
		n := 0
		for _, c := range coded {
			p := audio.Packet{Stream: enc.Stream(), At: at.Add(f.Duration(n)), Samples: c.Samples, Data: c.Data}
			out = append(out, p)
			n += c.Samples
		}
		return out
	}
	r.t.Skipf("none of %v can be encoded in this build", r.caps.Formats)
	return nil
}

// soonest asks packets for audio that begins as soon as it may, told once it is
// coded: a busy machine takes its time over that.
const soonest audio.Time = -1

// soon is an instant that packets can still be written for.
func (r *outputRun) soon() audio.Time { return r.Clock.Now().Add(r.caps.Lead + 200*time.Millisecond) }

// fits is how much audio may be written from soon on.
func (r *outputRun) fits() time.Duration {
	d := time.Second
	if r.caps.Buffer > 0 {
		d = min(d, max(r.caps.Buffer-r.caps.Lead-200*time.Millisecond, 0))
	}
	return max(d, 250*time.Millisecond)
}

// promptly fails when f blocks.
func (r *outputRun) promptly(what string, f func()) {
	r.t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > mayTake {
		r.t.Fatalf("%s took %v: no method may block", what, took)
	}
}

func (r *outputRun) write(packets []audio.Packet) {
	r.t.Helper()
	for i, p := range packets {
		r.promptly("Write", func() {
			if err := r.Output.Write(p); err != nil {
				r.t.Fatalf("packet %d of %d, %v ahead: %v", i, len(packets), p.At.Sub(r.Clock.Now()), err)
			}
		})
	}
}

// awaits waits until the device has these packets, in this order, last.
func (r *outputRun) awaits(want []audio.Packet) {
	r.t.Helper()
	if r.Received == nil {
		return
	}
	var got []audio.Packet
	for end := time.Now().Add(arrives + r.caps.Lead); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got = r.Received()
		if len(got) >= len(want) && samePackets(got[len(got)-len(want):], want) {
			return
		}
	}
	r.t.Fatalf("the device has %s, want %s at the end", describe(got), describe(want))
}

func samePackets(a, b []audio.Packet) bool {
	return slices.EqualFunc(a, b, func(p, q audio.Packet) bool {
		d := p.At.Sub(q.At)
		return d <= time.Millisecond && d >= -time.Millisecond &&
			(p.Data == nil || bytes.Equal(p.Data, q.Data))
	})
}

func checkCaps(t *testing.T, r *outputRun) {
	c := r.caps
	if len(c.Formats) == 0 {
		t.Fatal("no formats")
	}
	for _, f := range c.Formats {
		if f.Codec == "" || f.Rate < 8000 || f.Rate > 384000 || f.Channels < 1 || f.Channels > 2 {
			t.Errorf("format %v makes no sense", f)
		}
		if (f.Codec == audio.PCM || f.Codec == audio.FLAC) && f.Bits != 16 && f.Bits != 24 && f.Bits != 32 {
			t.Errorf("format %v has %d bits", f, f.Bits)
		}
	}
	if c.Lead < 0 || c.Lead > 30*time.Second {
		t.Errorf("a lead of %v", c.Lead)
	}
	if c.Buffer != 0 && c.Buffer < c.Lead {
		t.Errorf("a buffer of %v cannot hold the lead of %v", c.Buffer, c.Lead)
	}
	if again := r.Output.Caps(); !slices.Equal(again.Formats, c.Formats) || again.Lead != c.Lead || again.Clears != c.Clears {
		t.Error("Caps changes by itself")
	}
}

func checkOrder(_ *testing.T, r *outputRun) {
	p := r.packets(soonest, r.fits())
	r.write(p)
	r.awaits(p)
}

func checkClear(t *testing.T, r *outputRun) {
	old := r.packets(soonest, r.fits())
	r.write(old)
	from := old[len(old)/2].At
	r.promptly("Clear", func() {
		if err := r.Output.Clear(from); err != nil {
			t.Fatalf("Clear: %v", err)
		}
	})
	if !r.caps.Clears {
		from = old[len(old)-1].End()
	}
	fresh := r.packets(from, r.fits()/2)
	r.write(fresh)
	r.awaits(fresh)
	if r.Received == nil || !r.caps.Clears {
		return
	}
	for _, p := range r.Received() {
		if p.At < from {
			continue
		}
		if !slices.ContainsFunc(fresh, func(q audio.Packet) bool { return samePackets([]audio.Packet{p}, []audio.Packet{q}) }) {
			t.Errorf("a packet for %d is still there after Clear(%d)", p.At, from)
		}
	}
}

func checkClearOfNothing(t *testing.T, r *outputRun) {
	for range 3 {
		r.promptly("Clear", func() {
			if err := r.Output.Clear(r.Clock.Now()); err != nil {
				t.Fatalf("Clear of an output that holds nothing: %v", err)
			}
		})
	}
	p := r.packets(soonest, r.fits())
	r.write(p)
	r.awaits(p)
}

func checkNewStream(_ *testing.T, r *outputRun) {
	first := r.packets(soonest, r.fits()/2)
	r.write(first)
	second := r.packets(first[len(first)-1].End(), r.fits()/2)
	r.write(second)
	r.awaits(second)
}

// checkGap writes as a member is served that was behind: the same stream, some
// packets missing.
func checkGap(_ *testing.T, r *outputRun) {
	p := r.packets(soonest, r.fits())
	n := max(1, len(p)/4)
	r.write(p[:n])
	r.write(p[len(p)-n:])
	r.awaits(p[len(p)-n:])
}

func checkStall(t *testing.T, r *outputRun) {
	if r.Stall == nil {
		t.Skip("nothing to stall")
	}
	r.write(r.packets(soonest, r.fits()/2))
	r.Stall()
	var refused error
	at := r.soon()
	for done := time.Duration(0); done < stallFor; done += 5 * time.Second {
		for _, p := range r.packets(at, 5*time.Second) {
			r.promptly("Write to a device that does not read", func() {
				if err := r.Output.Write(p); err != nil {
					refused = err
				}
			})
			at = p.End()
		}
	}
	if refused == nil && !r.caps.Pulled {
		t.Errorf("%v of audio were taken for a device that does not read: its queue has no bound", stallFor)
	}
	r.promptly("Clear", func() { _ = r.Output.Clear(r.Clock.Now()) })
}

func describe(packets []audio.Packet) string {
	if len(packets) == 0 {
		return "nothing"
	}
	first, last := packets[0], packets[len(packets)-1]
	return fmt.Sprintf("%d packets for %v to %v", len(packets), first.At, last.At)
}
