package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
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

// tabLink is a browser tab that listens. Its volume is the browser's own.
type tabLink struct{ live *member.Live }

func (l *tabLink) member(_, _ string) (zone.Member, error) {
	return zone.Member{Output: l.live, Shows: l.live}, nil
}
func (l *tabLink) setVolume(int) {}
func (l *tabLink) setMuted(bool) {}
func (l *tabLink) close()        { _ = l.live.Close() }

// tab is who a tab is among the devices.
type tab struct{ id, name string }

// tabs makes browser tabs members of zones, and keeps the live playlist of a
// zone up while somebody fetches it. It implements api.Tabs.
type tabs struct {
	house  *house
	zones  *zones
	clock  audio.Clock
	signer *api.Signer
	// renditions are those of a zone's stream.
	renditions func() []member.Rendition

	// pushHash is of the certificate for WebTransport; nil where there is none.
	pushHash func() ([]byte, error)

	mu      sync.Mutex
	streams map[string]*liveStream        // by tab, or by zone and rendition
	shared  map[string]*member.LiveStream // by zone: what its renditions have in common
	tickets map[string]tab                // who may open a WHEP session as which tab
}

type liveStream struct {
	live *member.Live
	used time.Time
	zone string // for a rendition of a zone's own stream, empty for a tab's
	name string // of the rendition
}

func newTabs(h *house, z *zones, clock audio.Clock, signer *api.Signer, renditions func() []member.Rendition) *tabs {
	return &tabs{house: h, zones: z, clock: clock, signer: signer, renditions: renditions, streams: map[string]*liveStream{}, shared: map[string]*member.LiveStream{}, tickets: map[string]tab{}}
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
	who := tab{id: tabID(session), name: r.Name}
	if who.name == "" {
		who.name = "Browser"
	}
	if r.Mode == "whep" {
		// The WebRTC session that the tab opens there becomes the member.
		return api.Listening{Device: who.id, URL: "/api/v1/zones/" + r.Zone + "/whep?ticket=" + t.ticket(who)}, nil
	}
	live := member.NewLive(t.clock)
	if err := t.enter(ctx, who, r.Zone, &tabLink{live: live}); err != nil {
		return api.Listening{}, err
	}
	t.mu.Lock()
	t.streams[who.id] = &liveStream{live: live, used: time.Now()}
	t.mu.Unlock()
	l := api.Listening{Device: who.id, URL: t.signer.Path(string(zone.LiveHLS), who.id, "live.m3u8")}
	if t.pushHash != nil {
		// A page that can takes parts as they are made. Where the hash cannot be
		// had, it plays the playlist.
		l.Push = t.signer.Path(string(zone.LiveHLS), who.id, pushName)
		l.PushHash, _ = t.pushHash()
	}
	return l, nil
}

// ticket lets its bearer open a WHEP session as that tab; an earlier one of the
// tab is void.
func (t *tabs) ticket(who tab) string {
	ticket := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.void(who.id)
	t.tickets[ticket] = who
	return ticket
}

// void is called under the lock.
func (t *tabs) void(id string) (had bool) {
	for ticket, who := range t.tickets {
		if who.id == id {
			delete(t.tickets, ticket)
			had = true
		}
	}
	return had
}

// redeem tells who was given a ticket. It stays good until the tab listens no
// more: a session that breaks off is opened again with it.
func (t *tabs) redeem(ticket string) (tab, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	who, ok := t.tickets[ticket]
	return who, ok
}

// Unlisten implements api.Tabs.
func (t *tabs) Unlisten(_ context.Context, session string) error {
	id := tabID(session)
	t.mu.Lock()
	_, listening := t.streams[id]
	delete(t.streams, id)
	listening = t.void(id) || listening
	t.mu.Unlock()
	if listening {
		t.leave(id, nil)
	}
	return nil
}

// enter makes a tab a device, and a member of a zone. What it listened by
// before ends.
func (t *tabs) enter(ctx context.Context, who tab, zoneID string, l link) error {
	d := devices.Device{
		ID: who.id, Kind: devices.Browser, Name: who.name, Origin: devices.Connected, Present: true, LastSeen: time.Now(),
	}
	if err := t.house.cfg.Registry.Observe(ctx, d); err != nil {
		return err
	}
	return t.house.do(ctx, func() error { return t.house.joinTab(d, zoneID, l) })
}

// leave takes a tab out of the house; it may have gone by itself. A tab that
// listens by another link than l in the meantime stays; a nil l is any.
func (t *tabs) leave(id string, l link) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gone := false
	err := t.house.do(ctx, func() (err error) {
		gone, err = t.house.leaveTab(id, l)
		return err
	})
	if err == nil && gone {
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

func (h *house) leaveTab(id string, l link) (gone bool, err error) {
	s := h.speakers[id]
	if s == nil || (l != nil && s.link != l) {
		return false, nil
	}
	h.unlink(s)
	s.settings.Zone = ""
	h.show(s)
	return true, h.forget(h.ctx, id)
}

// ServeHTTP serves live playlists under the path values id (a tab's or a
// zone's) and file. A tab has one stream; a zone has a multivariant playlist,
// master.m3u8, and a folder for each rendition, which begins with the first
// request for it.
func (t *tabs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, file := r.PathValue("id"), r.PathValue("file")
	if shared, ok := t.zoneStream(id); ok {
		if file == "master.m3u8" {
			shared.ServeMaster(w, r)
			return
		}
		var name string
		if name, file, ok = strings.Cut(file, "/"); !ok {
			http.NotFound(w, r)
			return
		}
		id += "/" + name
	}
	live, err := t.stream(r.Context(), id)
	if err != nil {
		http.Error(w, "there is no such stream", http.StatusNotFound)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path = "/" + file
	inner.Pattern = ""
	live.ServeHTTP(w, inner)
}

// zoneStream returns what the renditions of a zone share, if id is a zone's.
func (t *tabs) zoneStream(id string) (*member.LiveStream, bool) {
	if _, ok := t.zones.get(id); !ok {
		return nil, false
	}
	all := t.renditions() // ffmpeg may be asked for them
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shared[id] == nil {
		t.shared[id] = member.NewLiveStream(t.clock, all)
	}
	return t.shared[id], true
}

// stream returns the stream of a tab, or the rendition of a zone by
// "zone/rendition".
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
	zoneID, name, _ := strings.Cut(id, "/")
	z, ok := t.zones.get(zoneID)
	all := t.renditions()
	i := slices.IndexFunc(all, func(r member.Rendition) bool { return r.Name == name })
	shared, isZone := t.zoneStream(zoneID)
	if !ok || !isZone || i < 0 {
		return nil, store.ErrNotFound
	}
	live := shared.Rendition(all[i])
	t.mu.Lock()
	if s := t.streams[id]; s != nil {
		t.mu.Unlock()
		return s.live, nil
	}
	s = &liveStream{live: live, used: time.Now(), zone: zoneID, name: name}
	t.streams[id] = s
	t.mu.Unlock()
	m := zone.Member{ID: s.member(), Name: "Live stream", Output: live, Shows: live}
	if err := z.Attach(ctx, m); err != nil {
		t.mu.Lock()
		delete(t.streams, id)
		t.mu.Unlock()
		return nil, err
	}
	return live, nil
}

// touch keeps a stream up that somebody is pushed.
func (t *tabs) touch(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.streams[id]; s != nil {
		s.used = time.Now()
	}
}

// member is the id under which a zone's rendition is attached.
func (s *liveStream) member() string { return "live:" + s.zone + "/" + s.name }

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
	for id := range t.shared {
		if _, ok := t.zones.get(id); !ok {
			delete(t.shared, id)
		}
	}
	t.mu.Unlock()
	for _, s := range idle {
		_ = s.live.Close()
		if z, ok := t.zones.get(s.zone); ok {
			// The zone may have ended in the meantime.
			_ = z.Detach(ctx, s.member())
		}
	}
}
