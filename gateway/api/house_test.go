package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

var realCost cost

func TestMain(m *testing.M) {
	// Every gateway hashes a password when it is made. TestPasswords takes the
	// real cost.
	realCost, passwordCost = passwordCost, cost{memory: 64, time: 1, threads: 1}
	goleak.VerifyTestMain(m)
}

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
		Covers: memoryCovers{}, Charts: memoryCharts{h}, Listeners: &memoryListeners{Store: s, zones: map[string]store.Audience{}}, Scanner: memoryScanner{}, Media: memoryMedia{h},
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
