//go:build peers

package hls

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// mseStream is one codec as a media source is given it.
type mseStream struct {
	name    string
	taken   bool // by Chromium
	seconds float64
	slack   float64 // what edit lists that a media source does not know leave in, seconds

	Mime   string   `json:"mime"`
	Pieces []string `json:"pieces"`
}

// Chromium's media source takes every codec that it has a decoder for, section by
// section, as one stretch that is as long as the sound, and plays it to its end. It
// has none for ALAC, and takes MP3 as it is only, not in MP4: for these index.m3u8
// and the other renditions are there.
func TestChromiumsMediaSourceTakesEveryCodec(t *testing.T) {
	const seconds = 13
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html>") })
	var streams []mseStream
	for _, codec := range []string{"flac", "opus", "aac", "mp3", "alac"} {
		track := encode(t, codec, seconds, peerCodecs[codec]...)
		vod, err := NewVOD(track, "")
		if err != nil {
			t.Fatal(err)
		}
		mux.Handle("/"+codec+"/", vod)
		segments := func(extension string, before ...string) (all []string) {
			for _, name := range before {
				all = append(all, "/"+codec+"/"+name)
			}
			for i := range len(vod.starts) - 1 {
				all = append(all, fmt.Sprintf("/%s/%d%s", codec, i, extension))
			}
			return all
		}
		around := float64(track.codec.PreSkip+2*int64(track.frames[0].dur)) / float64(track.codec.Rate)
		streams = append(streams, mseStream{
			name: codec, taken: codec != "alac" && codec != "mp3", seconds: vod.Duration().Seconds(), slack: around,
			Mime: segmentType + `; codecs="` + track.codec.Codecs() + `"`, Pieces: segments(".m4s", "init.mp4"),
		})
		if vod.packed.extension != "" {
			streams = append(streams, mseStream{
				name: codec + ", packed", taken: true, seconds: vod.Duration().Seconds(), slack: around,
				Mime: vod.packed.mime, Pieces: segments(vod.packed.extension),
			})
		}
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	script, err := filepath.Abs("testdata/mse.mjs")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := json.Marshal(streams)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", script, server.URL, string(asked))
	node.Dir, node.Stderr = "../gateway/web", os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("Chromium (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
	var seen []struct {
		Supported bool
		Ranges    [][2]float64
		PlayedMs  float64
		Error     string
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	for i, s := range streams {
		got := seen[i]
		t.Logf("%s (%s): %+v", s.name, s.Mime, got)
		if got.Supported != s.taken {
			t.Errorf("%s: taken %v, want %v", s.name, got.Supported, s.taken)
		}
		if !got.Supported {
			continue
		}
		if got.Error != "" || len(got.Ranges) != 1 || got.PlayedMs < 900 {
			t.Errorf("%s: %+v", s.name, got)
			continue
		}
		if long := got.Ranges[0][1] - got.Ranges[0][0]; math.Abs(long-s.seconds) > s.slack {
			t.Errorf("%s: %.3f s are buffered, the sound lasts %.3f s", s.name, long, s.seconds)
		}
	}
}
