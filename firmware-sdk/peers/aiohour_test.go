// SPDX-License-Identifier: Apache-2.0

//go:build peers312

package peers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// foreignHour is an hour of music that aiosendspin's server plays to the core, all
// of it in simulated time: the core's clock is ppm off, its sound card's as much more.
type foreignHour struct {
	codec      string
	rate, bits int
	ppm        string
	jitter     int  // ms at most, each way
	disturbed  bool // cuts and changes of format
	encrypted  bool // the newest release, which takes nothing but the current dialect
}

// TestHourAiosendspin: every sample that comes out is what the reference server was
// given, for an hour; titles, volume and buttons arrive; the clocks agree; cuts and
// changes of format cost what was on its way and nothing else.
func TestHourAiosendspin(t *testing.T) {
	clear, encrypted := buildLockstep(t, false), buildLockstep(t, true)
	for _, x := range []foreignHour{
		{codec: "flac", rate: 44100, bits: 16, ppm: "100", jitter: 40},
		{codec: "pcm", rate: 48000, bits: 24, ppm: "-100"},
		{codec: "flac", rate: 44100, bits: 16, ppm: "-100", disturbed: true},
		{codec: "flac", rate: 44100, bits: 16, ppm: "100", disturbed: true, encrypted: true},
	} {
		name := fmt.Sprintf("%s %d/%d jitter=%d disturbed=%v encrypted=%v", x.codec, x.rate, x.bits, x.jitter, x.disturbed, x.encrypted)
		t.Run(name, func(t *testing.T) {
			program, variable := clear, "JUMPGATE_PYTHON312"
			if x.encrypted {
				program, variable = encrypted, "JUMPGATE_PYTHON312_NOW"
			}
			python := os.Getenv(variable)
			if python == "" {
				t.Skipf("NOT TESTED against aiosendspin: %s is not set; `make test-peers` sets it", variable)
			}
			t.Parallel()
			x.run(t, python, program)
		})
	}
}

func (x foreignHour) run(t *testing.T, python, program string) {
	began := time.Now()
	part := music(60, x.rate, x.bits)
	args := []string{x.ppm, x.ppm, x.codec, fmt.Sprint(x.rate), fmt.Sprint(x.bits)}
	if x.disturbed {
		args = append(args, "pcm", fmt.Sprint(x.rate), fmt.Sprint(x.bits))
	}
	d := startLockstep(t, program, part, 2*x.bits/8, args...)
	done := x.serve(t, python, d, part)
	heard, said, s := d.end(t)
	if len(done) == 0 || done[len(done)-1].Event != "over" {
		t.Fatal("aiosendspin's hour has no end")
	}
	over, played := done[len(done)-1], 0
	for _, p := range heard {
		played += p.frames
	}
	sent := 3600 * x.rate
	t.Logf("%d of %d frames bit for bit, in %d pieces, in %v; clock error p95 %d us in minutes 1 to 6, %d us from minute 10; "+
		"late %d, dropped %d, damaged %d, added %d, removed %d, resyncs %d, underruns %d; %d steps",
		played, sent, len(heard), time.Since(began).Round(time.Second), s.EarlyUs, s.LaterUs,
		s.Late, s.Dropped, s.Damaged, s.Added, s.Removed, s.Resyncs, s.Underruns, over.Steps)
	x.checkSound(t, heard, sent)
	x.checkCounters(t, s)
	checkEffects(t, done, said)
}

// serve runs aiosendspin to the end of its hour, and returns what it did.
func (x foreignHour) serve(t *testing.T, python string, d *lockstep, part []byte) []told {
	t.Helper()
	script, err := os.ReadFile("../../devices/sendspin/testdata/peer-aiosendspin/hour.py")
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-c", string(script), fmt.Sprint(x.rate), fmt.Sprint(x.bits), "3600", fmt.Sprint(x.jitter)}
	if x.disturbed {
		args = append(args, "disturbed")
	}
	cmd := exec.CommandContext(t.Context(), python, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.ExtraFiles = []*os.File{d.in, d.answers, theirs}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	_ = d.in.Close() // the server's end alone is to keep the device alive
	_, _ = ours.Write(part)
	_ = ours.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\naiosendspin: %s", err, said.String())
		return nil
	}
	return events(t, bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")))
}

// breaks is how often the sound may be interrupted.
func (x foreignHour) breaks() int {
	if x.disturbed {
		return 9
	}
	return 0
}

// checkSound: the music from its beginning to its end, all of it at its time.
func (x foreignHour) checkSound(t *testing.T, heard []piece, sent int) {
	t.Helper()
	if len(heard) == 0 || len(heard) > 1+x.breaks() {
		t.Fatalf("%d pieces: %+v", len(heard), heard)
	}
	first, last, minute := heard[0], heard[len(heard)-1], 60*x.rate
	if first.music != 0 || (last.music+last.frames)%minute != 0 {
		t.Errorf("begin or end are missing: %+v", heard)
	}
	played := 0
	for i, p := range heard {
		played += p.frames
		off := ((p.at-first.at-p.music)%minute + minute) % minute
		if off = min(off, minute-off); off > x.rate/1000 {
			t.Errorf("piece %d is %d frames from its time", i, off)
		}
	}
	if lost := 2 * x.rate * x.breaks(); played > sent || played < sent-lost {
		t.Errorf("%d frames of %d", played, sent)
	}
}

func (x foreignHour) checkCounters(t *testing.T, s event) {
	t.Helper()
	// The end looks like an underrun.
	if s.Damaged+s.Late+s.Dropped+s.Added+s.Removed > 0 || s.Underruns > 1+x.breaks() || s.Resyncs > x.breaks() {
		t.Errorf("%+v", s)
	}
	early, later := 700, 100 // the targets for 40 ms of jitter
	if s.EarlyUs > early || s.LaterUs > later || s.LaterUs == 0 {
		t.Errorf("the server's clock is known to %d us in minutes 1 to 6, to %d us from minute 10", s.EarlyUs, s.LaterUs)
	}
}

// checkEffects: what was done on one side was seen on the other, soon.
func checkEffects(t *testing.T, server, device []told) {
	t.Helper()
	for _, e := range server {
		switch e.Event {
		case "title": // some come in the second that a cut takes
			seen(t, e, device, "metadata", func(m told) bool { return m.Title == e.Title })
		case "order":
			same := func(v told) bool { return v.Volume == e.Order>>8 }
			switch e.Order & 0xff { // enum order of lockstep.c
			case 2:
				seen(t, e, server, "next", func(told) bool { return true })
			case 3: // of the group: the server tells its players
				seen(t, e, server, "group volume", same)
				seen(t, e, device, "volume", same)
				seen(t, e, server, "volume", same)
			case 4:
				seen(t, e, server, "volume", same)
			}
		case "prefer":
			codec := []string{"flac", "pcm"}[e.Order>>8]
			seen(t, e, device, "format", func(f told) bool { return f.Codec == codec })
		}
	}
}

func seen(t *testing.T, e told, where []told, event string, is func(told) bool) {
	t.Helper()
	const soon = 5_000_000 // what is buffered plays before another format begins
	for _, w := range where {
		if w.Event == event && w.At >= e.At && w.At <= e.At+soon && is(w) {
			return
		}
	}
	t.Errorf("at %d s: %s %d %q, and no %s", e.At/1_000_000, e.Event, e.Order, e.Title, event)
}
