package audio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FFmpeg is the optional second tier: ffmpeg and ffprobe as child processes.
// It decodes what this process cannot (AAC, ALAC, Vorbis, WMA and so on), and
// encodes AAC. It is safe for concurrent use.
//
// A child gets the file as descriptor 3 and nothing else of the gateway's; it
// is told which single demuxer to use, may open nothing but files and pipes,
// runs with limits on memory, processor time and file sizes (Linux), and is
// killed with its decoder or context.
type FFmpeg struct {
	ffmpeg, ffprobe string

	asked sync.Once // whether it encodes AAC
	aac   bool
}

// NewFFmpeg finds ffmpeg, and ffprobe beside it. With an empty path it looks
// in PATH. The error wraps ErrNeedsFFmpeg if there is none.
func NewFFmpeg(path string) (*FFmpeg, error) {
	if path == "" {
		path = "ffmpeg"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("find ffmpeg: %w: %w", ErrNeedsFFmpeg, err)
	}
	probe := filepath.Join(filepath.Dir(found), "ffprobe"+filepath.Ext(found))
	if _, err := os.Stat(probe); err != nil {
		if probe, err = exec.LookPath("ffprobe"); err != nil {
			return nil, fmt.Errorf("find ffprobe: %w: %w", ErrNeedsFFmpeg, err)
		}
	}
	return &FFmpeg{ffmpeg: found, ffprobe: probe}, nil
}

// probeTime bounds how long a file may keep ffprobe busy.
const probeTime = 20 * time.Second

// fdPath is how a child opens the file that it was given.
const fdPath = "/dev/fd/3"

// input holds the arguments that both programs take for the file.
func input(demux string) []string {
	return []string{
		"-hide_banner", "-loglevel", "error",
		"-protocol_whitelist", "pipe,file", "-f", demux,
	}
}

// probeFFmpeg asks ffprobe what package container does not know.
func probeFFmpeg(ctx context.Context, src Source, k kind, f *FFmpeg) (Info, error) {
	var i Info
	if k.file != nil {
		i = k.info()
	}
	if f == nil {
		return i, fmt.Errorf("open %s: %w", src.Name, ErrNeedsFFmpeg)
	}
	if k.sure() {
		return i, nil
	}
	file, err := spool(src)
	if err != nil {
		return i, fmt.Errorf("open %s: %w", src.Name, err)
	}
	defer file.Close()
	asked, err := f.probe(ctx, file, k.demux)
	if err != nil {
		return i, fmt.Errorf("probe %s: %w", src.Name, err)
	}
	if k.counted() {
		// Better than what is computed from seconds. The rates differ where
		// AAC doubles its own (SBR).
		asked.Frames = i.Frames * int64(asked.Rate) / int64(i.Rate)
	}
	if i.Bits > 0 {
		asked.Bits = i.Bits
	}
	return asked, nil
}

// probe runs ffprobe.
func (f *FFmpeg) probe(ctx context.Context, file *os.File, demux string) (Info, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	args := append(input(demux), "-select_streams", "a:0", "-of", "json",
		"-show_entries", "stream=codec_name,sample_rate,channels,bits_per_raw_sample,duration:format=duration", fdPath)
	c, err := startChild(ctx, f.ffprobe, args, file, aDay)
	if err != nil {
		return Info{}, err
	}
	out, rerr := io.ReadAll(io.LimitReader(c.out, 64<<10))
	if err := c.wait(); err != nil {
		return Info{}, err
	}
	if rerr != nil {
		return Info{}, fmt.Errorf("read from ffprobe: %w", rerr)
	}
	return parseProbe(out)
}

// parseProbe reads ffprobe's answer.
func parseProbe(out []byte) (Info, error) {
	var a struct {
		Streams []struct {
			Codec    string `json:"codec_name"`
			Rate     string `json:"sample_rate"`
			Channels int    `json:"channels"`
			Bits     string `json:"bits_per_raw_sample"`
			Duration string `json:"duration"`
		} `json:"streams"`
		Format struct {
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.Unmarshal(out, &a); err != nil {
		return Info{}, fmt.Errorf("%w: ffprobe's answer: %w", ErrCorrupt, err)
	}
	if len(a.Streams) == 0 {
		return Info{}, fmt.Errorf("%w: ffprobe sees no audio stream", ErrCorrupt)
	}
	s := a.Streams[0]
	rate, err := strconv.Atoi(s.Rate)
	if err != nil || rate < 1000 || rate > 1<<20 || s.Channels < 1 {
		return Info{}, fmt.Errorf("%w: ffprobe sees %q Hz, %d channels", ErrCorrupt, s.Rate, s.Channels)
	}
	i := Info{Codec: Codec(s.Codec), Rate: rate, Channels: min(s.Channels, 2), Frames: -1}
	if strings.HasPrefix(s.Codec, "pcm_") {
		i.Codec = PCM
	}
	i.Bits, _ = strconv.Atoi(s.Bits) // absent for lossy codecs
	for _, d := range []string{s.Duration, a.Format.Duration} {
		if sec, err := strconv.ParseFloat(d, 64); err == nil && sec > 0 && sec < 1e7 {
			i.Frames = int64(sec*float64(rate) + 0.5)
			break
		}
	}
	return i, nil
}

// spool gives a file that a child can read: the source itself where it is a
// file, or a copy that has no name.
func spool(src Source) (*os.File, error) {
	if f, ok := src.R.(*os.File); ok {
		return reopen(f)
	}
	f, err := os.CreateTemp("", "jumpgate-*")
	if err != nil {
		return nil, fmt.Errorf("make a copy for ffmpeg: %w", err)
	}
	_, err = io.Copy(f, io.NewSectionReader(src.R, 0, src.Size))
	// It lives on as a descriptor only. Where that cannot be, it stays until
	// the system clears its temporary files.
	err = errors.Join(err, os.Remove(f.Name()))
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("make a copy for ffmpeg: %w", err)
	}
	return f, nil
}
