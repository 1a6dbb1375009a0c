package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// vodCache is how many tracks stay indexed for segments.
const vodCache = 16

// trackPlaylist is the media kind of a track's own HLS playlist.
const trackPlaylist = "track"

// media serves what signed URLs name: it implements api.Media.
type media struct {
	store   *store.Store
	library *library.Library
	house   *house
	zones   *zones
	tabs    *tabs
	signer  *api.Signer
	whep    http.Handler
	tracks  *tracks // opens what is converted
	// conversions holds a token for each that is read now.
	conversions chan struct{}

	mu   sync.Mutex
	vods map[string]*openVOD
}

// openVOD is an indexed track with its open file.
type openVOD struct {
	vod   *hls.VOD
	file  *os.File
	used  time.Time
	users int // requests being served; the file stays open for them
}

// Handlers implements api.Media.
func (m *media) Handlers() map[string]http.Handler {
	return m.house.fetches.watch(map[string]http.Handler{
		string(zone.OriginalFile): http.HandlerFunc(m.serveOriginal),
		string(zone.CoverImage):   http.HandlerFunc(m.serveCover),
		string(zone.LiveHLS):      m.tabs,
		trackPlaylist:             http.HandlerFunc(m.serveTrack),
		convertedFile:             http.HandlerFunc(m.serveConverted),
		"cast":                    http.HandlerFunc(m.serveCast),
	})
}

// WHEP implements api.Media.
func (m *media) WHEP() http.Handler { return m.whep }

// ZoneStream implements api.Media.
func (m *media) ZoneStream(_ context.Context, id string) (api.ZoneStream, error) {
	if _, ok := m.zones.get(id); !ok {
		return api.ZoneStream{}, store.ErrNotFound
	}
	s := api.ZoneStream{HLS: m.signer.Path(string(zone.LiveHLS), id, "master.m3u8")}
	if m.whep != nil && audio.EncoderAvailable(audio.Opus) {
		s.WHEP = "/api/v1/zones/" + id + "/whep"
	}
	return s, nil
}

// TrackStream implements api.Media.
func (m *media) TrackStream(ctx context.Context, id string) (api.TrackStream, error) {
	track, err := m.store.Track(ctx, id)
	if err != nil {
		return api.TrackStream{}, err
	}
	s := api.TrackStream{Original: m.signer.Path(string(zone.OriginalFile), id, "")}
	switch audio.Codec(track.Codec) {
	case audio.FLAC, audio.Opus, audio.MP3, audio.AAC, audio.ALAC:
		s.HLS = m.signer.Path(trackPlaylist, id, "index.m3u8")
	case audio.PCM, audio.Vorbis:
	}
	return s, nil
}

func (m *media) serveOriginal(w http.ResponseWriter, r *http.Request) {
	file, track, err := m.library.Open(r.Context(), r.PathValue("id"))
	if err != nil {
		m.missing(w, err)
		return
	}
	defer func() { _ = file.Close() }()
	w.Header().Set("Content-Type", contentType(track))
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(w, r, "", track.ModTime, file)
}

func (m *media) missing(w http.ResponseWriter, err error) {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		http.Error(w, "there is no such file any more", http.StatusNotFound)
		return
	}
	http.Error(w, "the file cannot be read now", http.StatusServiceUnavailable)
}

// coverWidth is what devices with a screen are sent, in pixels.
const coverWidth = 640

func (m *media) serveCover(w http.ResponseWriter, r *http.Request) {
	data, kind, err := m.library.Cover(r.Context(), r.PathValue("id"), coverWidth)
	if err != nil {
		m.missing(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (m *media) serveCast(w http.ResponseWriter, r *http.Request) {
	var link *castLink
	err := m.house.do(r.Context(), func() error {
		if s := m.house.speakers[r.PathValue("id")]; s != nil {
			link, _ = s.link.(*castLink)
		}
		return nil
	})
	if err != nil || link == nil {
		http.NotFound(w, r)
		return
	}
	link.serveRun(r.PathValue("file"), w, r)
}

func (m *media) serveTrack(w http.ResponseWriter, r *http.Request) {
	v, err := m.open(r.Context(), r.PathValue("id"))
	if err != nil {
		m.missing(w, err)
		return
	}
	defer m.release(v)
	inner := r.Clone(r.Context())
	inner.URL.Path = "/" + r.PathValue("file")
	v.vod.ServeHTTP(w, inner)
}

// open returns a track's segments, indexed at first use; release gives it back.
func (m *media) open(ctx context.Context, id string) (*openVOD, error) {
	m.mu.Lock()
	if v := m.vods[id]; v != nil {
		v.used = time.Now()
		v.users++
		m.mu.Unlock()
		return v, nil
	}
	m.mu.Unlock()
	file, row, err := m.library.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	track, err := container.Open(file, row.Size)
	if err == nil {
		var vod *hls.VOD
		version := fmt.Sprintf("%d %d", row.Size, row.ModTime.UnixNano())
		if vod, err = hls.NewVOD(newHLSTrack(track, file), version); err == nil {
			return m.keep(id, &openVOD{vod: vod, file: file, used: time.Now(), users: 1}), nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

// keep puts an indexed track into the cache. The one that was not used for the
// longest makes room.
func (m *media) keep(id string, v *openVOD) *openVOD {
	m.mu.Lock()
	defer m.mu.Unlock()
	if other := m.vods[id]; other != nil {
		other.users++
		_ = v.file.Close()
		return other
	}
	m.vods[id] = v
	for len(m.vods) > vodCache {
		oldest := ""
		for key, candidate := range m.vods {
			if candidate.users == 0 && (oldest == "" || candidate.used.Before(m.vods[oldest].used)) {
				oldest = key
			}
		}
		if oldest == "" {
			break
		}
		_ = m.vods[oldest].file.Close()
		delete(m.vods, oldest)
	}
	return v
}

func (m *media) release(v *openVOD) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v.users--
}

// closeAll closes the files; no request may be under way any more.
func (m *media) closeAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, v := range m.vods {
		_ = v.file.Close()
		delete(m.vods, id)
	}
}

// hlsTrack shows a demuxed file the way that package hls wants it.
type hlsTrack struct{ container.Track }

// newHLSTrack lets the kernel copy from the file where frames' places are
// places of the file: in Ogg they are not.
func newHLSTrack(track container.Track, file *os.File) hls.Track {
	if f, ok := track.(*container.File); ok && f.ReaderAt == io.ReaderAt(file) {
		return fileTrack{hlsTrack: hlsTrack{track}, file: file}
	}
	return hlsTrack{track}
}

// Config implements hls.Track.
func (t hlsTrack) Config() hls.CodecConfig {
	c := t.Track.Config()
	return hls.CodecConfig{
		Codec: c.Codec, Rate: c.Rate, Channels: c.Channels, Bits: c.Bits, Header: c.Header,
		PreSkip: c.PreSkip, Padding: c.Padding,
	}
}

type fileTrack struct {
	hlsTrack
	file *os.File
}

var errReplaced = errors.New("another file has taken its place")

// OpenFile implements hls.Opener: the same file, with a position of its own.
func (t fileTrack) OpenFile() (*os.File, error) {
	file, err := os.Open(t.file.Name())
	if err != nil {
		return nil, err
	}
	now, err := file.Stat()
	if err == nil {
		var was os.FileInfo
		if was, err = t.file.Stat(); err == nil && !os.SameFile(now, was) {
			err = errReplaced
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
