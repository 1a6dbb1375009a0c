package hls

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"
)

// EncodedConfig is what a VOD is made of whose frames are encoded when they are
// asked for.
type EncodedConfig struct {
	Codec        CodecConfig // PreSkip is the encoder's; Padding is worked out
	FrameSamples int
	// Samples is how much sound there is, in samples of the codec's rate.
	Samples int64
	// Peak and Average are bits a second.
	Peak, Average uint32
	// Version names the source's content and how it is encoded.
	Version string
	// Encode returns n frames from the first-th on. It is called for one
	// segment at a time and may be called for any of them, from any goroutine;
	// ctx ends after half a minute. What is made is kept, also when the client
	// that asked has left: another will ask.
	Encode func(ctx context.Context, first, n int) ([][]byte, error)
	// Cache keeps segments; nil keeps none.
	Cache Cache
}

// Cache keeps what was encoded. Both methods may be called from any goroutine;
// what was put may be gone at any time.
type Cache interface {
	Get(name string) ([]byte, bool)
	Put(name string, data []byte)
}

// encodedVOD makes the segments of a VOD.
type encodedVOD struct {
	cfg    EncodedConfig
	flight singleflight.Group
}

// encodePatience bounds the making of one segment.
const encodePatience = 30 * time.Second

// NewEncoded makes a VOD of segments that are encoded on request, once each
// however many clients ask. The playlist is whole from the start.
func NewEncoded(cfg EncodedConfig) (*VOD, error) {
	if cfg.FrameSamples <= 0 || cfg.Samples <= 0 {
		return nil, fmt.Errorf("%w: %d samples in frames of %d", ErrFrame, cfg.Samples, cfg.FrameSamples)
	}
	total := cfg.Codec.PreSkip + cfg.Samples
	frames := int((total + int64(cfg.FrameSamples) - 1) / int64(cfg.FrameSamples))
	cfg.Codec.Padding = int64(frames)*int64(cfg.FrameSamples) - total
	v, err := NewVOD(encodedTrack{cfg: cfg, frames: frames}, cfg.Version)
	if err != nil {
		return nil, err
	}
	v.encoded = &encodedVOD{cfg: cfg}
	v.peak, v.average = cfg.Peak, cfg.Average
	v.pages["master.m3u8"] = newDocument(playlistType, multivariant([]Variant{v.Variant("index.m3u8")}))
	return v, nil
}

// encodedTrack has the frames' times; their bytes are not known yet.
type encodedTrack struct {
	cfg    EncodedConfig
	frames int
}

func (t encodedTrack) Config() CodecConfig { return t.cfg.Codec }
func (t encodedTrack) NumFrames() int      { return t.frames }
func (t encodedTrack) Frame(int) (off int64, size int, dur uint32) {
	return 0, 1, uint32(t.cfg.FrameSamples)
}
func (t encodedTrack) ReadAt([]byte, int64) (int, error) { return 0, ErrFrame }

func (v *VOD) serveEncoded(w http.ResponseWriter, r *http.Request, i int, packed bool) {
	name, mime := strconv.Itoa(i), segmentMime
	data, err := v.encodedSegment(r.Context(), i)
	if err == nil && packed {
		name, mime = name+v.packed.extension, []string{v.packed.mime}
		data, err = v.packed.pack(v.codec, v.starts[i].time, data)
	}
	if r.Context().Err() != nil {
		return
	}
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "this segment cannot be encoded now")
		return
	}
	d := &document{body: data, mime: mime, etag: []string{`"` + v.version + "-" + name + `"`}, length: []string{strconv.Itoa(len(data))}}
	d.send(w, r, cacheFixed)
}

// encodedSegment returns a segment from the cache, or has it made. A client
// that leaves does not stop what others wait for, and what was begun is kept.
func (v *VOD) encodedSegment(ctx context.Context, i int) ([]byte, error) {
	e, name := v.encoded, v.version+"-"+strconv.Itoa(i)
	if e.cfg.Cache != nil {
		if data, ok := e.cfg.Cache.Get(name); ok {
			return data, nil
		}
	}
	made := e.flight.DoChan(name, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), encodePatience)
		defer cancel()
		data, err := v.encode(ctx, i)
		if err == nil && e.cfg.Cache != nil {
			e.cfg.Cache.Put(name, data)
		}
		return data, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case m := <-made:
		data, _ := m.Val.([]byte)
		return data, m.Err
	}
}

func (v *VOD) encode(ctx context.Context, i int) ([]byte, error) {
	from, to := v.starts[i], v.starts[i+1]
	coded, err := v.encoded.cfg.Encode(ctx, from.frame, to.frame-from.frame)
	if err != nil {
		return nil, fmt.Errorf("encode segment %d: %w", i, err)
	}
	if len(coded) != to.frame-from.frame {
		return nil, fmt.Errorf("%w: %d frames came for segment %d, want %d", ErrFrame, len(coded), i, to.frame-from.frame)
	}
	frames := make([]frame, len(coded))
	for k, data := range coded {
		frames[k] = frame{data: data, duration: uint32(v.encoded.cfg.FrameSamples)}
		if from.frame+k == v.starts[len(v.starts)-1].frame-1 {
			frames[k].duration = v.last
		}
	}
	return fragment(uint32(i+1), from.time, frames), nil
}
