package measure

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// encoded is a track of four minutes, encoded by ffmpeg.
func encoded(b *testing.B, kind string) string {
	b.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		b.Skip("ffmpeg, which encodes the tracks, is missing")
	}
	raw := filepath.Join(b.TempDir(), "track.raw")
	if err := os.WriteFile(raw, song(240), 0o600); err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "track."+kind)
	out, err := exec.Command("ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", "44100", "-ac", "2", "-i", raw, name).CombinedOutput()
	if err != nil {
		b.Fatalf("encode: %v: %s", err, out)
	}
	return name
}

// ways are the formats, and who decodes them: FLAC and Opus this process in any case.
var ways = []struct {
	name, kind string
	ffmpeg     bool
}{{"flac", "flac", false}, {"mp3", "mp3", false}, {"mp3-by-ffmpeg", "mp3", true}, {"opus", "opus", false}}

// decoder returns ffmpeg, nil where a way does without.
func decoder(b *testing.B, wanted bool) *audio.FFmpeg {
	b.Helper()
	if !wanted {
		return nil
	}
	f, err := audio.NewFFmpeg("")
	if err != nil {
		b.Skip(err)
	}
	return f
}

// BenchmarkHear listens to a track of four minutes, and says how much processor
// time a library of 20,000 such tracks takes.
func BenchmarkHear(b *testing.B) {
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			name, ffmpeg := encoded(b, way.kind), decoder(b, way.ffmpeg)
			begin := processorTime(b)
			for b.Loop() {
				hearFile(b, name, ffmpeg)
			}
			used := processorTime(b) - begin
			b.ReportMetric(used.Hours()/float64(b.N)*20_000, "core-hours/20,000-tracks")
		})
	}
}

// BenchmarkListen listens to tracks as a pass does, on all of its threads, and says
// how long a library of 20,000 takes by the clock.
func BenchmarkListen(b *testing.B) {
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			name := encoded(b, way.kind)
			m := New(Config{FFmpeg: decoder(b, way.ffmpeg), Open: func(context.Context, string) (*os.File, store.Track, error) {
				f, err := os.Open(name)
				return f, store.Track{}, err
			}})
			info, err := os.Stat(name)
			if err != nil {
				b.Fatal(err)
			}
			track := store.Unmeasured{Track: store.Track{Path: name, Size: info.Size()}}
			const tracks = 8
			begin := time.Now()
			for b.Loop() {
				all := slices.Repeat([]store.Unmeasured{track}, tracks)
				results, ended := m.listenBeside(b.Context(), all)
				for r := range results {
					if r.err != nil {
						b.Fatal(r.err)
					}
				}
				ended()
			}
			b.ReportMetric(time.Since(begin).Hours()/float64(b.N*tracks)*20_000, "hours/20,000-tracks")
		})
	}
}

// processorTime is what this process and its children have used so far: on a busy
// machine it tells more than the time that passed.
func processorTime(b *testing.B) time.Duration {
	sum := time.Duration(0)
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return sum
}

func hearFile(b *testing.B, name string, ffmpeg *audio.FFmpeg) {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := Hear(context.Background(), f, info.Size(), name, ffmpeg); err != nil {
		b.Fatal(err)
	}
}

// song is seconds of stereo samples of 16 bit with the beat, the overtones and
// the noise of music, so that codecs work as they do for music.
func song(seconds int) []byte {
	const rate = 44100
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, 0, 4*rate*seconds)
	for i := range seconds * rate {
		t := float64(i) / rate
		since := math.Mod(t, 0.5)
		v := 0.0
		for k, hz := range []float64{110, 220, 277, 330, 440, 554} {
			v += 0.1 * math.Sin(2*math.Pi*hz*t) * math.Exp(-since*float64(1+k))
		}
		for range 2 {
			s := int16(20000 * (v + 0.1*(random.Float64()-0.5)*math.Exp(-since*20)))
			out = append(out, byte(s), byte(s>>8))
		}
	}
	return out
}
