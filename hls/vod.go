package hls

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grafov/m3u8"
)

// Track is a file whose coded frames are known by place: what a demuxer gives.
// A Track is read by several requests at once.
type Track interface {
	Config() CodecConfig
	// NumFrames is how many frames there are; Frame describes the i-th: where
	// it stands in the file, its size in bytes, and its length in samples.
	NumFrames() int
	Frame(i int) (off int64, size int, dur uint32)
	io.ReaderAt
}

// VOD serves one track, its segments cut out of the file when they are asked
// for. It is safe for concurrent use.
type VOD struct {
	track  Track
	codec  CodecConfig
	init   []byte
	starts []vodSegment // one more than there are segments
	target int
}

// vodSegment is where a segment begins, by frame and by time.
type vodSegment struct {
	frame int
	time  int64 // samples
}

// vodSegmentTime is what Apple's authoring specification asks of segments.
const vodSegmentTime = 6 * time.Second

// NewVOD indexes a track. It reads no audio, only what Track knows of it.
func NewVOD(track Track) (*VOD, error) {
	codec := track.Config()
	if err := codec.check(); err != nil {
		return nil, err
	}
	v := &VOD{track: track, codec: codec}
	if !codec.packed() {
		v.init = initSegment(codec)
	}
	limit := int64(codec.Rate) * int64(vodSegmentTime/time.Second)
	start, at := vodSegment{}, int64(0)
	v.starts = append(v.starts, start)
	longest := int64(0)
	n := track.NumFrames()
	for i := range n {
		_, size, dur := track.Frame(i)
		if size <= 0 || size > maxFrame {
			return nil, fmt.Errorf("%w: frame %d has %d bytes", ErrFrame, i, size)
		}
		if at-start.time+int64(dur) > limit && i > start.frame {
			longest = max(longest, at-start.time)
			start = vodSegment{frame: i, time: at}
			v.starts = append(v.starts, start)
		}
		at += int64(dur)
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: no frames", ErrFrame)
	}
	longest = max(longest, at-start.time)
	v.starts = append(v.starts, vodSegment{frame: n, time: at})
	v.target = int(math.Ceil(codec.duration(longest).Seconds()))
	return v, nil
}

// ServeHTTP serves master.m3u8, index.m3u8 and what they name.
func (v *VOD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r) {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case name == "master.m3u8":
		send(w, r, playlistType, "max-age=3600", multivariant(v.codec, "index.m3u8", v.bandwidth()))
	case name == "index.m3u8":
		v.servePlaylist(w, r)
	case name == "init.mp4" && v.init != nil:
		send(w, r, segmentType, "max-age=3600", v.init)
	default:
		v.serveSegment(w, r, name)
	}
}

func (v *VOD) extension() string {
	if v.codec.packed() {
		return ".mp3"
	}
	return ".m4s"
}

// bandwidth is the highest rate of a segment in bits a second, as BANDWIDTH
// asks for.
func (v *VOD) bandwidth() uint32 {
	peak := 0.0
	for i := range len(v.starts) - 1 {
		size := 0
		for f := v.starts[i].frame; f < v.starts[i+1].frame; f++ {
			_, n, _ := v.track.Frame(f)
			size += n
		}
		seconds := v.codec.duration(v.starts[i+1].time - v.starts[i].time).Seconds()
		peak = max(peak, float64(size)*8/max(seconds, 0.1))
	}
	return uint32(min(peak, math.MaxUint32))
}

func (v *VOD) servePlaylist(w http.ResponseWriter, r *http.Request) {
	body, err := v.playlist()
	if err != nil {
		http.Error(w, "the playlist could not be written", http.StatusInternalServerError)
		return
	}
	send(w, r, playlistType, "max-age=3600", body)
}

func (v *VOD) playlist() ([]byte, error) {
	p, err := m3u8.NewMediaPlaylist(0, uint(len(v.starts)))
	if err != nil {
		return nil, fmt.Errorf("make playlist: %w", err)
	}
	p.SetVersion(7)
	p.MediaType = m3u8.VOD
	p.TargetDuration = float64(v.target)
	if v.init != nil {
		p.SetDefaultMap("init.mp4", 0, 0)
	}
	for i := range len(v.starts) - 1 {
		seconds := v.codec.duration(v.starts[i+1].time - v.starts[i].time).Seconds()
		if err := p.Append(strconv.Itoa(i)+v.extension(), seconds, ""); err != nil {
			return nil, fmt.Errorf("list segment %d: %w", i, err)
		}
	}
	p.Close()
	return p.Encode().Bytes(), nil
}

func (v *VOD) serveSegment(w http.ResponseWriter, r *http.Request, name string) {
	number, ok := strings.CutSuffix(name, v.extension())
	i, err := strconv.Atoi(number)
	if !ok || err != nil || i < 0 || i >= len(v.starts)-1 || strconv.Itoa(i) != number {
		http.NotFound(w, r)
		return
	}
	data, err := v.segment(i)
	if err != nil {
		http.Error(w, "the file could not be read", http.StatusInternalServerError)
		return
	}
	kind := segmentType
	if v.codec.packed() {
		kind = mp3Type
	}
	send(w, r, kind, "max-age=3600", data)
}

func (v *VOD) segment(i int) ([]byte, error) {
	from, to := v.starts[i], v.starts[i+1]
	frames := make([]frame, 0, to.frame-from.frame)
	for f := from.frame; f < to.frame; f++ {
		off, size, dur := v.track.Frame(f)
		data := make([]byte, size)
		if n, err := v.track.ReadAt(data, off); n < size {
			return nil, fmt.Errorf("read frame %d: %w", f, err)
		}
		frames = append(frames, frame{data: data, duration: dur})
	}
	if v.codec.packed() {
		return packedAudio(v.codec, from.time, frames), nil
	}
	return fragment(uint32(i+1), from.time, frames), nil
}
