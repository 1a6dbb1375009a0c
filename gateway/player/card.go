package player

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// The pipe and the program's own buffer hold 80 ms together.
const (
	cardTarget = 80 * time.Millisecond
	cardBuffer = 40 * time.Millisecond // of the program
	cardPeriod = 10 * time.Millisecond // it reads this much at a time
	// cardHeld is what the program holds while there is something in the pipe:
	// a full buffer, and a period in its hands that waits for room there.
	cardHeld  = cardBuffer + cardPeriod/2
	cardStart = 3 * time.Second // for it to open the card and read
)

// ErrNoCard says that no program plays: none is installed, or it finds no card.
var ErrNoCard = errors.New("player: no sound card")

// cardProgram is a program of the system that plays raw samples from its
// standard input.
type cardProgram struct {
	name string
	args func(Format) []string
}

func aplayArgs(f Format) []string {
	format := "S32_LE"
	if f.Bits == 16 {
		format = "S16_LE"
	}
	return []string{
		"-q", "-t", "raw", "-f", format, "-r", fmt.Sprint(f.Rate), "-c", fmt.Sprint(f.Channels),
		fmt.Sprintf("--buffer-time=%d", cardBuffer.Microseconds()),
		fmt.Sprintf("--period-time=%d", cardPeriod.Microseconds()), "-",
	}
}

func pwPlayArgs(f Format) []string {
	format := "s32"
	if f.Bits == 16 {
		format = "s16"
	}
	return []string{
		"--raw", "--format", format, "--rate", fmt.Sprint(f.Rate), "--channels", fmt.Sprint(f.Channels),
		"--latency", fmt.Sprintf("%dms", cardBuffer.Milliseconds()), "-",
	}
}

// card plays through such a program on a pipe.
type card struct {
	program cardProgram
	log     *slog.Logger

	format Format
	cmd    *exec.Cmd
	pipe   *os.File
	fd     int // of pipe: asking it again would make it block
	stderr *tail
	wait   chan error

	raw     []byte     // samples that the pipe had no room for yet
	primed  int        // bytes of silence written before the program began to read
	began   time.Time  // when the program was started
	end     audio.Time // smoothed: when the next written sample is heard
	started bool
}

// NewCard finds the program that plays: pw-play where it takes raw samples on a
// pipe, otherwise aplay; name chooses one of the two, empty takes the first that
// works. It plays a moment of silence to see that there is a sound card, and
// returns ErrNoCard with what it found out if there is none.
func NewCard(ctx context.Context, name string, log *slog.Logger) (Output, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var problems []string
	for _, p := range []cardProgram{{"pw-play", pwPlayArgs}, {"aplay", aplayArgs}} {
		if name != "" && name != p.name {
			continue
		}
		path, err := exec.LookPath(p.name)
		if err != nil {
			problems = append(problems, p.name+" is not installed")
			continue
		}
		if p.name == "pw-play" && !takesRaw(ctx, path) {
			problems = append(problems, "this pw-play takes no raw samples")
			continue
		}
		c := &card{program: cardProgram{path, p.args}, log: log}
		if err := c.check(ctx); err != nil {
			problems = append(problems, err.Error())
			continue
		}
		return c, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoCard, strings.Join(problems, "; "))
}

// takesRaw: older releases of PipeWire play only files with a header.
func takesRaw(ctx context.Context, path string) bool {
	help, _ := exec.CommandContext(ctx, path, "--help").CombinedOutput()
	return bytes.Contains(help, []byte("--raw"))
}

// check plays a moment of silence.
func (c *card) check(ctx context.Context) error {
	f := Format{Rate: 48000, Channels: 2, Bits: 16}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program.name, c.program.args(f)...) //nolint:gosec // one of two fixed programs
	cmd.Stdin = bytes.NewReader(make([]byte, 48*20*4))
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", c.Name(), err, lastLine(said))
	}
	return nil
}

func (c *card) Name() string {
	return c.program.name[strings.LastIndexByte(c.program.name, '/')+1:]
}

func (c *card) Target() time.Duration { return cardTarget }

// Slack: how much the pipe holds tells the end no better.
func (c *card) Slack() time.Duration { return 100 * time.Microsecond }

// Open starts the program anew: nothing else drops what it has in its buffer.
func (c *card) Open(f Format) error {
	if err := c.Close(); err != nil {
		c.log.Debug("sound program ended badly", "program", c.Name(), "why", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	c.fd = int(w.Fd())
	c.format, c.pipe, c.started, c.primed, c.end, c.raw = f, w, false, 0, 0, c.raw[:0]
	// A bound for when the program stands still; the player fills it to a half.
	if _, err := unix.FcntlInt(uintptr(c.fd), unix.F_SETPIPE_SZ, c.bytes(cardTarget)); err != nil {
		c.log.Debug("pipe keeps its size", "why", err)
	}
	if err := unix.SetNonblock(c.fd, true); err != nil {
		c.log.Debug("pipe blocks", "why", err)
	}
	c.stderr = &tail{}
	c.cmd = exec.Command(c.program.name, c.program.args(f)...) //nolint:gosec,noctx // one of two fixed programs, ended by Close
	c.cmd.Stdin, c.cmd.Stderr = r, c.stderr
	err = c.cmd.Start()
	_ = r.Close()
	if err != nil {
		_ = w.Close()
		c.pipe, c.cmd = nil, nil
		return fmt.Errorf("start %s: %w", c.Name(), err)
	}
	c.began = time.Now()
	c.wait = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan<- error) { done <- cmd.Wait() }(c.cmd, c.wait)
	return nil
}

func (c *card) frame() int {
	if c.format.Bits == 16 {
		return 2 * c.format.Channels
	}
	return 4 * c.format.Channels
}

func (c *card) bytes(d time.Duration) int {
	return int(d*time.Duration(c.format.Rate)/time.Second) * c.frame()
}

func (c *card) duration(bytes int) time.Duration {
	return time.Duration(bytes/c.frame()) * time.Second / time.Duration(c.format.Rate)
}

// End goes by how much the pipe holds. The program reads in steps of a period,
// so the measured end is smoothed, over about half a second; an error that is
// larger than such steps can explain is taken at once.
func (c *card) End(now audio.Time) (audio.Time, bool) {
	held, err := unix.IoctlGetInt(c.fd, unix.TIOCINQ)
	if err != nil || c.ended() != nil {
		return now, true // Write will tell
	}
	if !c.started {
		if !c.prime(held) {
			return 0, time.Since(c.began) > cardStart
		}
		c.started = true
	}
	measured := now.Add(c.duration(held+len(c.raw)) + cardHeld)
	off := measured.Sub(c.end)
	if c.end == 0 || off > 3*cardPeriod || off < -3*cardPeriod {
		c.end = measured
	} else {
		c.end = c.end.Add(off / 256)
	}
	return c.end, true
}

// ended says why the program has ended; nil while it runs.
func (c *card) ended() error {
	select {
	case err := <-c.wait:
		c.wait <- err
		return fmt.Errorf("%s ended: %s", c.Name(), lastLine(c.stderr.bytes()))
	default:
		return nil
	}
}

// prime fills the pipe with silence until the program has opened the card and
// reads: before that nobody knows when a sample will be heard.
func (c *card) prime(held int) bool {
	if c.primed-held > c.bytes(cardBuffer-cardPeriod) {
		return true
	}
	zero := make([]byte, c.bytes(cardPeriod))
	for held < c.bytes(cardTarget-cardBuffer-cardPeriod) {
		n, err := unix.Write(c.fd, zero)
		if err != nil || n <= 0 {
			break
		}
		c.primed += n
		held += n
	}
	return false
}

func (c *card) Write(pcm []float32) error {
	if err := c.ended(); err != nil {
		return err
	}
	if !c.started {
		return fmt.Errorf("%s does not read: the sound card may be in use", c.Name())
	}
	bits := 32
	if c.format.Bits == 16 {
		bits = 16
	}
	for _, x := range pcm {
		c.raw = appendInt(c.raw, x, bits)
	}
	c.end = c.end.Add(time.Duration(len(pcm)/c.format.Channels) * time.Second / time.Duration(c.format.Rate))
	n, err := unix.Write(c.fd, c.raw)
	switch {
	case errors.Is(err, unix.EAGAIN):
		n = 0
	case err != nil:
		return fmt.Errorf("write to %s: %w", c.Name(), err)
	}
	c.raw = append(c.raw[:0], c.raw[n:]...)
	return nil
}

func (*card) Heard([]float32) error { return nil }

// Rest gives the sound card to others.
func (c *card) Rest() error { return c.Close() }

// Close kills the program, which drops what it holds.
func (c *card) Close() error {
	if c.cmd == nil {
		return nil
	}
	_ = c.pipe.Close()
	_ = c.cmd.Process.Kill()
	err := <-c.wait
	c.cmd, c.pipe = nil, nil
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		return nil // by our signal
	}
	return err
}

// tail keeps the last kilobyte that a program said.
type tail struct {
	mu   sync.Mutex
	said []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, p...)
	if over := len(t.said) - 1024; over > 0 {
		t.said = append(t.said[:0], t.said[over:]...)
	}
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.said)
}

func lastLine(said []byte) string {
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return lines[len(lines)-1]
}
