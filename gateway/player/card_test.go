package player

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// fakeCardLog names, in the environment of this test program, the file to which
// it writes when it plays the part of aplay.
const fakeCardLog = "JUMPGATE_TEST_CARD_LOG"

func TestMain(m *testing.M) {
	if path := os.Getenv(fakeCardLog); path != "" {
		fakeCard(path)
		return
	}
	goleak.VerifyTestMain(m)
}

// kernelTime is a clock that two processes share, in µs.
func kernelTime() int64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano() / 1000
}

// fakeCard reads 48 kHz 16-bit stereo as aplay does: it takes a while to open
// the card, then reads periods of 10 ms as long as its buffer of 40 ms has room,
// and the buffer is heard at the card's own pace. It notes when it begins and
// when sound after silence is heard.
func fakeCard(path string) {
	log, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		os.Exit(1)
	}
	fmt.Fprintln(log, "start")
	time.Sleep(30 * time.Millisecond)
	in := bufio.NewReaderSize(os.Stdin, 1920)
	period := make([]byte, 1920)
	var played time.Duration // of audio, since begin
	begin, quiet := time.Time{}, true
	for {
		if _, err := io.ReadFull(in, period); err != nil {
			return
		}
		if begin.IsZero() || time.Since(begin) > played { // the first, or an underrun
			begin, played = time.Now(), 0
		}
		heard := begin.Add(played)
		loud := slices.IndexFunc(period, func(b byte) bool { return b != 0 })
		if quiet && loud >= 0 {
			at := heard.Add(time.Duration(loud/4) * time.Second / 48000)
			fmt.Fprintln(log, "sound", kernelTime()+time.Until(at).Microseconds())
		}
		quiet = loud < 0
		played += 10 * time.Millisecond
		time.Sleep(time.Until(begin.Add(played - 40*time.Millisecond)))
	}
}

// newFakeCard is a card that plays to this test program.
func newFakeCard(t *testing.T) (*card, func() []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "card.log")
	t.Setenv(fakeCardLog, path)
	c := &card{program: cardProgram{os.Args[0], func(Format) []string { return nil }}, log: discard()}
	return c, func() []string {
		said, _ := os.ReadFile(path)
		return strings.Split(strings.TrimSpace(string(said)), "\n")
	}
}

// TestCardPlaysInTime: what the player believes to be heard at a time is heard
// then, at the far end of pipe and program; a clear starts the program anew and
// drops what it held.
func TestCardPlaysInTime(t *testing.T) {
	s := newStudio(t)
	out, said := newFakeCard(t)
	cfg := Config{OnProblem: func(err error) { t.Error(err) }}
	e := newEar(&cfg)
	cfg.Output = out
	p, remote, stop := s.play(t, cfg)
	lead := remoteLead(t, remote)
	apart := kernelTime() - int64(p.cfg.Clock.Now())
	var offs []time.Duration
	pressed := p.cfg.Clock.Now()
	for range 5 {
		if err := remote.Start(pcmFormat(48000)); err != nil {
			t.Fatal(err)
		}
		before := len(said())
		send(t, remote, s.clock.Now().Add(lead), 48000, tone(24000, 48000))
		x := e.next(t)
		if before == 1 {
			t.Logf("lead %v: press to the pipe %v, to the card %v", lead, x.Written.Sub(pressed), x.Heard.Sub(pressed))
		}
		until(t, "sound at the card", func() bool { return strings.HasPrefix(last(said()), "sound") && len(said()) > before })
		var at int64
		if _, err := fmt.Sscanf(last(said()), "sound %d", &at); err != nil {
			t.Fatal(err)
		}
		offs = append(offs, time.Duration(at-apart-int64(x.Heard))*time.Microsecond)
		quiet(t, e.levels)
	}
	t.Logf("heard at the card against what the player says: %v", offs)
	slices.SortFunc(offs, func(a, b time.Duration) int { return int(a.Abs() - b.Abs()) })
	if off := offs[len(offs)/2].Abs(); off > 10*time.Millisecond { // a period
		t.Errorf("%v off", off)
	}
	if st := p.Stats(); st.ToOutput > 90*time.Millisecond {
		t.Errorf("%v between the pipe and the ear", st.ToOutput)
	}
	send(t, remote, s.clock.Now().Add(lead), 48000, tone(48000, 48000))
	e.next(t)
	if err := remote.Clear(); err != nil {
		t.Fatal(err)
	}
	until(t, "a restart", func() bool { return p.Stats().Restarts == 1 && strings.Contains(last(said()), "start") })
	stop()
}

func last(lines []string) string { return lines[len(lines)-1] }

// TestCardThatFailsFallsBack: the player goes on with the meter and says so.
func TestCardThatFailsFallsBack(t *testing.T) {
	s := newStudio(t)
	problems := make(chan error, 16)
	cfg := Config{OnProblem: func(err error) { problems <- err }}
	e := newEar(&cfg)
	cfg.Output = &card{program: cardProgram{"/bin/false", func(Format) []string { return nil }}, log: discard()}
	p, remote, _ := s.play(t, cfg)
	if err := remote.Start(pcmFormat(48000)); err != nil {
		t.Fatal(err)
	}
	send(t, remote, s.clock.Now().Add(200*time.Millisecond), 48000, tone(48000, 48000))
	e.next(t)
	if err := <-problems; !strings.Contains(err.Error(), "level meter takes over") {
		t.Error(err)
	}
	if name := p.Stats().Output; name != "level meter" {
		t.Errorf("output is %q", name)
	}
}

func TestNoCardSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := NewCard(t.Context(), "", nil); !errors.Is(err, ErrNoCard) || !strings.Contains(err.Error(), "aplay is not installed") {
		t.Errorf("error %v", err)
	}
}

func TestPacedCatchesUpALittle(t *testing.T) {
	m := NewMeter()
	if err := m.Open(Format{Rate: 48000, Channels: 2}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ now, end audio.Time }{
		{1000, 1000}, {3000, 11_000}, {30_000, 21_000}, {2_000_000, 2_000_000}, {2_000_000, 2_010_000},
	} {
		end, ready := m.End(step.now)
		if !ready || end != step.end {
			t.Errorf("at %d it ends at %d, want %d", step.now, end, step.end)
		}
		if err := m.Write(make([]float32, 960)); err != nil { // 10 ms
			t.Fatal(err)
		}
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
