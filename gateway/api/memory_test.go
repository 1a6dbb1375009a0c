package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// What the API is tested with instead of the rooms that need a network, time
// or speakers.

type memoryZones struct {
	catalog Catalog
	mu      sync.Mutex
	all     []*memoryZone
	made    int
}

func (m *memoryZones) Get(id string) (Zone, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, z := range m.all {
		if z.id == id {
			return z, true
		}
	}
	return nil, false
}

func (m *memoryZones) List() []Zone {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Zone, 0, len(m.all))
	for _, z := range m.all {
		out = append(out, z)
	}
	return out
}

func (m *memoryZones) Create(_ context.Context, name string) (Zone, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	z := &memoryZone{id: fmt.Sprintf("z%d", m.made), name: name, catalog: m.catalog, state: zone.Stopped, repeat: zone.RepeatOff}
	m.all = append(m.all, z)
	return z, nil
}

func (m *memoryZones) Rename(_ context.Context, id, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, z := range m.all {
		if z.id == id {
			z.set(func() { z.name = name })
		}
	}
	return nil
}

func (m *memoryZones) SetCrossfade(_ context.Context, id string, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, z := range m.all {
		if z.id == id {
			z.set(func() { z.crossfade = d })
		}
	}
	return nil
}

func (m *memoryZones) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) == 1 {
		return ErrLastZone
	}
	m.all = slices.DeleteFunc(m.all, func(z *memoryZone) bool { return z.id == id })
	return nil
}

// memoryZone has a queue and a transport, and plays nothing.
type memoryZone struct {
	id      string
	catalog Catalog

	mu        sync.Mutex
	name      string
	state     zone.Transport
	entries   []zone.Entry
	index     int
	offset    time.Duration
	repeat    zone.Repeat
	arranged  zone.Arrangement
	click     bool
	crossfade time.Duration
	context   zone.ContextRef
	revision  uint64
	made      int
	nexts     int // how often Next was called
}

func (z *memoryZone) set(f func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	f()
}

func (z *memoryZone) transport(to zone.Transport) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(z.entries) == 0 {
		return zone.ErrEmpty
	}
	z.state = to
	return nil
}

func (z *memoryZone) Play(context.Context) error  { return z.transport(zone.Playing) }
func (z *memoryZone) Pause(context.Context) error { return z.transport(zone.Paused) }
func (z *memoryZone) Stop(context.Context) error  { return z.transport(zone.Stopped) }

func (z *memoryZone) find(id zone.EntryID) int {
	return slices.IndexFunc(z.entries, func(e zone.Entry) bool { return e.ID == id })
}

func (z *memoryZone) PlayEntry(_ context.Context, id zone.EntryID) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	i := z.find(id)
	if i < 0 {
		return zone.ErrNoEntry
	}
	z.index, z.state = i, zone.Playing
	return nil
}

func (z *memoryZone) Next(context.Context) error {
	z.set(func() { z.nexts++; z.index = min(z.index+1, len(z.entries)-1) })
	return nil
}

func (z *memoryZone) Previous(context.Context) error {
	z.set(func() { z.index = max(z.index-1, 0) })
	return nil
}

func (z *memoryZone) Seek(_ context.Context, to time.Duration) error {
	z.set(func() { z.offset = to })
	return nil
}

func (z *memoryZone) JumpAfter(ctx context.Context) (zone.ContextRef, error) { return z.Jump(ctx) }

func (z *memoryZone) Jump(context.Context) (zone.ContextRef, error) {
	to := zone.ContextRef{Kind: "mood", ID: "calm", Name: "calm"}
	z.set(func() { z.context = to })
	return to, nil
}

func (z *memoryZone) Add(_ context.Context, r zone.AddRequest) ([]zone.EntryID, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if r.Revision != 0 && r.Revision != z.revision {
		return nil, zone.ErrConflict
	}
	if r.Clear {
		z.entries = nil
	}
	var ids []zone.EntryID
	for _, t := range r.Tracks {
		z.made++
		id := zone.EntryID(fmt.Sprintf("e%d", z.made))
		ids = append(ids, id)
		z.entries = append(z.entries, zone.Entry{ID: id, Track: t, By: zone.Picked})
	}
	z.revision++
	if r.At == zone.AtNow {
		z.state = zone.Playing
	}
	return ids, nil
}

func (z *memoryZone) Remove(_ context.Context, ids []zone.EntryID) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, id := range ids {
		i := z.find(id)
		if i < 0 {
			return zone.ErrNoEntry
		}
		z.entries = slices.Delete(z.entries, i, i+1)
	}
	z.revision++
	return nil
}

func (z *memoryZone) Move(_ context.Context, ids []zone.EntryID, _ zone.EntryID) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.find(ids[0]) < 0 {
		return zone.ErrNoEntry
	}
	z.revision++
	return nil
}

func (z *memoryZone) Clear(context.Context) error {
	z.set(func() { z.entries = nil; z.revision++ })
	return nil
}

func (z *memoryZone) SetRepeat(_ context.Context, r zone.Repeat) error {
	z.set(func() { z.repeat = r })
	return nil
}

func (z *memoryZone) SetShuffle(_ context.Context, on bool) error {
	z.set(func() { z.arrange(zone.Shuffled, on) })
	return nil
}

func (z *memoryZone) SetMix(_ context.Context, on bool) error {
	z.set(func() { z.arrange(zone.ByLiking, on) })
	return nil
}

func (z *memoryZone) arrange(as zone.Arrangement, on bool) {
	if on {
		z.arranged = as
	} else if z.arranged == as {
		z.arranged = zone.AsPicked
	}
}

func (z *memoryZone) SetClick(_ context.Context, on bool) error {
	z.set(func() { z.click = on })
	return nil
}

func (z *memoryZone) SetContext(_ context.Context, c zone.ContextRef) error {
	z.set(func() { z.context = c })
	return nil
}

func (z *memoryZone) State(ctx context.Context) (zone.State, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	s := zone.State{
		ID: z.id, Name: z.name, State: z.state, Offset: z.offset, Repeat: z.repeat, Arranged: z.arranged, Click: z.click, Crossfade: z.crossfade,
		Context: z.context, Revision: z.revision, Length: len(z.entries), Index: -1,
	}
	if z.index < len(z.entries) {
		e := z.entries[z.index]
		s.Index, s.Entry = z.index, &e
		if t, err := z.catalog.Track(ctx, e.Track); err == nil {
			s.Track = &zone.Track{ID: t.ID, Title: t.Title}
		}
	}
	return s, nil
}

func (z *memoryZone) Queue(_ context.Context, offset, limit int) (zone.QueuePage, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	from := min(offset, len(z.entries))
	to := min(from+limit, len(z.entries))
	return zone.QueuePage{Revision: z.revision, Index: z.index, Length: len(z.entries), Offset: from, Entries: slices.Clone(z.entries[from:to])}, nil
}

type memoryDevices struct {
	mu      sync.Mutex
	all     []Device
	refuses bool
}

func (m *memoryDevices) List(context.Context) ([]Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all), nil
}

func (m *memoryDevices) Get(_ context.Context, id string) (Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.all {
		if d.ID == id {
			return d, nil
		}
	}
	return Device{}, store.ErrNotFound
}

func (m *memoryDevices) Patch(_ context.Context, id string, p DevicePatch) (Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.all {
		d := &m.all[i]
		if d.ID != id {
			continue
		}
		if p.Volume != nil {
			d.Volume = p.Volume
		}
		if p.Cast != nil && p.Cast.Mode != nil {
			d.Cast = &CastView{Mode: *p.Cast.Mode, HiRes: *p.Cast.HiRes, Hold: *p.Cast.Hold, Certificate: "known"}
		}
		if p.Zone != nil {
			d.Zone = p.Zone
			if *p.Zone == "" {
				d.Zone = nil
			}
		}
		return *d, nil
	}
	return Device{}, store.ErrNotFound
}

func (m *memoryDevices) Pair(ctx context.Context, id string, r PairRequest) (Device, error) {
	return m.pairing(ctx, id, &PairingView{Stage: "code", Method: r.Method, Round: 1})
}

func (m *memoryDevices) EnterCode(ctx context.Context, id, code string) (Device, error) {
	if code != "123456" {
		return Device{}, Invalid(phrase.PairingDigits, 6)
	}
	return m.pairing(ctx, id, nil)
}

func (m *memoryDevices) CancelPairing(ctx context.Context, id string) (Device, error) {
	return m.pairing(ctx, id, nil)
}

func (m *memoryDevices) Unpair(ctx context.Context, id string) (Device, error) {
	return m.pairing(ctx, id, nil)
}

func (m *memoryDevices) Announce(ctx context.Context, r AnnounceRequest) (Announced, error) {
	d, err := m.Get(ctx, r.Device)
	return Announced{Devices: []string{d.ID}, LengthMs: int64(len(r.Clip))}, err
}

func (m *memoryDevices) pairing(ctx context.Context, id string, p *PairingView) (Device, error) {
	d, err := m.Get(ctx, id)
	d.Player = &PlayerView{Protected: true, Methods: []string{"digits", "token"}, Roles: []string{"player@v1"}, Pairing: p}
	return d, err
}

func (m *memoryDevices) PlayerSettings(context.Context) (PlayerSettings, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return PlayerSettings{Cleartext: !m.refuses}, nil
}

func (m *memoryDevices) SetPlayerSettings(_ context.Context, s PlayerSettings) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuses = !s.Cleartext
	return nil
}

func (m *memoryDevices) Add(_ context.Context, r DeviceRequest) (Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := Device{ID: r.Address, Kind: r.Kind, Name: r.Name, Address: r.Address, Playable: true, Ceiling: 100, Manual: true, State: "idle"}
	m.all = append(m.all, d)
	return d, nil
}

func (m *memoryDevices) Remove(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.all)
	if m.all = slices.DeleteFunc(m.all, func(d Device) bool { return d.ID == id }); len(m.all) == n {
		return store.ErrNotFound
	}
	return nil
}

type memoryTabs struct{ gone chan string }

func (m *memoryTabs) Listen(_ context.Context, session string, r ListenRequest) (Listening, error) {
	return Listening{Device: "tab-" + session, URL: "/media/x/zone/" + r.Zone + "/index.m3u8"}, nil
}

func (m *memoryTabs) Unlisten(_ context.Context, session string) error {
	m.gone <- session
	return nil
}

type memoryCovers struct{}

func (memoryCovers) Cover(_ context.Context, id string, _ int) ([]byte, string, error) {
	if id != "co-1" {
		return nil, "", library.ErrNoCover
	}
	return []byte("\xff\xd8\xff\xe0 a picture"), "image/jpeg", nil
}

type memoryCharts struct{ h *house }

// Mix puts the last first.
func (m memoryCharts) Mix(_ context.Context, _, tracks []string) ([]Ranked, error) {
	var out []Ranked
	for _, t := range slices.Backward(tracks) {
		out = append(out, Ranked{Track: t, Why: phrase.New(phrase.WhyFavourite)})
	}
	return out, nil
}

func (m memoryCharts) Chart(_ context.Context, _ []string, limit int) ([]Ranked, error) {
	var out []Ranked
	for _, t := range m.h.tracks[:min(limit, 3)] {
		out = append(out, Ranked{Track: t.ID, Why: phrase.New(phrase.WhyPlayed, 3)})
	}
	return out, nil
}

// memoryListeners are those of the store; who listens where is kept here.
type memoryListeners struct {
	*store.Store
	mu    sync.Mutex
	zones map[string]store.Audience
}

func (m *memoryListeners) List(ctx context.Context) ([]store.Listener, error) {
	return m.Listeners(ctx)
}

func (m *memoryListeners) Create(ctx context.Context, name string, child bool) (store.Listener, error) {
	return m.AddListener(ctx, name, child)
}

func (m *memoryListeners) Update(ctx context.Context, l store.Listener) error {
	return m.UpdateListener(ctx, l)
}

func (m *memoryListeners) Delete(ctx context.Context, id string) error {
	return m.DeleteListener(ctx, id)
}

func (m *memoryListeners) Audience(_ context.Context, zone string) (store.Audience, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.zones[zone]; ok {
		return a, nil
	}
	return store.Audience{Zone: zone, Learning: true}, nil
}

func (m *memoryListeners) SetAudience(_ context.Context, a store.Audience) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zones[a.Zone] = a
	return nil
}

func (m *memoryListeners) Taste(ctx context.Context, taste string) (Taste, error) {
	wishes, err := m.WishesOf(ctx, taste)
	since := time.UnixMicro(1e15).UTC()
	return Taste{
		Plays: 12, Since: &since, Likes: 1, Settling: 3,
		Leanings: []Leaning{{Kind: "artist", ID: "ar-ahn", Name: "Ahn", Liking: 0.5}},
		Wishes:   mapped(wishes, func(w store.Wish) Wish { return Wish{w.Kind, w.ID, w.Name, w.Wish} }),
	}, err
}

func (m *memoryListeners) Forget(ctx context.Context, taste string) error {
	return m.ForgetTaste(ctx, taste)
}

func (m *memoryListeners) Scrobbling(ctx context.Context, id string) (Scrobbling, error) {
	all, err := m.Scrobblings(ctx)
	if err != nil || len(all) == 0 {
		return Scrobbling{}, err
	}
	return Scrobbling{On: true, URL: all[0].URL, Problem: "p", ProblemPhrase: phrase.New(phrase.ScrobbleRefused)}, nil
}

func (m *memoryListeners) SetScrobbling(ctx context.Context, id, address, token string) error {
	if address == "nowhere" {
		return Invalid(phrase.ScrobbleURL)
	}
	return m.Store.SetScrobbling(ctx, store.Scrobbling{Listener: id, URL: address, Token: token})
}

func (m *memoryListeners) Export(_ context.Context, taste string, w io.Writer) error {
	_, err := fmt.Fprintf(w, `{"format":"test","name":%q,"plays":[],"ratings":[],"wishes":[]}`, taste)
	return err
}

type memoryScanner struct{}

func (memoryScanner) Rescan() {}

func (memoryScanner) Progress() library.Progress {
	return library.Progress{Running: true, Done: 3, Total: 6, Rate: 310.5, ETA: time.Second, Started: time.Now()}
}

func (memoryScanner) Report() []library.Problem {
	return []library.Problem{{Path: "/music/broken.flac", Reason: phrase.New(phrase.ScanEmpty)}}
}

type memoryMedia struct{ h *house }

func (memoryMedia) Handlers() map[string]http.Handler {
	return map[string]http.Handler{"track": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s|%s|%s", r.URL.Path, r.PathValue("id"), r.PathValue("file"))
	})}
}

func (m memoryMedia) TrackStream(_ context.Context, track string) (TrackStream, error) {
	return TrackStream{HLS: m.h.api.Signer().Path("track", track, "index.m3u8"), Packed: m.h.api.Signer().Path("track", track, "packed.m3u8"), Original: m.h.api.Signer().Path("track", track, "")}, nil
}

func (m memoryMedia) ZoneStream(_ context.Context, id string) (ZoneStream, error) {
	return ZoneStream{HLS: m.h.api.Signer().Path("zone", id, "index.m3u8"), Packed: m.h.api.Signer().Path("zone", id, "packed.m3u8"), WHEP: "/api/v1/zones/" + id + "/whep"}, nil
}

func (memoryMedia) WHEP() http.Handler { return memoryRTC() }
func (memoryMedia) WHIP() http.Handler { return memoryRTC() }

func memoryRTC() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			w.Header().Set("Content-Type", "application/sdp")
			w.Header().Set("Location", r.URL.Path+"/s1")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "v=0\r\n")
		case http.MethodPatch:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}
