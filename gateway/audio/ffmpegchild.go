package audio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"
)

// child is a running ffmpeg or ffprobe.
type child struct {
	cmd    *exec.Cmd
	ctx    context.Context
	out    io.ReadCloser
	errors tail
}

// tail keeps the end of what a child complains about.
type tail struct{ buf []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.buf = append(t.buf, b...)
	if n := len(t.buf) - 2048; n > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[n:])]
	}
	return len(b), nil
}

// line returns the last complaint.
func (t *tail) line() string {
	lines := strings.Split(string(bytes.TrimSpace(t.buf)), "\n")
	return lines[len(lines)-1]
}

// What a child may use of a processor, in seconds.
const (
	aDay    = 3600           // of music, decoded
	endless = math.MaxUint64 // encoders run for as long as somebody listens
)

// startChild runs a program with the file as descriptor 3, an empty
// environment, and limits.
func startChild(ctx context.Context, path string, args []string, file *os.File, processor uint64) (*child, error) {
	c := &child{ctx: ctx, cmd: exec.CommandContext(ctx, path, args...)} // #nosec G204 -- fixed arguments
	c.cmd.Env = []string{"LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"}
	c.cmd.ExtraFiles = []*os.File{file}
	c.cmd.Stderr = &c.errors
	c.cmd.WaitDelay = 2 * time.Second
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start ffmpeg: %w", err)
	}
	c.out = out
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start ffmpeg: %w", err)
	}
	if err := limit(c.cmd.Process.Pid, processor); err != nil {
		c.stop()
		return nil, fmt.Errorf("limit ffmpeg: %w", err)
	}
	return c, nil
}

// wait waits for the end of a child whose output was read to its end.
func (c *child) wait() error {
	err := c.cmd.Wait()
	if c.ctx.Err() != nil {
		return fmt.Errorf("ffmpeg was stopped: %w", c.ctx.Err())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w: ffmpeg: %s (%s)", ErrCorrupt, c.errors.line(), exit.ProcessState)
	}
	if err != nil {
		return fmt.Errorf("wait for ffmpeg: %w", err)
	}
	return nil
}

// stop kills the child and waits for it. How it ended does not matter.
func (c *child) stop() {
	_ = c.cmd.Process.Kill()
	_ = c.out.Close()
	_ = c.cmd.Wait()
}
