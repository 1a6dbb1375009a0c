package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

// These tests look at a whole gateway from outside while things go wrong.

const faultToken = "jg_fault-tests-only"

// observed is a gateway that runs for a test.
type observed struct {
	t   *testing.T
	url string
	end func() // and wait; may be called twice
}

func observe(t *testing.T, data, music string) *observed {
	t.Helper()
	g, err := gateway.New(t.Context(), gateway.Config{
		Data: data, Listen: "127.0.0.1:0", Music: []string{music}, Name: "Faults", Player: "meter",
		Token: faultToken, Version: "test", Say: func(string, ...any) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	t.Cleanup(end)
	return &observed{t: t, url: g.URL() + "/api/v1", end: end}
}

// ask calls the API and returns the status; the answer is decoded into result,
// unless that is nil.
func (o *observed) ask(method, path string, body, result any) int {
	o.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			o.t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, bytes.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+faultToken)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if result != nil && answer.StatusCode < 300 {
		if err := json.Unmarshal(text, result); err != nil {
			o.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return answer.StatusCode
}

func (o *observed) must(method, path string, body, result any) {
	o.t.Helper()
	if code := o.ask(method, path, body, result); code >= 300 {
		o.t.Fatalf("%s %s: %d", method, path, code)
	}
}

type observedZone struct {
	ID, State, Problem string
	OffsetMs           int64
	Length             int
	Entry              *struct{ ID string }
}

func (o *observed) zone() observedZone {
	o.t.Helper()
	var list struct{ Items []observedZone }
	o.must("GET", "/zones", nil, &list)
	if len(list.Items) == 0 {
		return observedZone{}
	}
	return list.Items[0]
}

type observedDevice struct {
	ID, Kind, Name, Problem string
	Present                 bool
	Volume                  *int
}

func (o *observed) device(id string) observedDevice {
	o.t.Helper()
	var list struct{ Items []observedDevice }
	o.must("GET", "/devices", nil, &list)
	for _, d := range list.Items {
		if d.ID == id {
			return d
		}
	}
	return observedDevice{}
}

func (o *observed) until(what string, limit time.Duration, holds func() bool) {
	o.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			o.t.Fatalf("waited %v in vain for %s; the zone is %+v", limit, what, o.zone())
		}
	}
}

// play starts the first zone and waits for sound.
func (o *observed) play(tracks int) {
	o.t.Helper()
	o.until("the tracks", 30*time.Second, func() bool {
		var list struct{ Total int }
		o.must("GET", "/tracks?limit=1", nil, &list)
		return list.Total == tracks
	})
	o.must("POST", "/zones/"+o.zone().ID+"/play", nil, nil)
	o.goesOn()
}

// goesOn waits until the zone is seen to move.
func (o *observed) goesOn() {
	o.t.Helper()
	begin := o.zone()
	o.until("playing", 30*time.Second, func() bool {
		z := o.zone()
		return z.State == "playing" && z.Entry != nil &&
			(z.OffsetMs > begin.OffsetMs+500 || begin.Entry == nil || z.Entry.ID != begin.Entry.ID)
	})
}

// tones fills a folder with n tracks.
func tones(t *testing.T, n int, length time.Duration) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		gateway.WriteTone(t, filepath.Join(dir, fmt.Sprintf("Artist %d - Tone %d.wav", i, i)), 200+50*i, length)
	}
	return dir
}

func TestSecondGatewayOnTheSameData(t *testing.T) {
	data, music := t.TempDir(), tones(t, 1, time.Second)
	first := observe(t, data, music)
	cfg := gateway.Config{Data: data, Listen: "127.0.0.1:0", Music: []string{music}, Player: "off", Say: func(string, ...any) {}}
	_, err := gateway.New(t.Context(), cfg)
	if !errors.Is(err, gateway.ErrInUse) || !strings.Contains(err.Error(), "--data DIR") {
		t.Errorf("a second one: %v", err)
	}
	first.zone() // is not disturbed
	first.end()
	observe(t, data, music).zone()
}

// A device that takes connections and says nothing is named as such, and holds
// nobody up.
func TestDevicesThatSayNothing(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 4, 20*time.Second))
	o.play(4)
	z := o.zone()
	for _, kind := range []string{"cast", "player"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				var held []net.Conn
				for {
					conn, err := listener.Accept()
					if err != nil {
						break
					}
					held = append(held, conn)
				}
				for _, conn := range held {
					_ = conn.Close()
				}
			}()
			address := listener.Addr().String()
			var d observedDevice
			o := &observed{t: t, url: o.url}
			o.must("POST", "/devices", map[string]any{"kind": kind, "address": address}, &d)
			o.must("PATCH", "/devices/"+d.ID, map[string]any{"zone": z.ID}, nil)
			o.until("a word on it", 30*time.Second, func() bool {
				d := o.device(d.ID)
				return strings.HasPrefix(d.Problem, "It is not answering at "+address+": ") && strings.Contains(d.Problem, "says nothing") && !d.Present
			})
			o.goesOn()
			o.must("DELETE", "/devices/"+d.ID, nil, nil)
		})
	}
}

// Wrong addresses are refused with a sentence, and nothing is kept.
func TestDevicesThatCannotBeAdded(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, time.Second))
	o.must("POST", "/devices", map[string]any{"kind": "cast", "address": "127.0.0.1:9"}, nil)
	for body, want := range map[[2]string]int{
		{"cast", "127.0.0.1:9"}: http.StatusConflict, {"cast", "192.168.1"}: http.StatusUnprocessableEntity,
		{"player", "224.0.0.1"}: http.StatusUnprocessableEntity, {"cast", "127.0.0.1:70000"}: http.StatusUnprocessableEntity,
	} {
		if code := o.ask("POST", "/devices", map[string]any{"kind": body[0], "address": body[1]}, nil); code != want {
			t.Errorf("%v: %d, want %d", body, code, want)
		}
	}
	if code := o.ask("DELETE", "/devices/nobody", nil, nil); code != http.StatusNotFound {
		t.Errorf("removing nobody: %d", code)
	}
}

func TestMusicFolderThatVanishes(t *testing.T) {
	music := tones(t, 6, 2*time.Second)
	o := observe(t, t.TempDir(), music)
	o.play(6)
	away := music + "-away"
	if err := os.Rename(music, away); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(away) })
	o.until("a word on it", 60*time.Second, func() bool { return strings.Contains(o.zone().Problem, "cannot be reached") })
	if err := os.Rename(away, music); err != nil {
		t.Fatal(err)
	}
	// It plays again: by itself while it still tries, or when it is told to.
	o.until("that it plays again", 60*time.Second, func() bool {
		z := o.zone()
		if z.State == "stopped" {
			o.ask("POST", "/zones/"+z.ID+"/play", nil, nil)
		}
		return z.State == "playing" && z.OffsetMs > 300
	})
	o.goesOn()
	var list struct{ Total int }
	if o.must("GET", "/tracks?limit=1", nil, &list); list.Total != 6 {
		t.Errorf("%d tracks are left", list.Total)
	}
}

// On a full disk what was acknowledged stays, commands say so, the music goes
// on, and all is well when there is room again.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: a full disk needs root, to mount a small tmpfs")
	}
	data := t.TempDir()
	if err := unix.Mount("tmpfs", data, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("NOT TESTED: no tmpfs can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(data, unix.MNT_DETACH) })
	o := observe(t, data, tones(t, 6, 20*time.Second))
	o.play(6)
	o.must("POST", "/playlists", map[string]any{"name": "before"}, nil)

	filler := filepath.Join(data, "filler")
	fill(t, filler)
	var tracks struct{ Items []struct{ ID string } }
	o.must("GET", "/tracks?limit=6", nil, &tracks)
	kept, refused := 0, false
	for i := 0; i < 2000 && !refused; i++ {
		code := o.ask("POST", "/playlists", map[string]any{"name": fmt.Sprintf("%03d %s", i, strings.Repeat("x", 180))}, nil)
		switch {
		case code < 300:
			kept++
		case code == http.StatusInsufficientStorage:
			refused = true
		default:
			t.Fatalf("a full disk is answered with %d", code)
		}
	}
	if !refused {
		t.Fatal("the disk is not full")
	}
	o.goesOn()
	if code := o.ask("POST", "/zones/"+o.zone().ID+"/pause", nil, nil); code >= 300 {
		t.Logf("pause on a full disk: %d", code)
	}
	o.ask("POST", "/zones/"+o.zone().ID+"/play", nil, nil)
	o.goesOn()

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	o.until("that it writes again", 20*time.Second, func() bool {
		return o.ask("POST", "/playlists", map[string]any{"name": "after"}, nil) < 300
	})
	o.until("no problem", 40*time.Second, func() bool { return o.zone().Problem == "" })
	o.goesOn()
	var lists struct{ Items []struct{ Name string } }
	o.must("GET", "/playlists?limit=1000", nil, &lists)
	if len(lists.Items) != kept+2 {
		t.Errorf("%d playlists, %d were acknowledged", len(lists.Items), kept+2)
	}
}

// fill writes until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 16; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, unix.ENOSPC) {
				t.Fatal(err)
			}
			size /= 4
		}
	}
}
