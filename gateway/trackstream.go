package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// trackPlaylist is the media kind of a track's own HLS playlists.
const trackPlaylist = "track"

// packedPlaylist names a stream as packed audio, beside its other playlist.
const packedPlaylist = "packed.m3u8"

// packedRendition is the folder of the rendition that can be packed.
func packedRendition(all []member.Rendition) (folder string, ok bool) {
	i := slices.IndexFunc(all, func(r member.Rendition) bool { return r.Format.Codec == audio.AAC })
	if i < 0 {
		return "", false
	}
	return all[i].Name + "/", true
}

const (
	// openTracks is how many tracks stay indexed for segments.
	openTracks = 16
	// maxEncoders is how many segments are encoded at a time.
	maxEncoders = 2
	// smallIndex is how many frames are found again sooner than read back.
	smallIndex = 20_000
)

// trackStreams serves tracks as HLS: the file's own frames where players take
// its codec, and other renditions, encoded on request and cached.
type trackStreams struct {
	tracks   *tracks
	cache    *diskCache
	encoders chan struct{}
	// coders make the renditions, which are all that there are.
	coders     audio.Encoders
	renditions func() []member.Rendition

	mu   sync.Mutex
	open map[string]*openVOD // by track, and by track and rendition
}

func newTrackStreams(t *tracks, cache *diskCache, coders audio.Encoders, renditions func() []member.Rendition) *trackStreams {
	return &trackStreams{
		tracks: t, cache: cache, encoders: make(chan struct{}, maxEncoders), coders: coders, renditions: renditions,
		open: map[string]*openVOD{},
	}
}

// openVOD is a track, or a rendition of one, that segments are asked of.
type openVOD struct {
	vod     *hls.VOD
	file    io.Closer // nil for a rendition
	version string
	used    time.Time
	users   int // requests being served; the file stays open for them
}

// streamable tells whether a codec's own frames are served.
func streamable(codec string) bool {
	switch audio.Codec(codec) {
	case audio.FLAC, audio.Opus, audio.MP3, audio.AAC, audio.ALAC:
		return true
	case audio.PCM, audio.Vorbis:
	}
	return false
}

// version names the content of a track's file.
func version(row store.Track) string { return fmt.Sprintf("%d %d", row.Size, row.ModTime.UnixNano()) }

// TrackStream implements api.Media.
func (m *media) TrackStream(ctx context.Context, id string) (api.TrackStream, error) {
	row, err := m.store.Track(ctx, id)
	if err != nil {
		return api.TrackStream{}, err
	}
	playlist := "master.m3u8"
	if streamable(row.Codec) {
		playlist = "index.m3u8" // the file as it is; master.m3u8 beside it has the rest
	}
	s := api.TrackStream{
		Original: m.signer.Path(string(zone.OriginalFile), id, ""),
		HLS:      m.signer.Path(trackPlaylist, id, playlist),
	}
	folder, ok := packedRendition(m.vods.renditions())
	if codec := audio.Codec(row.Codec); codec == audio.MP3 || codec == audio.AAC {
		folder, ok = "", true // its own frames
	}
	if ok {
		s.Packed = m.signer.Path(trackPlaylist, id, folder+packedPlaylist)
	}
	return s, nil
}

// ServeHTTP serves the playlists of the track that the path value id names:
// master.m3u8 with all renditions, index.m3u8 and its segments for the file's
// own frames, and a folder for each rendition.
func (t *trackStreams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, file := r.PathValue("id"), r.PathValue("file")
	name, inFolder, nested := strings.Cut(file, "/")
	if nested {
		file = inFolder
	} else {
		name = ""
	}
	if file == "master.m3u8" && !nested {
		t.serveMaster(w, r, id)
		return
	}
	v, err := t.get(r.Context(), id, name, strings.HasSuffix(file, ".m3u8"))
	if err != nil {
		missing(w, err)
		return
	}
	defer t.release(v)
	inner := r.Clone(r.Context())
	inner.URL.Path = "/" + file
	inner.Pattern = ""
	v.vod.ServeHTTP(w, inner)
}

// forms are the renditions that a track is offered in, beside its own frames:
// the lossless one only where those are not served.
func (t *trackStreams) forms(row store.Track) []member.Rendition {
	all := t.renditions()
	if streamable(row.Codec) {
		return all[1:]
	}
	return all
}

func (t *trackStreams) serveMaster(w http.ResponseWriter, r *http.Request, id string) {
	row, err := t.tracks.store.Track(r.Context(), id)
	if err != nil {
		missing(w, err)
		return
	}
	var variants []hls.Variant
	if streamable(row.Codec) {
		v, err := t.get(r.Context(), id, "", true)
		if err != nil {
			missing(w, err)
			return
		}
		variants = append(variants, v.vod.Variant("index.m3u8"))
		t.release(v)
	}
	for _, f := range t.forms(row) {
		variants = append(variants, f.Variant("index.m3u8"))
	}
	hls.NewMultivariant(variants).ServeHTTP(w, r)
}

// get returns what segments of a track are cut from, made at first use; release
// gives it back. A playlist is never that of a file that has changed.
func (t *trackStreams) get(ctx context.Context, id, name string, playlist bool) (*openVOD, error) {
	key := id + "/" + name
	t.mu.Lock()
	v := t.open[key]
	if v != nil {
		v.users++
		v.used = time.Now()
	}
	t.mu.Unlock()
	if v != nil && !playlist {
		return v, nil
	}
	row, err := t.tracks.store.Track(ctx, id)
	if v != nil {
		if err == nil && v.version == version(row) {
			return v, nil
		}
		t.release(v)
		t.drop(key, v)
	}
	if err != nil {
		return nil, err
	}
	if name == "" {
		v, err = t.original(ctx, row)
	} else {
		v, err = t.rendition(ctx, row, name)
	}
	if err != nil {
		return nil, err
	}
	v.used, v.users, v.version = time.Now(), 1, version(row)
	return t.keep(key, v), nil
}

// original indexes a track's file, or reads the index that was kept of it.
func (t *trackStreams) original(ctx context.Context, row store.Track) (*openVOD, error) {
	if !streamable(row.Codec) {
		return nil, store.ErrNotFound
	}
	file, row, err := t.tracks.library.Open(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	track, err := t.index(row, file)
	if err == nil {
		var vod *hls.VOD
		if vod, err = hls.NewVOD(track, version(row)); err == nil {
			return &openVOD{vod: vod, file: file}, nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

func (t *trackStreams) index(row store.Track, file *os.File) (hls.Track, error) {
	name := "frames " + row.ID + " " + version(row)
	if data, ok := t.cache.Get(name); ok {
		if track, err := hls.OpenIndex(data, file); err == nil {
			return fileTrack{Track: track, file: file}, nil
		}
	}
	demuxed, err := container.Open(file, row.Size)
	if err != nil {
		return nil, err
	}
	track := newHLSTrack(demuxed, file)
	if _, direct := track.(fileTrack); direct && track.NumFrames() > smallIndex {
		t.cache.Put(name, hls.AppendIndex(nil, track))
	}
	return track, nil
}

// rendition makes a track's segments in another form.
func (t *trackStreams) rendition(ctx context.Context, row store.Track, name string) (*openVOD, error) {
	all := t.forms(row)
	i := slices.IndexFunc(all, func(f member.Rendition) bool { return f.Name == name })
	if i < 0 {
		return nil, store.ErrNotFound
	}
	form := all[i]
	dec, err := t.conformed(ctx, row.ID, form.Format.Rate)
	if err != nil {
		return nil, err
	}
	samples := dec.Info().Frames
	if err := dec.Close(); err != nil {
		return nil, err
	}
	if samples <= 0 {
		samples = int64(row.Duration.Seconds() * float64(form.Format.Rate))
	}
	enc, err := t.coders.New(form.Format)
	if err != nil {
		return nil, err
	}
	defer func() { _ = enc.Close() }()
	vod, err := hls.NewEncoded(hls.EncodedConfig{
		Codec:        codecConfig(enc.Stream(), enc.Delay()),
		FrameSamples: enc.Stream().FrameSamples,
		Samples:      samples,
		Peak:         form.Peak,
		Average:      form.Average,
		Version:      row.ID + " " + version(row) + " " + name,
		Encode: func(ctx context.Context, first, n int) ([][]byte, error) {
			return t.encode(ctx, row.ID, form.Format, first, n)
		},
		Cache: t.cache,
	})
	if err != nil {
		return nil, err
	}
	return &openVOD{vod: vod}, nil
}

func codecConfig(s *audio.Stream, delay int) hls.CodecConfig {
	f := s.Format
	return hls.CodecConfig{
		Codec: string(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: s.Header, PreSkip: int64(delay),
	}
}

func (t *trackStreams) conformed(ctx context.Context, id string, rate int) (audio.Decoder, error) {
	dec, err := t.tracks.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := audio.NewConformed(dec, rate)
	if err != nil {
		return nil, errors.Join(err, dec.Close())
	}
	return c, nil
}

// preRoll is how many frames an encoder is given before those that are kept, so
// that it is as far as if it had begun at the start.
const preRoll = 10

// encode makes n frames from the first-th on.
func (t *trackStreams) encode(ctx context.Context, id string, f audio.Format, first, n int) (frames [][]byte, err error) {
	select {
	case t.encoders <- struct{}{}:
		defer func() { <-t.encoders }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dec, err := t.conformed(ctx, id, f.Rate)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dec.Close()) }()
	enc, err := t.coders.New(f)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, enc.Close()) }()
	size := enc.Stream().FrameSamples
	before := min(preRoll, first)
	if err := dec.SeekFrame(int64(first-before) * int64(size)); err != nil {
		return nil, fmt.Errorf("seek: %w", err)
	}
	block := make([]float32, size*f.Channels)
	for len(frames) < before+n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := readFull(dec, block, f.Channels); err != nil {
			return nil, err
		}
		coded, err := enc.Encode(block)
		if err != nil {
			return nil, err
		}
		for _, c := range coded {
			frames = append(frames, c.Data)
		}
	}
	return frames[before : before+n], nil
}

// readFull fills a block, with silence behind the end.
func readFull(dec audio.Decoder, block []float32, channels int) error {
	for len(block) > 0 {
		n, err := dec.Read(block)
		block = block[n*channels:]
		if errors.Is(err, io.EOF) {
			clear(block)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep remembers what was opened. What was not used for the longest makes room.
func (t *trackStreams) keep(key string, v *openVOD) *openVOD {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.open[key]; other != nil {
		other.users++
		v.close()
		return other
	}
	t.open[key] = v
	for len(t.open) > openTracks {
		oldest := ""
		for k, candidate := range t.open {
			if candidate.users == 0 && (oldest == "" || candidate.used.Before(t.open[oldest].used)) {
				oldest = k
			}
		}
		if oldest == "" {
			break
		}
		t.open[oldest].close()
		delete(t.open, oldest)
	}
	return v
}

// drop forgets a track whose file has changed. Requests that are under way go
// on with the old one; whoever is last closes it.
func (t *trackStreams) drop(key string, v *openVOD) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[key] != v {
		return
	}
	delete(t.open, key)
	if v.users == 0 {
		v.close()
	} else {
		v.version = "" // see release
	}
}

func (t *trackStreams) release(v *openVOD) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v.users--
	if v.users == 0 && v.version == "" {
		v.close()
	}
}

func (v *openVOD) close() {
	if v.file != nil {
		_ = v.file.Close()
	}
}

// closeAll closes the files; no request may be under way any more.
func (t *trackStreams) closeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, v := range t.open {
		v.close()
		delete(t.open, key)
	}
}
