package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// idleStream is how long a zone's live playlist is kept up without requests.
const idleStream = 30 * time.Second

// firstParts makes a tab's first request wait for three parts only, which is
// where it may begin, and not for a whole segment.
const firstParts = "?_HLS_msn=0&_HLS_part=2"

// tabLink is a browser tab that listens. Its volume is the browser's own.
type tabLink struct{ live *member.Live }

func (l *tabLink) member(_, _ string) (zone.Member, error) { return zone.Member{Output: l.live}, nil }
func (l *tabLink) setVolume(int)                           {}
func (l *tabLink) setMuted(bool)                           {}
func (l *tabLink) close()                                  { _ = l.live.Close() }

// tabs makes browser tabs members of zones, and keeps the live playlist of a
// zone up while somebody fetches it. It implements api.Tabs.
type tabs struct {
	house  *house
	zones  *zones
	clock  audio.Clock
	signer *api.Signer

	mu      sync.Mutex
	streams map[string]*liveStream // by tab, or by zone
}

type liveStream struct {
	live *member.Live
	used time.Time
	zone string // for a zone's own stream, empty for a tab's
}

func newTabs(h *house, z *zones, clock audio.Clock, signer *api.Signer) *tabs {
	return &tabs{house: h, zones: z, clock: clock, signer: signer, streams: map[string]*liveStream{}}
}

// tabID names the tab of a WebSocket session without giving the session away.
func tabID(session string) string {
	sum := sha256.Sum256([]byte(session))
	return "tab-" + hex.EncodeToString(sum[:8])
}

// Listen implements api.Tabs.
func (t *tabs) Listen(ctx context.Context, session string, r api.ListenRequest) (api.Listening, error) {
	if _, ok := t.zones.get(r.Zone); !ok {
		return api.Listening{}, fmt.Errorf("zone %q: %w", r.Zone, store.ErrNotFound)
	}
	if r.Mode == "whep" {
		// The session that the tab opens there becomes the member.
		return api.Listening{URL: "/api/v1/zones/" + r.Zone + "/whep"}, nil
	}
	id := tabID(session)
	live := member.NewLive(t.clock)
	name := r.Name
	if name == "" {
		name = "Browser"
	}
	d := devices.Device{ID: id, Kind: devices.Browser, Name: name, Origin: devices.Connected, Present: true, LastSeen: time.Now()}
	if err := t.house.cfg.Registry.Observe(ctx, d); err != nil {
		return api.Listening{}, err
	}
	err := t.house.do(ctx, func() error { return t.house.joinTab(d, r.Zone, &tabLink{live: live}) })
	if err != nil {
		return api.Listening{}, err
	}
	t.mu.Lock()
	t.streams[id] = &liveStream{live: live, used: time.Now()}
	t.mu.Unlock()
	return api.Listening{Device: id, URL: t.signer.Path(string(zone.LiveHLS), id, "live.m3u8") + firstParts}, nil
}

// Unlisten implements api.Tabs.
func (t *tabs) Unlisten(_ context.Context, session string) error {
	id := tabID(session)
	t.mu.Lock()
	_, listening := t.streams[id]
	delete(t.streams, id)
	t.mu.Unlock()
	if !listening {
		return nil
	}
	t.leave(id)
	return nil
}

// leave takes a tab out of the house; it may have gone by itself.
func (t *tabs) leave(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := t.house.do(ctx, func() error { return t.house.leaveTab(id) })
	if err == nil {
		err = t.house.cfg.Registry.Observe(ctx, devices.Device{ID: id, Kind: devices.Browser, Origin: devices.Connected})
	}
	if err != nil {
		t.house.log.Debug("a tab left", "tab", id, "error", err)
	}
}

// joinTab puts a tab into a zone.
func (h *house) joinTab(d devices.Device, zoneID string, l link) error {
	s := h.speaker(d)
	if s == nil {
		return store.ErrFull
	}
	h.unlink(s)
	s.link, s.settings.Zone = l, zoneID
	h.settle(s)
	h.show(s)
	return nil
}

func (h *house) leaveTab(id string) error {
	if s := h.speakers[id]; s != nil {
		h.unlink(s)
		s.settings.Zone = ""
		return h.cfg.Store.DeleteDevice(h.ctx, id)
	}
	return nil
}

// ServeHTTP serves live playlists under the path values id (a tab's or a
// zone's) and file. A zone's own stream begins with the first request.
func (t *tabs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	live, err := t.stream(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, "there is no such stream", http.StatusNotFound)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path = "/" + r.PathValue("file")
	live.ServeHTTP(w, inner)
}

func (t *tabs) stream(ctx context.Context, id string) (*member.Live, error) {
	t.mu.Lock()
	s := t.streams[id]
	if s != nil {
		s.used = time.Now()
	}
	t.mu.Unlock()
	if s != nil {
		return s.live, nil
	}
	z, ok := t.zones.get(id)
	if !ok {
		return nil, store.ErrNotFound
	}
	live := member.NewLive(t.clock)
	t.mu.Lock()
	if s := t.streams[id]; s != nil {
		t.mu.Unlock()
		return s.live, nil
	}
	t.streams[id] = &liveStream{live: live, used: time.Now(), zone: id}
	t.mu.Unlock()
	if err := z.Attach(ctx, zone.Member{ID: zoneStreamID(id), Name: "Live stream", Output: live}); err != nil {
		t.mu.Lock()
		delete(t.streams, id)
		t.mu.Unlock()
		return nil, err
	}
	return live, nil
}

func zoneStreamID(zone string) string { return "live:" + zone }

// Run lets go of zones' streams that nobody fetches any more.
func (t *tabs) Run(ctx context.Context) error {
	ticker := time.NewTicker(idleStream / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			t.sweep(ctx)
		}
	}
}

func (t *tabs) sweep(ctx context.Context) {
	var idle []*liveStream
	t.mu.Lock()
	for id, s := range t.streams {
		if s.zone != "" && time.Since(s.used) > idleStream {
			idle = append(idle, s)
			delete(t.streams, id)
		}
	}
	t.mu.Unlock()
	for _, s := range idle {
		_ = s.live.Close()
		if z, ok := t.zones.get(s.zone); ok {
			// The zone may have ended in the meantime.
			_ = z.Detach(ctx, zoneStreamID(s.zone))
		}
	}
}
