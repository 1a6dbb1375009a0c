//go:build peers

package hls

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// These tests have ffmpeg and hls.js read what this package writes. ffprobe
// also demuxes the originals, so that nothing of ours stands on both sides.

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s (Debian's packages ffmpeg, gstreamer1.0-*): %v\n%s", name, err, stderr.Bytes())
	}
	return out
}

// peerTrack is a file that ffmpeg made, with what ffprobe says of its frames.
type peerTrack struct {
	*os.File
	path   string
	codec  CodecConfig
	frames []peerFrame
}

type peerFrame struct {
	off  int64
	size int
	dur  uint32
}

func (p peerTrack) Config() CodecConfig { return p.codec }
func (p peerTrack) NumFrames() int      { return len(p.frames) }
func (p peerTrack) Frame(i int) (int64, int, uint32) {
	f := p.frames[i]
	return f.off, f.size, f.dur
}

func (p peerTrack) frame(t *testing.T, i int) []byte {
	t.Helper()
	data := make([]byte, p.frames[i].size)
	if _, err := p.ReadAt(data, p.frames[i].off); err != nil {
		t.Fatal(err)
	}
	return data
}

// peerSound has a chirp on the left and noise on the right.
const peerSound = "aevalsrc=0.3*sin(2*PI*(200*t+100*t*t))|0.2*random(0)"

// encode makes a file of seconds with ffmpeg.
func encode(t *testing.T, codec string, seconds int, args ...string) peerTrack {
	t.Helper()
	name, rate := "track.mp4", "44100"
	switch codec {
	case "mp3":
		name = "track.mp3"
	case "opus":
		rate = "48000"
	}
	path := filepath.Join(t.TempDir(), name)
	all := append([]string{"-v", "error", "-f", "lavfi", "-i", peerSound + ":s=" + rate + ":d=" + strconv.Itoa(seconds)}, args...)
	run(t, "ffmpeg", append(all, "-strict", "-2", path)...)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	p := peerTrack{File: file, path: path, codec: CodecConfig{Codec: codec, Channels: 2}}
	p.codec.Rate, _ = strconv.Atoi(rate)
	p.probe(t)
	return p
}

func (p *peerTrack) probe(t *testing.T) {
	t.Helper()
	var found struct {
		Streams []struct{ Extradata string }
		Packets []struct {
			Pos, Size   string
			DurationStr string `json:"duration_time"`
			SideData    []struct {
				Skip    int64 `json:"skip_samples"`
				Padding int64 `json:"discard_padding"`
			} `json:"side_data_list"`
		}
	}
	for _, what := range [][]string{{"-show_streams", "-show_data"}, {"-show_packets"}} {
		out := run(t, "ffprobe", slices.Concat([]string{"-v", "error", "-of", "json"}, what, []string{p.path})...)
		if err := json.Unmarshal(out, &found); err != nil {
			t.Fatal(err)
		}
	}
	for _, packet := range found.Packets {
		for _, d := range packet.SideData {
			p.codec.PreSkip += d.Skip
			p.codec.Padding += d.Padding
		}
		off, _ := strconv.ParseInt(packet.Pos, 10, 64)
		size, _ := strconv.Atoi(packet.Size)
		seconds, _ := strconv.ParseFloat(packet.DurationStr, 64)
		p.frames = append(p.frames, peerFrame{off: off, size: size, dur: uint32(seconds*float64(p.codec.Rate) + 0.5)})
	}
	header := undump(t, found.Streams[0].Extradata)
	switch p.codec.Codec {
	case "flac":
		p.codec.Bits = 16
		p.codec.Header = append([]byte("fLaC\x80\x00\x00\x22"), header...)
	case "alac":
		p.codec.Bits = 16
		p.codec.Header = header[len(header)-alacCookieSize:]
	case "aac", "opus":
		p.codec.Header = header
	}
}

// undump reads ffprobe's hexdump.
func undump(t *testing.T, dump string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(dump) {
		_, rest, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, "  ")
		data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, data...)
	}
	return out
}

// decode returns what ffmpeg makes of an input, as 16-bit samples.
func decode(t *testing.T, input string) []byte {
	t.Helper()
	return run(t, "ffmpeg", "-v", "error", "-xerror", "-i", input, "-f", "s16le", "-c:a", "pcm_s16le", "-")
}

// decodeTimed returns the samples whose time is 0 or more, as a player by times
// hears them: ffmpeg takes an edit list of fragmented MP4 as times only.
func decodeTimed(t *testing.T, input string, samples int) []byte {
	t.Helper()
	return run(t, "ffmpeg", "-v", "error", "-xerror", "-copyts", "-i", input,
		"-af", "atrim=start_pts=0:end_pts="+strconv.Itoa(samples), "-f", "s16le", "-c:a", "pcm_s16le", "-")
}

// sameSound demands that two decodings are the same, sample for sample.
func sameSound(t *testing.T, what string, want, got []byte) {
	t.Helper()
	if !bytes.Equal(want, got) {
		at := 0
		for at < min(len(want), len(got)) && want[at] == got[at] {
			at++
		}
		t.Errorf("%s: %d samples, want %d; they differ from %d on", what, len(got)/4, len(want)/4, at/4)
	}
}

var peerCodecs = map[string][]string{
	"flac": {"-c:a", "flac", "-sample_fmt", "s16"},
	"alac": {"-c:a", "alac", "-sample_fmt", "s16p"},
	"opus": {"-c:a", "libopus", "-b:a", "128k"},
	"aac":  {"-c:a", "aac", "-b:a", "160k"},
	"mp3":  {"-c:a", "libmp3lame", "-b:a", "192k", "-id3v2_version", "0"},
}

func TestFFmpegDecodesVOD(t *testing.T) {
	for codec, args := range peerCodecs {
		t.Run(codec, func(t *testing.T) {
			track := encode(t, codec, 20, args...)
			vod, err := NewVOD(track, "")
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(vod)
			defer server.Close()
			// What was encoded, without what the codec put around it: ffmpeg
			// itself forgets the end of its own MP4 files.
			sound := int(vod.Duration().Seconds()*float64(track.codec.Rate) + 0.5)
			if want := 20 * track.codec.Rate; sound != want {
				t.Errorf("the track lasts %d samples, %d were encoded", sound, want)
			}
			want := decode(t, track.path)[:4*sound]
			sameSound(t, "mp4.m3u8", want, decodeTimed(t, server.URL+"/mp4.m3u8", sound))
			if vod.packed.extension != "" {
				got := decode(t, server.URL+"/packed.m3u8")[4*track.codec.PreSkip:]
				sameSound(t, "packed.m3u8", want, got[:4*sound])
			}
		})
	}
}

func TestFFmpegDecodesLive(t *testing.T) {
	for _, codec := range []string{"flac", "opus", "aac", "alac"} {
		t.Run(codec, func(t *testing.T) {
			track := encode(t, codec, 9, peerCodecs[codec]...)
			liveCodec := track.codec
			liveCodec.PreSkip, liveCodec.Padding = 0, 0
			live, err := NewLive(LiveConfig{Codec: liveCodec, FrameSamples: int(track.frames[0].dur), Window: 20, Epoch: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			pts := int64(0)
			for i, f := range track.frames {
				if err := live.WriteFrame(pts, f.dur, track.frame(t, i)); err != nil {
					t.Fatal(err)
				}
				pts += int64(f.dur)
			}
			if err := live.Close(); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(live)
			defer server.Close()
			want := decode(t, track.path)
			got := decode(t, server.URL+"/live.m3u8")
			if skipped := 4 * int(track.codec.PreSkip); codec == "aac" {
				got = got[skipped:] // a live stream's times are those of what is heard
			}
			sameSound(t, "live", want, got)
			if codec == "flac" {
				sameSound(t, "live, by GStreamer", want, gstreamer(t, server.URL+"/live.m3u8"))
			}
			if codec == "aac" {
				packed := decode(t, server.URL+"/packed.m3u8")[4*int(track.codec.PreSkip):]
				sameSound(t, "live, packed", want, packed)
			}
			// Part by part it is the same stream.
			if codec == "flac" {
				var parts []byte
				for _, s := range live.now.Load().segments {
					for _, p := range s.parts {
						parts = append(parts, p.body...)
					}
				}
				whole := filepath.Join(t.TempDir(), "parts.mp4")
				if err := os.WriteFile(whole, append(bytes.Clone(live.init.body), parts...), 0o600); err != nil {
					t.Fatal(err)
				}
				sameSound(t, "parts", want, decode(t, whole))
			}
		})
	}
}

// GStreamer's own HLS client, demuxers and decoders hear every codec: lossless
// ones as they hear the file, lossy ones for as long as they last. (Of ALAC
// Debian 12's GStreamer makes noise, of the file as of the playlist.)
func TestGStreamerDecodesVOD(t *testing.T) {
	for codec, args := range peerCodecs {
		t.Run(codec, func(t *testing.T) {
			track := encode(t, codec, 8, args...)
			vod, err := NewVOD(track, "")
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(vod)
			defer server.Close()
			got := gstreamer(t, server.URL+"/mp4.m3u8")
			if track.codec.Bits > 0 {
				sameSound(t, "mp4.m3u8", gstreamer(t, "file://"+track.path), got)
			}
			if codec == "flac" {
				sameSound(t, "the file by ffmpeg", decode(t, track.path), got)
			}
			if vod.packed.extension != "" {
				packed := gstreamer(t, server.URL+"/packed.m3u8")
				if off := (len(packed) - len(got)) / 4; max(off, -off) > 2*int(track.frames[0].dur) {
					t.Errorf("packed: %d samples, in MP4 %d", len(packed)/4, len(got)/4)
				}
			}
			// It plays what codecs put around the sound, of its own MP4 files too.
			extra := int64(len(got)/4) - 8*int64(track.codec.Rate)
			if extra < 0 || extra > track.codec.PreSkip+2*int64(track.frames[0].dur) {
				t.Errorf("%d samples more than were encoded", extra)
			}
		})
	}
}

// gstreamer decodes a URI to 16-bit samples.
func gstreamer(t *testing.T, uri string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "pcm")
	run(t, "gst-launch-1.0", "-q", "uridecodebin", "uri="+uri, "!", "audioconvert", "dithering=none",
		"!", "audio/x-raw,format=S16LE,channels=2", "!", "filesink", "location="+out)
	pcm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}
