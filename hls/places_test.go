//go:build peers

package hls

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// These tests have hls.js play sound that tells its own place: a tone that rises by
// 1 Hz a second, and one that rises by 250 Hz a second and falls back every eighth.
// What is heard is compared with where the player says that it is.

// tellPlace makes that sound, and has ffmpeg encode it as mono.
func tellPlace(t *testing.T, codec string, rate, seconds int, more ...string) peerTrack {
	t.Helper()
	var sine [1 << 16]int16
	for i := range sine {
		sine[i] = int16(9000 * math.Sin(2*math.Pi*float64(i)/float64(len(sine))))
	}
	sound := make([]byte, 0, 2*rate*seconds)
	coarse, fine := uint64(0), uint64(0) // phases, of 2^64
	step := math.Exp2(64) / float64(rate)
	for i := range rate * seconds {
		at := float64(i) / float64(rate)
		coarse += uint64((300 + at) * step)
		fine += uint64((4500 + 250*(at-8*math.Floor(at/8))) * step)
		sound = binary.LittleEndian.AppendUint16(sound, uint16(sine[coarse>>48]+sine[fine>>48]))
	}
	path := filepath.Join(t.TempDir(), "place.mp4")
	args := []string{"-v", "error", "-f", "s16le", "-ar", strconv.Itoa(rate), "-ac", "1", "-i", "-"}
	if codec == "flac" {
		more = append(more, "-frame_size", "4096") // as a zone's
	}
	cmd := exec.Command("ffmpeg", slices.Concat(args, peerCodecs[codec], more, []string{"-strict", "-2", path})...)
	cmd.Stdin = bytes.NewReader(sound)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg (Debian's package ffmpeg): %v\n%s", err, out)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	p := peerTrack{File: file, path: path, codec: CodecConfig{Codec: codec, Channels: 1, Rate: rate}}
	p.probe(t)
	return p
}

// heardPlaces is what came of going from place to place, or from rendition to
// rendition.
type heardPlaces struct {
	Errors []string
	Stalls int // but for those of going to a place
	Steps  []heardStep
}

type heardStep struct {
	Place  float64   // s, that was sought
	TookMs float64   // until it plays, or until it is the other rendition that plays
	URI    string    // of the rendition
	Off    []float64 // s that what is heard is from where the player says, several times
}

// off is the middle of what was measured.
func (s heardStep) off() float64 {
	if len(s.Off) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s.Off))
	return sorted[len(sorted)/2]
}

// hearPlaces has hls.js in Chromium play a stream.
func hearPlaces(t *testing.T, h http.Handler, plan map[string]any) (heard heardPlaces) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html>")) })
	mux.Handle("/", h)
	plan["base"], _ = serveHTTP1(t, mux)
	asked, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/places.mjs")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", script, string(asked))
	node.Dir, node.Stderr = "../gateway/web", os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("hls.js in Chromium (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
	if err := json.Unmarshal(out, &heard); err != nil {
		t.Fatal(err)
	}
	return heard
}

// An hour, compressed by seeking: wherever hls.js is sent it plays, without a stall, and
// what is heard is the sound of that place.
func TestHLSJSSeeksThroughAnHour(t *testing.T) {
	t.Parallel()
	vod, err := NewVOD(tellPlace(t, "flac", 16000, 3600), "")
	if err != nil {
		t.Fatal(err)
	}
	var places []float64
	for at := 0; at < 3600; at += 300 {
		places = append(places, float64(at)+float64(at/300)*0.7) // within segments, not at their starts
	}
	places = append(places, 3594.5, 5.2, 1801, 1799.9, 3000.1, 42)
	heard := hearPlaces(t, vod, map[string]any{"playlist": "index.m3u8", "places": places})
	if len(heard.Errors) > 0 || heard.Stalls > 0 || len(heard.Steps) != len(places) {
		t.Fatalf("%d of %d places, %d stalls, %v", len(heard.Steps), len(places), heard.Stalls, heard.Errors)
	}
	var took, off []float64
	for _, s := range heard.Steps {
		took, off = append(took, s.TookMs), append(off, s.off())
		// Half a second is less than any segment: a machine may be busy.
		if math.Abs(s.off()) > 0.5 || math.IsNaN(s.off()) {
			t.Errorf("at %.1f s the sound is that of %+.3f s from there: %.3f", s.Place, s.off(), s.Off)
		}
	}
	slices.Sort(took)
	slices.Sort(off)
	n := len(took)
	t.Logf("%d places of an hour: plays after p50 %.0f ms, p95 %.0f ms; heard %+.3f to %+.3f s from where it is", n, took[n/2], took[n*95/100], off[0], off[n-1])
}

// renditionsHeard are those that hls.js is sent to. It goes to another codec once only:
// hls.js 1.7.4 forgets to tell the media source when it comes back to one.
var renditionsHeard = []string{"flac", "opus128", "opus64", "opus128"}

// switched demands that each rendition plays, and that it goes on where the one before
// was.
func (heard heardPlaces) switched(t *testing.T) {
	t.Helper()
	if len(heard.Errors) > 0 || len(heard.Steps) != len(renditionsHeard) {
		t.Fatalf("%+v", heard)
	}
	first := heard.Steps[0]
	for i, s := range heard.Steps {
		t.Logf("%s after %.0f ms, %+.3f s off", renditionsHeard[i], s.TookMs, s.off())
		if math.Abs(s.off()-first.off()) > 0.1 || math.IsNaN(s.off()) || !strings.Contains(s.URI, "/"+renditionsHeard[i]+"/") {
			t.Errorf("%s: what is heard moved by %+.3f s: %.3f", s.URI, s.off()-first.off(), s.Off)
		}
	}
	t.Logf("%d stalls", heard.Stalls)
}

// toSwitch are the renditions with the sound of each.
func toSwitch(t *testing.T, seconds int) map[string]peerTrack {
	t.Helper()
	return map[string]peerTrack{
		"flac":    tellPlace(t, "flac", 48000, seconds),
		"opus128": tellPlace(t, "opus", 48000, seconds),
		"opus64":  tellPlace(t, "opus", 48000, seconds, "-b:a", "64k"),
	}
}

// hls.js goes from the lossless rendition of a live stream to Opus, and to less and more
// of it, while it plays, and is where it was.
func TestHLSJSSwitchesLive(t *testing.T) {
	t.Parallel()
	tracks := toSwitch(t, 40)
	line := NewLine(time.Now(), time.Second)
	mux := http.NewServeMux()
	var variants []Variant
	ctx, cancel := context.WithCancel(context.Background())
	var fed sync.WaitGroup
	defer fed.Wait()
	defer cancel()
	for name, track := range tracks {
		delay := track.codec.PreSkip
		track.codec.PreSkip, track.codec.Padding = 0, 0
		live, err := NewLive(LiveConfig{
			Codec: track.codec, FrameSamples: int(track.frames[0].dur), Line: line, Name: name, HoldBack: patient,
			Peak: peaks[name],
		})
		if err != nil {
			t.Fatal(err)
		}
		v := live.Variant()
		v.URI = name + "/" + v.URI
		variants = append(variants, v)
		mux.Handle("/"+name+"/", live)
		fed.Go(func() { feedInTime(ctx, t, live, track, -delay) })
	}
	mux.Handle("/master.m3u8", NewMultivariant(variants))
	hearPlaces(t, mux, map[string]any{
		"playlist": "master.m3u8", "renditions": renditionsHeard, "epoch": line.Epoch().UnixMilli(),
	}).switched(t)
}

// peaks are what the multivariant playlists say, bits a second.
var peaks = map[string]uint32{"flac": 800_000, "opus128": 160_000, "opus64": 80_000}

// The same on demand: a file's own frames, and Opus that is encoded on request.
func TestHLSJSSwitchesVOD(t *testing.T) {
	t.Parallel()
	const seconds = 60
	mux := http.NewServeMux()
	var variants []Variant
	for name, track := range toSwitch(t, seconds) {
		vod, err := NewVOD(track, "")
		if name != "flac" {
			vod, err = NewEncoded(EncodedConfig{
				Codec: track.codec, FrameSamples: 960, Samples: 48000 * seconds, Peak: peaks[name], Version: "1", Encode: track.encode,
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		variants = append(variants, vod.Variant(name+"/index.m3u8"))
		mux.Handle("/"+name+"/", vod)
	}
	mux.Handle("/master.m3u8", NewMultivariant(variants))
	heard := hearPlaces(t, mux, map[string]any{"playlist": "master.m3u8", "renditions": renditionsHeard})
	heard.switched(t)
	if heard.Stalls > 0 {
		t.Errorf("%d stalls with seconds in hand", heard.Stalls)
	}
}

// encode returns frames that were encoded before.
func (p peerTrack) encode(_ context.Context, first, n int) (frames [][]byte, err error) {
	for _, f := range p.frames[first : first+n] {
		data := make([]byte, f.size)
		if _, err := p.ReadAt(data, f.off); err != nil {
			return nil, err
		}
		frames = append(frames, data)
	}
	return frames, nil
}
