//go:build peers

package cast

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A cold play is CONNECT and LAUNCH together, then CONNECT and QUEUE_LOAD
// together: two round trips. A warm one is QUEUE_LOAD alone.
func TestPeerRoundTrips(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{Launch: true})
	load(t, s, items(tracks(t), "a", "b"))
	if got, want := p.seen(), []string{"CONNECT", "LAUNCH", "CONNECT", "QUEUE_LOAD"}; !slices.Equal(got, want) {
		t.Errorf("a cold play sent %v, want %v", got, want)
	}
	load(t, s, items(tracks(t), "c"))
	if got, want := p.seen(), []string{"QUEUE_LOAD"}; !slices.Equal(got, want) {
		t.Errorf("a warm play sent %v, want %v", got, want)
	}
}

// On a connection that is held a play is two round trips as well, and nobody is
// disturbed before it.
func TestPeerHeldConnection(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	if got, want := p.seen(), []string{"CONNECT", "GET_STATUS"}; !slices.Equal(got, want) {
		t.Errorf("a connection sent %v, want %v", got, want)
	}
	load(t, s, items(tracks(t), "a"))
	if got, want := p.seen(), []string{"LAUNCH", "CONNECT", "QUEUE_LOAD"}; !slices.Equal(got, want) {
		t.Errorf("a play sent %v, want %v", got, want)
	}
}

func TestPeerFetchesWithRange(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	if err := s.Load(t.Context(), items(tracks(t), "a"), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	fetched := p.await("the device's fetch", func(l peerLine) bool { return l.Fetched != "" })
	if fetched.Code != http.StatusPartialContent || fetched.Bytes != 1000 {
		t.Errorf("fetched %+v", fetched)
	}
	st := awaitStatus(t, s, "item a", func(st Status) bool { return st.Item == "a" && st.State == Playing })
	if st.Position < 5*time.Second || st.Foreign || st.Duration != time.Minute || st.Repeat != RepeatOff {
		t.Errorf("status %+v", st)
	}
}

// Every command of a player, and what the device says to it.
func TestPeerCommands(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	ctx := t.Context()
	load(t, s, items(tracks(t), "a", "b", "c"))
	for _, step := range []struct {
		name string
		do   func() error
		want func(Status) bool
	}{
		{"Pause", func() error { return s.Pause(ctx) }, func(st Status) bool { return st.State == Paused }},
		{"Seek", func() error { return s.Seek(ctx, 30*time.Second) }, func(st Status) bool { return st.State == Paused && st.Position == 30*time.Second }},
		{"SeekBy", func() error { return s.SeekBy(ctx, -10*time.Second, "") }, func(st Status) bool { return st.State == Paused && st.Position == 20*time.Second }},
		{"SeekAnd", func() error { return s.SeekAnd(ctx, 8*time.Second, ResumePlaying) }, func(st Status) bool { return st.State == Playing }},
		{"SetRate", func() error { return s.SetRate(ctx, 1.5) }, func(st Status) bool { return st.Rate == 1.5 }},
		{"SelectTracks", func() error { return s.SelectTracks(ctx) }, nil},
		{"SetVolume 0", func() error { return s.SetVolume(ctx, 0) }, func(st Status) bool { return st.Volume == 0 }},
		{"SetMuted", func() error { return s.SetMuted(ctx, true) }, func(st Status) bool { return st.Muted }},
		{"unmute", func() error { return s.SetMuted(ctx, false) }, func(st Status) bool { return !st.Muted }},
		{"SetRepeat", func() error { return s.SetRepeat(ctx, RepeatAll) }, func(st Status) bool { return st.Repeat == RepeatAll }},
		{"Skip", func() error { return s.Skip(ctx, 2) }, func(st Status) bool { return st.Item == "c" }},
		{"JumpTo", func() error { return s.JumpTo(ctx, "b", 7*time.Second) }, func(st Status) bool { return st.Item == "b" && st.Position >= 7*time.Second }},
		{"Refresh", func() error { return s.Refresh(ctx) }, nil},
		{"Stop", func() error { return s.Stop(ctx) }, func(st Status) bool { return st.State == Idle }},
		{"Stop again", func() error { return s.Stop(ctx) }, nil},
		{"Quit", func() error { return s.Quit(ctx) }, func(st Status) bool { return st.App == "" }},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		if step.want != nil {
			awaitStatus(t, s, step.name, step.want)
		}
	}
	if err := s.Pause(ctx); !errors.Is(err, ErrIdle) {
		t.Errorf("pause with nothing loaded: %v", err)
	}
}

func TestPeerReceiver(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	ctx := t.Context()
	available, err := s.Available(ctx, DefaultMediaReceiver, "12345678")
	if want := map[string]bool{DefaultMediaReceiver: true, "12345678": false}; err != nil || !reflect.DeepEqual(available, want) {
		t.Errorf("available %v, %v", available, err)
	}
	if err := s.Launch(ctx); err != nil {
		t.Fatal(err)
	}
	r, err := s.ReceiverStatus(ctx)
	if err != nil || len(r.Applications) != 1 || r.Applications[0].Name != "Default Media Receiver" || r.Volume != 0.4 || !r.ActiveInput {
		t.Errorf("receiver %+v, %v", r, err)
	}
}

// An application of one's own has its own namespaces.
func TestPeerOwnApplication(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	said := make(chan string, 4)
	s := startSender(t, p, Config{AppID: "0FF1CE00", Messages: func(ns string, payload []byte) { said <- ns + string(payload) }})
	if err := s.Launch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Message(t.Context(), "urn:x-cast:org.example", []byte(`{"type":"HELLO"}`)); err != nil {
		t.Fatal(err)
	}
	if got := <-said; !strings.HasPrefix(got, "urn:x-cast:org.example{") || !strings.Contains(got, "HELLO") {
		t.Errorf("the application said %s", got)
	}
	if err := s.Message(t.Context(), nsMedia, []byte(`{}`)); err == nil {
		t.Error("Cast's own namespace was taken")
	}
	if err := startSender(t, p, Config{AppID: "nonsense"}).Launch(t.Context()); err == nil || !strings.Contains(err.Error(), "does not have this application") {
		t.Errorf("an application that is not there: %v", err)
	}
}

// Everything that an item has goes over the wire and comes back.
func TestPeerItemFields(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	item := Item{
		ID: "a", URL: tracks(t) + "/a.m3u8", ContentType: "application/x-mpegURL", HLSSegments: SegmentsFMP4,
		Duration: 90 * time.Second, Start: 3 * time.Second, Preload: 20 * time.Second, Title: "T", Artist: "A", Album: "B", AlbumArtist: "C",
		Track: 4, Disc: 2, Released: "1999-12-31", ImageURL: "http://127.0.0.1/i.jpg",
		Tracks: []Track{{ID: 1, Type: "AUDIO", Language: "ko"}},
	}
	if err := s.LoadMedia(t.Context(), MediaLoad{Item: item, Paused: true, Position: 9 * time.Second, Rate: 1.25, Tracks: []int{1}}); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "a pause at 9 s", func(st Status) bool { return st.State == Paused && st.Position == 9*time.Second && st.Rate == 1.25 })
	// What LOAD made takes further items.
	item.ID = "b"
	if err := s.Insert(t.Context(), "", item); err != nil {
		t.Fatal(err)
	}
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 2 {
		t.Fatalf("queue %+v, %v", queue, err)
	}
	if got := queue[1].Item; !reflect.DeepEqual(got, item) {
		t.Errorf("got  %+v\nwant %+v", got, item)
	}
	for _, line := range p.heard() {
		if line.Got == "LOAD" {
			var m struct {
				Media struct{ HLSSegmentFormat string }
			}
			if err := json.Unmarshal(line.Message, &m); err != nil || m.Media.HLSSegmentFormat != "fmp4" {
				t.Errorf("LOAD says %s", line.Message)
			}
		}
	}
	item.HLSSegments = ""
	if err := s.Load(t.Context(), []Item{item}, 0); err == nil || !strings.Contains(err.Error(), "HLSSegments") {
		t.Errorf("HLS without its segments' format: %v", err)
	}
}

// A queue that no message holds is loaded in parts, in order.
func TestPeerLongQueue(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	load(t, s, items(tracks(t), ids...))
	if got := queued(t, s); !slices.Equal(got, ids) {
		t.Errorf("the device has %d items, the first of them %v", len(got), got[:min(5, len(got))])
	}
	huge := items(tracks(t), "x")
	huge[0].Title = strings.Repeat("x", maxBody)
	if err := s.Load(t.Context(), huge, 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an item that is too large: %v", err)
	}
	if st := s.Status(); !st.Connected || st.Item != "0" {
		t.Errorf("after it %+v", st)
	}
}

func TestPeerCertificateIsShown(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	seen := make(chan [sha256.Size]byte, 1)
	startSender(t, p, Config{Trust: func(fp [sha256.Size]byte) error { replace(seen, fp); return nil }})
	first := <-seen
	if first == ([sha256.Size]byte{}) {
		t.Error("no fingerprint")
	}
	startSender(t, p, Config{Trust: Pin(first)})
	// Another device at the address: refused, with both fingerprints, and taken
	// when the owner says so.
	other := startPeer(t)
	err := Once(t.Context(), Config{Trust: Pin(first)}, other.addr, nil)
	var changed *CertificateError
	if !errors.Is(err, ErrCertificate) || !errors.As(err, &changed) || changed.Pinned != first || changed.Shown == first {
		t.Fatalf("got %v", err)
	}
	startSender(t, other, Config{Trust: Pin(changed.Shown)})
}
