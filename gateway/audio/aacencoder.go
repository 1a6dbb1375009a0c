package audio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

const (
	aacFrame = 1024 // samples a channel
	// aacAhead is how many frames ffmpeg's encoder holds back: it sees the next
	// one before it gives one.
	aacAhead = 1
	// aacPatience is how long a frame may take: a machine may be busy, and the
	// first one has to wait for the program to start.
	aacPatience = 10 * time.Second
)

// aacRates are the rates that AAC has numbers for (ISO/IEC 14496-3 table 1.18).
var aacRates = []int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000}

// aacEncoder has an ffmpeg process encode AAC-LC. The process starts with the first
// samples and ends with Flush, Reset or Close. Frame by frame it is given samples
// and asked for what they completed, so that what comes out depends on what went in
// and on nothing else.
type aacEncoder struct {
	ffmpeg string
	stream *Stream
	blocks blocks

	child       *child // nil while none runs
	in          *os.File
	out         *bufio.Reader
	raw         []byte
	given, made int // blocks and frames of this child
}

// encodesAAC tells whether this ffmpeg has an AAC encoder of its own; some builds are
// without. It runs the program the first time.
func (f *FFmpeg) encodesAAC() bool {
	f.asked.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), probeTime)
		defer cancel()
		// #nosec G204 -- fixed arguments
		out, err := exec.CommandContext(ctx, f.ffmpeg, "-hide_banner", "-loglevel", "error", "-encoders").Output()
		f.aac = err == nil && slices.ContainsFunc(bytes.Split(out, []byte("\n")), func(line []byte) bool {
			words := bytes.Fields(line)
			return len(words) > 1 && string(words[1]) == "aac"
		})
	})
	return f.aac
}

func newAACEncoder(f Format, tool *FFmpeg) (*aacEncoder, error) {
	rate := slices.Index(aacRates, f.Rate)
	if rate < 0 || f.Channels > 2 || f.Bitrate < 8000 || f.Bitrate > 512_000 {
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
	if tool == nil || !tool.encodesAAC() {
		return nil, fmt.Errorf("encode %s: %w: it needs an ffmpeg that encodes AAC", f, ErrUnsupported)
	}
	e := &aacEncoder{ffmpeg: tool.ffmpeg, blocks: blocks{size: aacFrame * f.Channels}}
	e.begin(f)
	return e, nil
}

func (e *aacEncoder) begin(f Format) {
	// An AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1): object type 2 in
	// five bits, the rate's number in four, the channels in four, and zeros.
	config := 2<<11 | slices.Index(aacRates, f.Rate)<<7 | f.Channels<<3
	e.stream = &Stream{Format: f, Header: binary.BigEndian.AppendUint16(nil, uint16(config)), FrameSamples: aacFrame}
	e.blocks.buf = nil
	e.given, e.made = 0, 0
}

func (e *aacEncoder) Stream() *Stream { return e.stream }

// Delay implements Encoder: the first frame only leads in to the second.
func (e *aacEncoder) Delay() int { return aacFrame }

func (e *aacEncoder) start() error {
	f := e.stream.Format
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	c, err := startChild(context.Background(), e.ffmpeg, []string{
		"-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1", "-protocol_whitelist", "pipe",
		// It is told all of its input, and looks for nothing in it.
		"-probesize", "32", "-analyzeduration", "0",
		"-f", "f32le", "-ar", strconv.Itoa(f.Rate), "-ac", strconv.Itoa(f.Channels), "-i", "pipe:3",
		// Noise that decoders make up would be another one in each.
		"-c:a", "aac", "-profile:a", "aac_low", "-aac_pns", "0", "-b:a", strconv.Itoa(f.Bitrate),
		"-flush_packets", "1", "-f", "adts", "pipe:1",
	}, read, endless)
	_ = read.Close()
	if err != nil {
		_ = write.Close()
		return err
	}
	e.child, e.in, e.out = c, write, bufio.NewReaderSize(c.out, 16<<10)
	return nil
}

// Encode implements Encoder.
func (e *aacEncoder) Encode(pcm []float32) (out []EncodedFrame, err error) {
	err = e.blocks.each(pcm, func(b []float32) error {
		if e.child == nil {
			if err := e.start(); err != nil {
				return err
			}
		}
		if err := e.give(b); err != nil {
			return e.failed(err)
		}
		for e.made < e.given-aacAhead {
			f, err := e.next()
			if err != nil {
				return e.failed(err)
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

func (e *aacEncoder) give(b []float32) error {
	e.raw = e.raw[:0]
	for _, x := range b {
		e.raw = binary.LittleEndian.AppendUint32(e.raw, math.Float32bits(x))
	}
	if err := e.in.SetWriteDeadline(time.Now().Add(aacPatience)); err != nil {
		return err
	}
	_, err := e.in.Write(e.raw)
	e.given++
	return err
}

// next reads a frame, and takes its ADTS header off.
func (e *aacEncoder) next() (EncodedFrame, error) {
	if file, ok := e.child.out.(*os.File); ok {
		if err := file.SetReadDeadline(time.Now().Add(aacPatience)); err != nil {
			return EncodedFrame{}, err
		}
	}
	begin, err := e.out.Peek(container.ADTSHead)
	if err != nil {
		return EncodedFrame{}, err
	}
	head, size, ok := container.ADTSFrame(begin)
	if !ok {
		return EncodedFrame{}, fmt.Errorf("%w: no ADTS frame came", ErrCorrupt)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(e.out, data); err != nil {
		return EncodedFrame{}, err
	}
	e.made++
	return EncodedFrame{Samples: aacFrame, Data: data[head:]}, nil
}

// Flush implements Encoder: the process comes to its end.
func (e *aacEncoder) Flush() (out []EncodedFrame, err error) {
	if n := len(e.blocks.buf); n > 0 {
		if out, err = e.Encode(make([]float32, e.blocks.size-n)); err != nil {
			return nil, err
		}
	}
	if e.child == nil {
		return out, nil
	}
	if err := e.in.Close(); err != nil {
		return nil, e.failed(err)
	}
	for {
		f, err := e.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, e.failed(err)
		}
		out = append(out, f)
	}
	c := e.child
	e.child = nil
	if err := c.wait(); err != nil {
		return nil, fmt.Errorf("encode AAC: %w", err)
	}
	return out, nil
}

// failed ends the process, and says what it complained about.
func (e *aacEncoder) failed(err error) error {
	c := e.child
	e.end()
	if line := c.errors.line(); line != "" {
		return fmt.Errorf("encode AAC: %w (ffmpeg: %s)", err, line)
	}
	return fmt.Errorf("encode AAC: %w", err)
}

// end kills the process, if one runs.
func (e *aacEncoder) end() {
	if e.child != nil {
		_ = e.in.Close()
		e.child.stop()
		e.child = nil
	}
}

// Reset implements Encoder.
func (e *aacEncoder) Reset() error {
	e.end()
	e.begin(e.stream.Format)
	return nil
}

// Close implements Encoder.
func (e *aacEncoder) Close() error {
	e.end()
	return nil
}
