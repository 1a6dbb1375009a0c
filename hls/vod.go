package hls

import (
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
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

// Opener is a Track whose offsets are positions in a file. OpenFile returns a
// handle of the caller's own, so that the kernel can copy from it to a socket.
type Opener interface {
	OpenFile() (*os.File, error)
}

// VOD serves one track, its segments cut out of the file when they are asked
// for. It is safe for concurrent use.
type VOD struct {
	track   Track
	codec   CodecConfig
	version string
	starts  []vodSegment // one more than there are segments
	last    uint32       // samples of the last frame that are sound
	target  int
	peak    uint32
	average uint32
	encoded *encodedVOD // nil where the frames are a file's

	packed packedFormat
	pages  map[string]*document // playlists and init sections, by name
}

// vodSegment is where a segment begins.
type vodSegment struct {
	frame int
	time  int64 // samples
	bytes int64 // of frames before it
}

// vodSegmentTime is what Apple's authoring specification asks of segments.
const vodSegmentTime = 6 * time.Second

// NewVOD makes the segments of a track: it looks at every frame's place once
// and reads no audio. version names the file's content, like its size and time
// of change, and becomes part of its ETags. It returns ErrCodec or ErrFrame,
// wrapped, for a track that cannot be served.
func NewVOD(track Track, version string) (*VOD, error) {
	codec := track.Config()
	if err := codec.check(); err != nil {
		return nil, err
	}
	v := &VOD{track: track, codec: codec, pages: map[string]*document{}}
	largest, err := v.cut()
	if err != nil {
		return nil, err
	}
	sum := fnv.New64a()
	_, _ = fmt.Fprintf(sum, "%s %d %d %v", version, len(v.starts), v.starts[len(v.starts)-1], codec)
	v.version = strconv.FormatUint(sum.Sum64(), 36)
	v.pages["init.mp4"] = newDocument(segmentType, initSegment(codec))
	v.pages["mp4.m3u8"] = newDocument(playlistType, v.playlist(".m4s"))
	main := "mp4.m3u8"
	if p, ok := packedAs(codec); ok && largest+p.headSize() < maxPackedFrame {
		v.packed = p
		v.pages["packed.m3u8"] = newDocument(playlistType, v.playlist(p.extension))
		if codec.Codec == "mp3" {
			main = "packed.m3u8" // what browsers' media sources take
		}
	}
	v.pages["index.m3u8"] = v.pages[main]
	v.pages["master.m3u8"] = newDocument(playlistType, multivariant([]Variant{v.Variant("index.m3u8")}))
	return v, nil
}

// cut finds where segments begin, and the largest frame.
func (v *VOD) cut() (largest int, err error) {
	n := v.track.NumFrames()
	limit := int64(v.codec.Rate) * int64(vodSegmentTime/time.Second)
	total := int64(0)
	for i := range n {
		_, size, dur := v.track.Frame(i)
		if size <= 0 || size > maxFrame || dur == 0 {
			return 0, fmt.Errorf("%w: frame %d has %d bytes for %d samples", ErrFrame, i, size, dur)
		}
		total += int64(dur)
		largest = max(largest, size)
	}
	end := total - v.codec.Padding // of the sound
	if n == 0 || end <= v.codec.PreSkip {
		return 0, fmt.Errorf("%w: no frames", ErrFrame)
	}
	at := vodSegment{}
	v.starts = append(v.starts, at)
	used := 0
	for i := 0; i < n && at.time < end; i++ {
		_, size, dur := v.track.Frame(i)
		if begun := v.starts[len(v.starts)-1]; at.time-begun.time+int64(dur) > limit && i > begun.frame {
			v.starts = append(v.starts, at)
		}
		v.last = uint32(min(int64(dur), end-at.time))
		at.frame, at.time, at.bytes = i+1, at.time+int64(v.last), at.bytes+int64(size)
		used++
	}
	v.starts = append(v.starts, at)
	v.rates()
	return largest, nil
}

func (v *VOD) rates() {
	longest, peak := int64(0), 0.0
	for i := range len(v.starts) - 1 {
		from, to := v.starts[i], v.starts[i+1]
		longest = max(longest, to.time-from.time)
		peak = max(peak, v.rate(from, to))
	}
	whole := v.rate(v.starts[0], v.starts[len(v.starts)-1])
	v.target = int(math.Ceil(v.codec.duration(longest).Seconds()))
	v.peak, v.average = uint32(min(peak, math.MaxUint32)), uint32(min(whole, math.MaxUint32))
}

// rate is the bits a second between two places, with what fragments add.
func (v *VOD) rate(from, to vodSegment) float64 {
	bytes := to.bytes - from.bytes + int64(fragmentHeadSize(to.frame-from.frame))
	return math.Ceil(float64(bytes) * 8 / max(v.codec.duration(to.time-from.time).Seconds(), 0.1))
}

// Variant describes the track for a multivariant playlist, under a URI.
func (v *VOD) Variant(uri string) Variant {
	return Variant{URI: uri, Codecs: v.codec.Codecs(), Peak: v.peak, Average: v.average}
}

// Duration is how long the sound lasts, without what the codec adds around it.
func (v *VOD) Duration() time.Duration {
	return v.codec.duration(v.starts[len(v.starts)-1].time - v.codec.PreSkip)
}

// playlist lists the segments under numbers with an extension.
func (v *VOD) playlist(extension string) []byte {
	w := &playlistWriter{buf: make([]byte, 0, 256+32*len(v.starts))}
	w.text("#EXTM3U\n#EXT-X-VERSION:7\n")
	w.line("#EXT-X-TARGETDURATION:", int64(v.target))
	w.text("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	if extension == ".m4s" {
		w.text("#EXT-X-MAP:URI=\"init.mp4\"\n")
	}
	before := int64(0)
	for i := range len(v.starts) - 1 {
		// Rounded from the start each time, so that the sum does not drift.
		end := int64(v.codec.duration(v.starts[i+1].time-v.skipped(extension)) / time.Microsecond)
		w.text("#EXTINF:")
		w.micros(end - before)
		w.text(",\n")
		w.int(int64(i))
		w.text(extension)
		w.text("\n")
		before = end
	}
	w.text("#EXT-X-ENDLIST\n")
	return w.buf
}

// skipped is how much of the first segment is not heard: an edit list takes it
// out, and packed audio has none.
func (v *VOD) skipped(extension string) int64 {
	if extension == ".m4s" {
		return v.codec.PreSkip
	}
	return 0
}

// ServeHTTP serves master.m3u8, index.m3u8 and what they name: mp4.m3u8 with
// init.mp4 and fragments for every codec, and packed.m3u8 for MP3 and AAC.
// index.m3u8 is the one that most players take. Anything else is 404; a file
// that cannot be read any more is 500.
func (v *VOD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r) {
		return
	}
	name := asked(r)
	if page := v.pages[name]; page != nil {
		page.send(w, r, cacheFixed)
		return
	}
	number, extension, _ := strings.Cut(name, ".")
	extension = "." + extension
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(v.starts)-1 || strconv.Itoa(i) != number {
		notFound(w)
		return
	}
	switch {
	case extension == ".m4s" && v.encoded != nil:
		v.serveEncoded(w, r, i, false)
	case extension == ".m4s":
		v.serveSegment(w, r, v.segment(i), segmentType)
	case v.packed.extension == "" || extension != v.packed.extension:
		notFound(w)
	case v.encoded != nil:
		v.serveEncoded(w, r, i, true)
	default:
		v.serveSegment(w, r, v.packedSegment(i), v.packed.mime)
	}
}
