//go:build peers

package measure

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
)

// An MP3 sounds the same to the recommender whether this process decodes it or
// ffmpeg does: each feature is the same but for a hundredth of it.
func TestPeerFFmpegHearsTheSame(t *testing.T) {
	ffmpeg, err := audio.NewFFmpeg("")
	if err != nil {
		t.Fatalf("%v: it comes with Debian's package ffmpeg", err)
	}
	dir := t.TempDir()
	encode := func(name string, args ...string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		args = append(append([]string{"-v", "error", "-y"}, args...), path)
		if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
			t.Fatalf("encode: %v: %s", err, out)
		}
		return path
	}
	hear := func(name string, ffmpeg *audio.FFmpeg) sound.Features {
		t.Helper()
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		features, err := Hear(context.Background(), f, info.Size(), name, ffmpeg)
		if err != nil {
			t.Fatal(err)
		}
		return features
	}
	raw := filepath.Join(dir, "song.raw")
	if err := os.WriteFile(raw, song(40), 0o600); err != nil {
		t.Fatal(err)
	}
	from := []string{"-f", "s16le", "-ar", "44100", "-ac", "2", "-i", raw}
	for name, how := range map[string][]string{
		"variable.mp3":                  {"-q:a", "2"},
		"mono-at-48-and-unnumbered.mp3": {"-q:a", "4", "-write_xing", "0", "-ac", "1", "-ar", "48000"},
	} {
		t.Run(name, func(t *testing.T) {
			path := encode(name, append(append([]string{}, from...), how...)...)
			own, theirs := hear(path, nil), hear(path, ffmpeg)
			for i := range own {
				if off := math.Abs(float64(own[i] - theirs[i])); off > 0.01*max(0.1, math.Abs(float64(own[i]))) {
					t.Errorf("feature %d is %v, by ffmpeg %v", i, own[i], theirs[i])
				}
			}
		})
	}
}
