//go:build peers

package container_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// TestAgainstFFprobe has ffmpeg write a file of each format, and compares the
// frames that are cut here with the packets that ffprobe sees.
func TestAgainstFFprobe(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
	}{
		{"a.flac", nil},
		{"a24.flac", []string{"-sample_fmt", "s32", "-bits_per_raw_sample", "24", "-ar", "96000"}},
		{"a.mp3", nil},
		{"vbr.mp3", []string{"-q:a", "2"}},
		{"low.mp3", []string{"-ar", "22050", "-ac", "1"}},
		{"a.opus", nil},
		{"long.opus", []string{"-frame_duration", "60", "-b:a", "256k"}},
		{"a.m4a", nil},
		{"fast.m4a", []string{"-movflags", "+faststart"}},
		{"alac.m4a", []string{"-c:a", "alac"}},
		{"a.aac", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, c.name)
			args := append([]string{
				"-v", "error", "-f", "lavfi", "-i", "sine=f=440:d=7.3:r=44100",
				"-f", "lavfi", "-i", "anoisesrc=d=7.3:r=44100:a=0.1:seed=3", "-filter_complex", "amerge=inputs=2",
			}, c.args...)
			run(t, "ffmpeg", append(args, path)...)
			compare(t, path)
		})
	}
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is missing: install ffmpeg", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return out
}

func compare(t *testing.T, path string) {
	var seen struct {
		Packets []struct{ Size, Pos string }
		Streams []struct {
			Codec    string `json:"codec_name"`
			Rate     string `json:"sample_rate"`
			Channels int
		}
	}
	out := run(t, "ffprobe", "-v", "error", "-of", "json", "-show_packets", "-show_streams", path)
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, _ := f.Stat()
	tr, err := container.Open(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	cfg := tr.Config()
	s := seen.Streams[0]
	if cfg.Codec != s.Codec || strconv.Itoa(cfg.Rate) != s.Rate || cfg.Channels != s.Channels {
		t.Errorf("%+v, ffprobe sees %+v", cfg, s)
	}
	if tr.NumFrames() != len(seen.Packets) {
		t.Fatalf("%d frames, ffprobe sees %d", tr.NumFrames(), len(seen.Packets))
	}
	for i, p := range seen.Packets {
		off, size, _ := tr.Frame(i)
		if filepath.Ext(path) == ".aac" {
			size += 7 // ffprobe counts the ADTS header in
		}
		if strconv.Itoa(size) != p.Size {
			t.Fatalf("frame %d has %d bytes, ffprobe sees %s", i, size, p.Size)
		}
		// Ogg frames have addresses of their own.
		if cfg.Codec != "opus" && filepath.Ext(path) != ".aac" && strconv.FormatInt(off, 10) != p.Pos {
			t.Fatalf("frame %d is at %d, ffprobe sees %s", i, off, p.Pos)
		}
	}
	want := int64(7.3 * 44100 * float64(cfg.Rate) / 44100)
	if slack := cfg.Samples - want; filepath.Ext(path) != ".aac" && (slack < -2 || slack > 2) {
		t.Errorf("%d samples, made from %d", cfg.Samples, want)
	}
}
