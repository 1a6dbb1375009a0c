package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	setupCode = "ABCD-2345"
	password  = "correct horse"
)

// house is a gateway as the API sees it: a real store, and zones and devices
// in memory.
type house struct {
	t       *testing.T
	api     *API
	store   *store.Store
	server  *httptest.Server
	zones   *memoryZones
	devices *memoryDevices
	tabs    *memoryTabs
	tracks  []store.Track
	session string       // the secret of somebody who is signed in
	token   string       // of a program
	later   atomic.Int64 // what the gateway's wall clock is ahead, in ns
	stop    func()
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, devices: &memoryDevices{}, tabs: &memoryTabs{gone: make(chan string, 8)}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	h.fill()
	h.zones = &memoryZones{catalog: s}
	if _, err := h.zones.Create(ctx, "Living room"); err != nil {
		t.Fatal(err)
	}
	h.api, err = New(Config{
		Name: "Den", Version: "test", HTTPS: true, SetupCode: setupCode,
		Key: []byte(strings.Repeat("k", 32)), Names: []string{"den.local"},
		Catalog: s, Accounts: s, Zones: h.zones, Devices: h.devices, Tabs: h.tabs,
		Covers: memoryCovers{}, Charts: memoryCharts{h}, Scanner: memoryScanner{}, Media: memoryMedia{h},
		Player: http.NotFoundHandler(), CA: http.NotFoundHandler(),
		Page: fstest.MapFS{
			"index.html":       {Data: []byte("<!doctype html><title>Jumpgate</title>")},
			"assets/app-1.js":  {Data: []byte("export {}")},
			"app.webmanifest":  {Data: []byte("{}")},
			"assets/app-1.css": {Data: []byte("a{}")},
		},
		Now:  func() time.Time { return time.Now().Add(time.Duration(h.later.Load())) },
		Wall: func(s zone.State) time.Time { return time.UnixMicro(int64(s.At)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	apiCtx, stopAPI := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := h.api.Run(apiCtx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	h.stop = sync.OnceFunc(func() { stopAPI(); serving.Wait() })
	h.server = httptest.NewServer(h.api.Handler())
	t.Cleanup(func() {
		h.stop()
		h.server.Client().CloseIdleConnections()
		http.DefaultClient.CloseIdleConnections()
		h.server.Close()
		cancel()
		running.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// fill puts a small library into the store.
func (h *house) fill() {
	h.t.Helper()
	var batch store.ScanBatch
	for i := range 6 {
		album := i / 3
		batch.Tracks = append(batch.Tracks, store.ScannedTrack{Track: store.Track{
			Path: filepath.Join("/music", fmt.Sprintf("%d.flac", i)), Root: "/music", Title: fmt.Sprintf("Song %d", i),
			Artist: "Ahn", ArtistID: "ar-ahn", Album: fmt.Sprintf("Album %d", album), AlbumID: fmt.Sprintf("al-%d", album),
			AlbumArtist: "Ahn", Disc: 1, Number: i%3 + 1, Year: 2001, Duration: 3 * time.Minute, Codec: "flac",
			Genre: "Ballad", Cover: "co-1", Rate: 44100, Channels: 2, Bits: 16,
		}, AlbumArtistID: "ar-ahn", Print: []byte{byte(i)}})
	}
	if err := h.store.SaveScan(h.t.Context(), batch); err != nil {
		h.t.Fatal(err)
	}
	tracks, _, err := h.store.Tracks(h.t.Context(), store.TrackFilter{}, store.Page{})
	if err != nil || len(tracks) != 6 {
		h.t.Fatalf("%d tracks, %v", len(tracks), err)
	}
	h.tracks = tracks
}

// claimed makes an account, a session and a token without the API.
func (h *house) claimed() *house {
	h.t.Helper()
	ctx := h.t.Context()
	hash, err := h.api.hasher.hash(ctx, password)
	if err != nil {
		h.t.Fatal(err)
	}
	h.session, h.token = "session-of-min", "jg_token-of-a-script"
	if err := h.store.Claim(ctx, "Min", hash); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddSession(ctx, h.session, "Min", time.Now().Add(sessionLength)); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.AddToken(ctx, h.token, "script", ""); err != nil {
		h.t.Fatal(err)
	}
	return h
}

// ask sends a request as a program with the token, and returns the answer with
// its body read.
func (h *house) ask(method, path, body string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequest(method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return h.send(req)
}

func (h *house) send(req *http.Request) (*http.Response, string) {
	h.t.Helper()
	res, err := h.server.Client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res, string(text)
}

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

	mu       sync.Mutex
	name     string
	state    zone.Transport
	entries  []zone.Entry
	index    int
	offset   time.Duration
	repeat   zone.Repeat
	shuffle  bool
	context  zone.ContextRef
	revision uint64
	made     int
	nexts    int // how often Next was called
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
	z.set(func() { z.shuffle = on })
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
		ID: z.id, Name: z.name, State: z.state, Offset: z.offset, Repeat: z.repeat, Shuffle: z.shuffle,
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
	mu  sync.Mutex
	all []Device
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

func (m memoryCharts) Chart(_ context.Context, limit int) ([]Ranked, error) {
	var out []Ranked
	for _, t := range m.h.tracks[:min(limit, 3)] {
		out = append(out, Ranked{Track: t.ID, Why: "You keep coming back to it."})
	}
	return out, nil
}

type memoryScanner struct{}

func (memoryScanner) Rescan() {}

func (memoryScanner) Progress() library.Progress {
	return library.Progress{Running: true, Done: 3, Total: 6, Rate: 310.5, ETA: time.Second, Started: time.Now()}
}

func (memoryScanner) Report() []library.Problem {
	return []library.Problem{{Path: "/music/broken.flac", Reason: "It is empty."}}
}

type memoryMedia struct{ h *house }

func (memoryMedia) Handlers() map[string]http.Handler {
	return map[string]http.Handler{"track": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s|%s|%s", r.URL.Path, r.PathValue("id"), r.PathValue("file"))
	})}
}

func (m memoryMedia) TrackStream(_ context.Context, track string) (TrackStream, error) {
	return TrackStream{HLS: m.h.api.Signer().Path("track", track, "index.m3u8"), Original: m.h.api.Signer().Path("track", track, "")}, nil
}

func (m memoryMedia) ZoneStream(_ context.Context, id string) (ZoneStream, error) {
	return ZoneStream{HLS: m.h.api.Signer().Path("zone", id, "index.m3u8"), WHEP: "/api/v1/zones/" + id + "/whep"}, nil
}

func (memoryMedia) WHEP() http.Handler {
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
