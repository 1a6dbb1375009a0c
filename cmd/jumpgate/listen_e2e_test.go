//go:build e2e

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// tones makes a library that tells by its sound what is heard: each track is a
// steady tone of its own beside one that rises with time.
func tones(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 8 {
		sound := fmt.Sprintf("0.25*sin(2*PI*%d*t)+0.25*sin(2*PI*(4000*t+8000/120*t*t))", 400+200*i)
		artist := fmt.Sprintf("Artist %d", i/2)
		out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "aevalsrc="+sound+":s=44100:d=60",
			"-metadata", fmt.Sprintf("title=Tone %d", i), "-metadata", "artist="+artist, "-metadata", "album=Album of "+artist,
			"-metadata", fmt.Sprintf("genre=Genre %d", i/4), filepath.Join(dir, fmt.Sprintf("%d.flac", i))).CombinedOutput()
		if err != nil {
			t.Fatalf("ffmpeg (Debian's package ffmpeg): %v\n%s", err, out)
		}
	}
	return dir
}

// A tab in real Chromium that listens, measured on what it lets be heard: see
// gateway/web/e2e/listen.heard.ts.
func TestListenHere(t *testing.T) {
	g := start(t, "serve", "--music", tones(t), "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--player", "meter", "--no-discovery", "--no-autoplay")
	var code string
	g.await("its setup code", `Setup code: (\d{4}-\d{4})`, patience, func(m []string) { code = m[1] })
	eventually(t, "the whole library", 20*time.Second, func() bool {
		var tracks struct{ Total int }
		g.call("GET", "/tracks?limit=1", nil, &tracks)
		return tracks.Total == 8
	})
	cmd := exec.Command("npx", "--no-install", "vitest", "run", "--config", "e2e/listen.config.ts")
	cmd.Dir = "../../gateway/web"
	cmd.Env = append(os.Environ(), "JUMPGATE_URL="+g.url, "JUMPGATE_CODE="+code)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("listening in Chromium (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
}
