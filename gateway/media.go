package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// media serves what signed URLs name: it implements api.Media.
type media struct {
	store   *store.Store
	library *library.Library
	house   *house
	zones   *zones
	tabs    *tabs
	signer  *api.Signer
	rtc     *rtc.Server
	tracks  *tracks // opens what is converted
	// conversions holds a token for each that is read now.
	conversions chan struct{}

	vods *trackStreams
}

// Handlers implements api.Media.
func (m *media) Handlers() map[string]http.Handler {
	return m.house.fetches.watch(map[string]http.Handler{
		string(zone.OriginalFile): http.HandlerFunc(m.serveOriginal),
		string(zone.CoverImage):   http.HandlerFunc(m.serveCover),
		string(zone.LiveHLS):      m.tabs,
		trackPlaylist:             m.vods,
		convertedFile:             http.HandlerFunc(m.serveConverted),
		"cast":                    http.HandlerFunc(m.serveCast),
	})
}

// WHEP implements api.Media.
func (m *media) WHEP() http.Handler { return m.rtc.WHEP() }

// WHIP implements api.Media.
func (m *media) WHIP() http.Handler { return m.rtc.WHIP() }

// ZoneStream implements api.Media.
func (m *media) ZoneStream(_ context.Context, id string) (api.ZoneStream, error) {
	if _, ok := m.zones.get(id); !ok {
		return api.ZoneStream{}, store.ErrNotFound
	}
	s := api.ZoneStream{HLS: m.signer.Path(string(zone.LiveHLS), id, "master.m3u8")}
	if folder, ok := packedRendition(m.tabs.renditions()); ok {
		s.Packed = m.signer.Path(string(zone.LiveHLS), id, folder+packedPlaylist)
	}
	if m.rtc != nil && audio.EncoderAvailable(audio.Opus) {
		s.WHEP = "/api/v1/zones/" + id + "/whep"
	}
	return s, nil
}

func (m *media) serveOriginal(w http.ResponseWriter, r *http.Request) {
	file, track, err := m.library.Open(r.Context(), r.PathValue("id"))
	if err != nil {
		missing(w, err)
		return
	}
	defer func() { _ = file.Close() }()
	w.Header().Set("Content-Type", contentType(track))
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(w, r, "", track.ModTime, file)
}

func missing(w http.ResponseWriter, err error) {
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
		missing(w, err)
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
