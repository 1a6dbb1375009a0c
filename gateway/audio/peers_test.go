//go:build peers

package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// ffmpeg runs the program on its own, as the foreign peer of these tests.
func ffmpeg(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Fatal("ffmpeg is missing: install ffmpeg")
	}
	cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-y"}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v", args, err)
	}
	return out
}

func floats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[i*4:]))
	}
	return out
}

// opened opens a file as the gateway does.
func opened(t *testing.T, path string) Decoder {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	st, _ := f.Stat()
	ff, err := NewFFmpeg("")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), Source{R: f, Size: st.Size(), Name: path}, OpenOptions{FFmpeg: ff})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(); _ = f.Close() })
	return d
}

// TestAgainstFFmpegsDecoders has ffmpeg encode, and compares what is decoded
// here with what ffmpeg decodes, and both with the original's length.
func TestAgainstFFmpegsDecoders(t *testing.T) {
	const frames = 66_151
	dir := t.TempDir()
	stereo := filepath.Join(dir, "in.wav")
	mono := filepath.Join(dir, "mono.wav")
	if err := errors.Join(
		os.WriteFile(stereo, wav(music(frames, 2, 24), 44100, 2, 24), 0o600),
		os.WriteFile(mono, wav(music(frames, 1, 16), 44100, 1, 16), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, in string
		args     []string
		snr      float64 // against ffmpeg's decoder
		seek     float64 // of what follows a seek
		slack    int64   // in the length
	}{
		{"a.flac", stereo, nil, math.Inf(1), math.Inf(1), 0},
		{"16.flac", stereo, []string{"-sample_fmt", "s16"}, math.Inf(1), math.Inf(1), 0},
		{"8k.flac", mono, []string{"-ar", "24000", "-compression_level", "12"}, math.Inf(1), math.Inf(1), 0},
		{"six.flac", stereo, []string{"-ac", "6"}, 0, math.Inf(1), 0},
		{"f.wav", stereo, []string{"-c:a", "pcm_f32le"}, math.Inf(1), math.Inf(1), 0},
		{"a.mp3", stereo, nil, 75, math.Inf(1), 0},
		{"v0.mp3", stereo, []string{"-q:a", "0"}, 75, math.Inf(1), 0},
		{"v9.mp3", stereo, []string{"-q:a", "9"}, 75, math.Inf(1), 0},
		{"320.mp3", stereo, []string{"-b:a", "320k", "-ar", "48000"}, 75, math.Inf(1), 1},
		{"mono.mp3", mono, []string{"-b:a", "32k", "-ar", "24000"}, 65, math.Inf(1), 1},
		{"22k.mp3", mono, []string{"-b:a", "32k", "-ar", "22050"}, 65, math.Inf(1), 1},
		{"11k.mp3", mono, []string{"-b:a", "16k", "-ar", "11025"}, 100, math.Inf(1), 1},
		{"a.opus", stereo, nil, 80, 30, 1},
		{"mono.opus", mono, []string{"-b:a", "24k"}, 40, 25, 1},
		{"voip.opus", mono, []string{"-b:a", "12k", "-application", "voip"}, 40, 10, 1},
		{"60ms.opus", stereo, []string{"-frame_duration", "60", "-b:a", "64k"}, 70, 20, 1},
		{"2ms.opus", stereo, []string{"-frame_duration", "2.5"}, 55, 30, 1},
		{"a.ogg", stereo, []string{"-c:a", "libvorbis"}, 100, 100, 0},
		{"a.m4a", stereo, []string{"-aac_pns", "0"}, 100, 60, 0},
		{"pns.m4a", stereo, nil, 100, 0, 0}, // noise that is made up anew each time
		{"alac.m4a", stereo, []string{"-c:a", "alac"}, math.Inf(1), math.Inf(1), 0},
		{"a.aac", stereo, nil, 100, math.Inf(1), 3000},
		{"a.wma", stereo, nil, 100, math.Inf(1), 6000},
		{"a.aiff", stereo, nil, math.Inf(1), math.Inf(1), 0},
		{"a.wv", stereo, nil, math.Inf(1), math.Inf(1), 0},
		{"a.mka", stereo, []string{"-c:a", "flac"}, math.Inf(1), math.Inf(1), 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, c.name)
			ffmpeg(t, nil, append(append([]string{"-i", c.in}, c.args...), path)...)
			d := opened(t, path)
			i := d.Info()
			got := all(t, d)
			made := int64(float64(frames) * float64(i.Rate) / 44100)
			n := int64(len(got) / i.Channels)
			if n < made-c.slack-1 || n > made+c.slack+1 || i.Frames < n-c.slack || i.Frames > n+c.slack {
				t.Errorf("%d frames decoded and %d stated, made from %d", n, i.Frames, made)
			}
			from := []string{"-i", path, "-f", "f32le", "-"}
			if i.Codec == Opus {
				// Not ffmpeg's own decoder, but the reference.
				from = append([]string{"-c:a", "libopus"}, from...)
			}
			want := floats(ffmpeg(t, nil, from...))
			if c.snr > 0 {
				s := snr(got, want)
				if t.Logf("%.1f dB", s); s < c.snr {
					t.Errorf("%.1f dB SNR against ffmpeg's decoder", s)
				}
			}
			for _, at := range []int64{1, n / 2, n - 3000} {
				if s := snrOf(t, d, at, got); s < c.seek {
					t.Errorf("%.1f dB SNR behind a seek to %d", s, at)
				} else {
					t.Logf("seek to %d: %.1f dB", at, s)
				}
			}
		})
	}
}

// TestGaplessLossy cuts music in two, encodes both with the real encoders, and
// holds that the joined lengths are the whole's, with the join in its place.
func TestGaplessLossy(t *testing.T) {
	dir := t.TempDir()
	pcm := tone(90_000, 48000, 441, 0.5)
	for _, ext := range []string{".mp3", ".opus", ".flac"} {
		var joined []float32
		for i, part := range [][]float32{pcm[:2*40_001], pcm[2*40_001:]} {
			path := filepath.Join(dir, string(rune('a'+i))+ext)
			ffmpeg(t, wav(part, 48000, 2, 24), "-i", "-", "-b:a", "192k", path)
			joined = append(joined, all(t, opened(t, path))...)
		}
		if len(joined) != len(pcm) {
			t.Fatalf("%s: %d frames, want %d", ext, len(joined)/2, len(pcm)/2)
		}
		if s := snr(joined, pcm); s < 20 {
			t.Errorf("%s: %.1f dB SNR over the join", ext, s)
		}
	}
}

// TestFLACEncoderAgainstFFmpeg has ffmpeg decode what is encoded here.
func TestFLACEncoderAgainstFFmpeg(t *testing.T) {
	for _, f := range []Format{
		{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16},
		{Codec: FLAC, Rate: 48000, Channels: 1, Bits: 24},
		{Codec: FLAC, Rate: 96000, Channels: 2, Bits: 24},
	} {
		for name, pcm := range map[string][]float32{
			"music":   music(50_001, f.Channels, f.Bits),
			"silence": make([]float32, 9000*f.Channels),
			"extremes": func() []float32 {
				p := make([]float32, 9000*f.Channels)
				for i := range p {
					p[i] = []float32{-1, 1, 0.75}[i/7%3]
				}
				return p
			}(),
		} {
			file := flacBytes(t, pcm, f.Rate, f.Channels, f.Bits)
			got := floats(ffmpeg(t, file, "-f", "flac", "-i", "-", "-f", "f32le", "-"))
			top := float32(1 - math.Exp2(float64(1-f.Bits)))
			for i := range pcm {
				pcm[i] = min(pcm[i], top)
			}
			t.Run(name, func(t *testing.T) { same(t, got, pcm) })
		}
	}
}

// TestOpusEncoderAgainstFFmpeg puts our packets into Ogg and has ffmpeg
// decode them.
func TestOpusEncoderAgainstFFmpeg(t *testing.T) {
	if !EncoderAvailable(Opus) {
		t.Fatal("libopus.wasm is missing: run gateway/audio/opus/fetch.sh")
	}
	for _, ch := range []int{1, 2} {
		pcm := music(48_123, ch, 16)
		s, frames := encoded(t, Format{Codec: Opus, Rate: 48000, Channels: ch}, pcm)
		file := oggOpus(s, frames, len(pcm)/ch)
		got := floats(ffmpeg(t, file, "-i", "-", "-f", "f32le", "-"))
		if len(got) != len(pcm) {
			t.Fatalf("%d samples, want %d", len(got), len(pcm))
		}
		at := snr(got, pcm)
		if late, early := snr(got[ch:], pcm), snr(got, pcm[ch:]); at < 15 || late > at || early > at {
			t.Errorf("%d channels: %.1f dB SNR, %.1f and %.1f a sample off", ch, at, late, early)
		}
		same(t, all(t, decoder(t, file))[:0], nil)
		if s := snr(all(t, decoder(t, file)), got); s < 70 {
			t.Errorf("our decoder and ffmpeg's differ: %.1f dB SNR", s)
		}
	}
}

// TestFFmpegEnds holds that no process outlives its decoder or its context.
func TestFFmpegEnds(t *testing.T) {
	ff, err := NewFFmpeg("")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "long.ogg")
	ffmpeg(t, nil, "-f", "lavfi", "-i", "sine=d=600", "-c:a", "libvorbis", path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// From memory: ffmpeg gets a copy without a name.
	d, err := Open(ctx, source(b), OpenOptions{FFmpeg: ff})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]float32, 1000*d.Info().Channels)
	if n, err := d.Read(buf); n == 0 || err != nil {
		t.Fatal(n, err)
	}
	pid := d.(*ffmpegDecoder).child.cmd.Process.Pid
	start := time.Now()
	cancel()
	if _, err := rest(d, 1000); !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) && err == nil {
		t.Errorf("after the context ended: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join("/proc", itoa(pid))); err == nil {
		t.Error("ffmpeg still runs")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("ending took %s", took)
	}
}

// TestFFmpegOnDamage gives ffmpeg's decoders broken files.
func TestFFmpegOnDamage(t *testing.T) {
	ff, err := NewFFmpeg("")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"a.m4a", "a.ogg"} {
		path := filepath.Join(dir, name)
		ffmpeg(t, wav(music(50_000, 2, 16), 44100, 2, 16), "-i", "-", path)
		b, _ := os.ReadFile(path)
		for _, cut := range []int{0, 10, 100, len(b) / 2, len(b) - 10} {
			d, err := Open(context.Background(), source(b[:cut]), OpenOptions{FFmpeg: ff})
			if err == nil {
				_, err = rest(d, 1000)
				_ = d.Close()
			}
			if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s cut to %d: %v", name, cut, err)
			}
		}
	}
}
