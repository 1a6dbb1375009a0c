//go:build peers

package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

func aacFor(t *testing.T, f Format) *aacEncoder {
	t.Helper()
	tool, err := NewFFmpeg("")
	if err != nil {
		t.Fatal(err)
	}
	enc, err := Encoders{FFmpeg: tool}.New(f)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := enc.(*aacEncoder)
	if !ok {
		t.Fatalf("%T", enc)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// adts puts the headers back that a raw stream needs.
func adts(s *Stream, frames []EncodedFrame) (out []byte) {
	config := binary.BigEndian.Uint16(s.Header)
	for _, f := range frames {
		n := len(f.Data) + container.ADTSHead
		rate, channels := byte(config>>7&15), byte(config>>3&15)
		out = append(out, 0xff, 0xf1, 1<<6|rate<<2|channels>>2, channels<<6|byte(n>>11), byte(n>>3), byte(n)<<5|0x1f, 0xfc)
		out = append(out, f.Data...)
	}
	return out
}

// What comes out of a decoder that drops Delay frames is what went in, to the
// sample, for any way in which it is given; frames come as soon as they can.
func TestAACEncoder(t *testing.T) {
	for _, f := range []Format{
		{Codec: AAC, Rate: 44100, Channels: 2, Bitrate: 192_000},
		{Codec: AAC, Rate: 48000, Channels: 1, Bitrate: 96_000},
	} {
		t.Run(f.String(), func(t *testing.T) {
			pcm := music(30*aacFrame+777, f.Channels, 16)
			e := aacFor(t, f)
			var frames []EncodedFrame
			for at, step := 0, 1000*f.Channels; at < len(pcm); at += step {
				got, err := e.Encode(pcm[at:min(at+step, len(pcm))])
				if err != nil {
					t.Fatal(err)
				}
				frames = append(frames, got...)
				whole := min(at+step, len(pcm)) / f.Channels / aacFrame
				if want := max(0, whole-aacAhead); len(frames) != want {
					t.Fatalf("%d frames came of %d blocks", len(frames), whole)
				}
			}
			rest, err := e.Flush()
			if err != nil {
				t.Fatal(err)
			}
			frames = append(frames, rest...)
			if len(frames) != 32 {
				t.Errorf("%d frames, want 31 and the one that leads in", len(frames))
			}
			got := floats(ffmpeg(t, adts(e.Stream(), frames), "-f", "aac", "-i", "-", "-f", "f32le", "-"))
			got = got[e.Delay()*f.Channels:]
			if len(got) < len(pcm) {
				t.Fatalf("%d samples, want %d", len(got), len(pcm))
			}
			got = got[:len(pcm)]
			at := snr(got, pcm)
			if late, early := snr(got[f.Channels:], pcm), snr(got, pcm[f.Channels:]); at < 15 || late > at || early > at {
				t.Errorf("%.1f dB SNR, %.1f and %.1f a sample off", at, late, early)
			}
			// The same again, in one piece.
			if err := e.Reset(); err != nil {
				t.Fatal(err)
			}
			again, err := e.Encode(pcm)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range again {
				if !bytes.Equal(f.Data, frames[i].Data) {
					t.Fatalf("frame %d is another one", i)
				}
			}
		})
	}
}

// The process runs from the first samples on, ends with its encoder, and one that was
// killed is an error, after which the encoder can begin anew.
func TestAACEncoderEnds(t *testing.T) {
	e := aacFor(t, Format{Codec: AAC, Rate: 44100, Channels: 2, Bitrate: 192_000})
	block := music(4*aacFrame, 2, 16)
	if e.child != nil {
		t.Error("a process runs before there are samples")
	}
	if rest, err := e.Flush(); err != nil || len(rest) != 0 {
		t.Errorf("nothing gave %d frames, %v", len(rest), err)
	}
	if _, err := e.Encode(block); err != nil {
		t.Fatal(err)
	}
	pid := e.child.cmd.Process.Pid
	if err := e.child.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 0; err == nil && i < 100; i++ {
		_, err = e.Encode(block)
	}
	if err == nil {
		t.Fatal("an encoder that was killed goes on")
	}
	gone(t, pid)
	if err := e.Reset(); err != nil {
		t.Fatal(err)
	}
	if got, err := e.Encode(block); err != nil || len(got) != 3 {
		t.Fatalf("begun anew: %d frames, %v", len(got), err)
	}
	pid = e.child.cmd.Process.Pid
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

func gone(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Signal(syscall.Signal(0))
	}
	if err == nil || !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("process %d: %v", pid, err)
	}
}
