//go:build e2e

package main

import (
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

type deviceState struct {
	ID, Kind, Name, State, Problem string
	Present                        bool
	Zone                           *string
	Volume                         *int
	Ceiling                        int
}

func (r *running) device(id string) deviceState {
	r.t.Helper()
	var list struct{ Items []deviceState }
	r.call("GET", "/devices", nil, &list)
	for _, d := range list.Items {
		if d.ID == id {
			return d
		}
	}
	return deviceState{}
}

// own is the id of the built-in player.
func (r *running) own() string {
	r.t.Helper()
	var id string
	eventually(r.t, "the built-in player", 10*time.Second, func() bool {
		var list struct{ Items []deviceState }
		r.call("GET", "/devices", nil, &list)
		for _, d := range list.Items {
			if d.Kind == "player" {
				id = d.ID
			}
		}
		return id != ""
	})
	return id
}

func (r *running) zoneNamed(id string) zoneState {
	r.t.Helper()
	var zones struct{ Items []zoneState }
	r.call("GET", "/zones", nil, &zones)
	for _, z := range zones.Items {
		if z.ID == id {
			return z
		}
	}
	r.t.Fatalf("there is no zone %q", id)
	return zoneState{}
}

// kitchen is a gateway with a Chromecast in a zone of its own, with six tracks
// in its queue.
type kitchen struct {
	*running
	cast     *chromecast
	zone, id string
}

func startKitchen(t *testing.T) kitchen {
	t.Helper()
	g := demo(t, t.TempDir())
	cert, key := emulated.Certificate(t)
	k := kitchen{running: g, cast: startChromecast(t, cert, key, 0)}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(k.cast.port))
	var added deviceState
	g.call("POST", "/devices", map[string]any{"kind": "cast", "address": address, "name": "Kitchen"}, &added)
	k.id = added.ID
	k.way("queue")
	var z zoneState
	g.call("POST", "/zones", map[string]any{"name": "Kitchen"}, &z)
	k.zone = z.ID
	var tracks struct{ Items []struct{ ID string } }
	eventually(t, "six tracks", 60*time.Second, func() bool {
		g.call("GET", "/tracks?limit=6", nil, &tracks)
		return len(tracks.Items) == 6
	})
	var ids []string
	for _, track := range tracks.Items {
		ids = append(ids, track.ID)
	}
	g.call("POST", "/zones/"+z.ID+"/queue", map[string]any{"tracks": ids, "at": "end"}, nil)
	return k
}

func (k kitchen) move(device, zone string) {
	k.t.Helper()
	k.call("PATCH", "/devices/"+device, map[string]any{"zone": zone}, nil)
}

// way has the device play by its queue, by the stream, or by what fits.
func (k kitchen) way(mode string) {
	k.t.Helper()
	k.call("PATCH", "/devices/"+k.id, map[string]any{"cast": map[string]any{"mode": mode}}, nil)
}

func (k kitchen) post(command string, body any) {
	k.t.Helper()
	k.call("POST", "/zones/"+k.zone+"/"+command, body, nil)
}

// fetches waits until the device has begun to fetch a URL.
func (k kitchen) fetches(what string, url *regexp.Regexp) castLine {
	k.t.Helper()
	return k.cast.await("a fetch of "+what, 20*time.Second, func(l castLine) bool { return url.MatchString(l.Fetching) })
}

var (
	originalURL = regexp.MustCompile(`^http://127\.0\.0\.1:\d+/media/[\w-]+/original/[\w-]+\?to=[0-9a-f]+$`)
	streamURL   = regexp.MustCompile(`^http://127\.0\.0\.1:\d+/media/[\w-]+/cast/.+\.flac\?to=[0-9a-f]+$`)
)

func TestChromecast(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	eventually(t, "the Chromecast answers", 10*time.Second, func() bool { return k.device(k.id).Present })

	// It is quiet before anything plays, and plays originals from its own queue.
	k.move(k.id, k.zone)
	begin := time.Now()
	k.post("play", nil)
	if level := k.cast.awaitGot("SET_VOLUME").Volume.Level; level == nil || *level > 0.3 {
		t.Errorf("the first volume is %v", level)
	}
	k.cast.awaitGot("LAUNCH")
	load := k.cast.awaitGot("QUEUE_LOAD")
	if len(load.Items) < 2 || !originalURL.MatchString(load.Items[0].Media.ContentID) || load.Items[0].Media.ContentType != "audio/flac" {
		t.Errorf("loaded %+v", load.Items)
	}
	if l := k.fetches("an original", originalURL); l.Code != 206 {
		t.Errorf("fetched %+v", l)
	}
	t.Logf("fetched %v after play", time.Since(begin).Round(time.Millisecond))
	eventually(t, "position", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.State == "playing" && z.OffsetMs > 1000
	})
	if d := k.device(k.id); d.Volume == nil || *d.Volume != 30 || d.Problem != "" || d.State != "playing" {
		t.Errorf("the device is %+v", d)
	}

	t.Run("Transport", k.transport)
	t.Run("Ceiling", k.ceiling)
	t.Run("Ways", k.ways)
	t.Run("Together", k.together)
	t.Run("TakenOver", k.takenOver)
}

func (k kitchen) transport(t *testing.T) {
	k.post("pause", nil)
	k.cast.awaitGot("PAUSE")
	eventually(t, "pause", patience, func() bool { return k.zoneNamed(k.zone).State == "paused" })
	k.post("play", nil)
	k.cast.awaitGot("PLAY")
	k.post("seek", map[string]any{"offsetMs": 8000})
	if at := k.cast.awaitGot("SEEK").CurrentTime; at != 8 {
		t.Errorf("sought to %v s", at)
	}
	eventually(t, "the new place", patience, func() bool { return k.zoneNamed(k.zone).OffsetMs >= 8000 })
	before := k.zoneNamed(k.zone)
	k.post("next", nil)
	k.fetches("the next original", originalURL)
	eventually(t, "the next track", patience, func() bool {
		z := k.zoneNamed(k.zone)
		return z.Entry.ID != before.Entry.ID && z.State == "playing" && z.OffsetMs > 500
	})
	before = k.zoneNamed(k.zone)
	begin := time.Now()
	k.post("jump", nil)
	k.fetches("what JUMP led to", originalURL)
	t.Logf("fetched %v after JUMP", time.Since(begin).Round(time.Millisecond))
	if after := k.zoneNamed(k.zone); after.Epoch == before.Epoch || after.Context.Name == "" {
		t.Errorf("JUMP led from %+v to %+v", before, after)
	}
	// The device goes on by itself, and the zone follows.
	eventually(t, "what JUMP led to", patience, func() bool { return k.zoneNamed(k.zone).OffsetMs > 500 })
	before = k.zoneNamed(k.zone)
	k.cast.order("finish")
	eventually(t, "the track after", patience, func() bool { return k.zoneNamed(k.zone).Entry.ID != before.Entry.ID })
}

// ways has it play what has a gain by what fits: the demo's tracks have one.
func (k kitchen) ways(t *testing.T) {
	before := k.zoneNamed(k.zone)
	k.way("auto")
	k.fetches("the stream", streamURL)
	eventually(t, "that the timeline leads on", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.State == "playing" && z.Leader == "" && z.Entry.ID == before.Entry.ID && z.OffsetMs > before.OffsetMs
	})
	k.way("queue")
	k.fetches("an original again", originalURL)
	eventually(t, "that it leads on", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.State == "playing" && z.Leader == k.id && z.OffsetMs > before.OffsetMs
	})
}

func (k kitchen) ceiling(t *testing.T) {
	// A device that still reports the volume before is told its ceiling once
	// more, so the level that is wanted may be the second one to come.
	for _, step := range []struct {
		patch map[string]any
		level float64
	}{
		{map[string]any{"volume": 60}, 0.6},
		{map[string]any{"ceiling": 45}, 0.45},
		{map[string]any{"volume": 90}, 0.45},
		{map[string]any{"volume": 0}, 0},
	} {
		k.call("PATCH", "/devices/"+k.id, step.patch, nil)
		for {
			v := k.cast.awaitGot("SET_VOLUME").Volume.Level
			if v == nil {
				t.Fatalf("%v: no level", step.patch)
			}
			if *v == step.level {
				break
			}
			if *v > max(step.level, 0.45) {
				t.Errorf("%v makes it %v, want %v", step.patch, *v, step.level)
			}
		}
	}
	k.call("PATCH", "/devices/"+k.id, map[string]any{"volume": 20}, nil)
}

func (k kitchen) together(t *testing.T) {
	own, home := k.own(), k.running.zone().ID
	k.move(own, k.zone)
	load := k.cast.awaitGot("QUEUE_LOAD")
	if len(load.Items) != 1 || load.Items[0].Media.StreamType != "LIVE" || !streamURL.MatchString(load.Items[0].Media.ContentID) {
		t.Errorf("beside another it loads %+v", load.Items)
	}
	k.fetches("the stream", streamURL)
	// 300 kB of FLAC are seconds of music.
	k.cast.await("that the stream flows", 30*time.Second, func(l castLine) bool {
		return streamURL.MatchString(l.Fetching) && l.Bytes > 300_000
	})
	if z := k.zoneNamed(k.zone); z.State != "playing" || len(z.Members) != 2 {
		t.Errorf("the zone is %+v", z)
	}
	before := k.zoneNamed(k.zone)
	k.post("next", nil)
	k.cast.awaitGot("QUEUE_LOAD") // a new run: what was fetched is not played out
	k.fetches("the new run", streamURL)
	eventually(t, "the next track", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.Entry.ID != before.Entry.ID && z.OffsetMs > 1500
	})
	k.post("pause", nil)
	k.cast.awaitGot("PAUSE")
	k.post("play", nil)
	k.fetches("the stream after a pause", streamURL)

	before = k.zoneNamed(k.zone)
	k.move(own, home)
	if l := k.fetches("an original again", originalURL); l.Code != 206 {
		t.Errorf("fetched %+v", l)
	}
	if d := k.device(k.id); d.Problem != "" {
		t.Errorf("a problem: %s", d.Problem)
	}
	eventually(t, "that it leads on", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.State == "playing" && z.Entry.ID == before.Entry.ID && z.OffsetMs > before.OffsetMs
	})
}

func (k kitchen) takenOver(t *testing.T) {
	k.cast.order("takeover")
	eventually(t, "a word on it", patience, func() bool {
		d := k.device(k.id)
		return strings.Contains(d.Problem, "somebody else") && d.Zone == nil
	})
	z := k.zoneNamed(k.zone)
	if len(z.Members) != 0 || !strings.Contains(z.Problem, "Kitchen left the zone") {
		t.Errorf("the zone is %+v", z)
	}
	// Nobody fights: nothing is launched, loaded or stopped.
	k.cast.order("mark")
	<-time.After(2 * time.Second)
	for _, kind := range []string{"LAUNCH", "QUEUE_LOAD", "STOP"} {
		if n := k.cast.got(kind); n > 0 {
			t.Errorf("%d times %s to somebody else's playback", n, kind)
		}
	}
	k.move(k.id, k.zone)
	k.post("play", nil)
	k.cast.awaitGot("LAUNCH")
	k.fetches("an original", originalURL)
	eventually(t, "no problem", patience, func() bool { return k.device(k.id).Problem == "" })
}

func TestChromecastIsLostAndComesBack(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	k.move(k.id, k.zone)
	k.post("play", nil)
	k.fetches("an original", originalURL)
	// A blink is bridged: the device plays on, and is followed.
	before := k.zoneNamed(k.zone)
	k.cast.order("drop")
	eventually(t, "a word on it", patience, func() bool { return strings.Contains(k.device(k.id).Problem, "not answering") })
	eventually(t, "that it is back", 10*time.Second, func() bool { return k.device(k.id).Problem == "" })
	if after := k.zoneNamed(k.zone); after.Entry.ID != before.Entry.ID || after.State != "playing" || len(after.Members) != 1 {
		t.Errorf("after a blink the zone is %+v", after)
	}
	if n := k.cast.got("QUEUE_LOAD"); n != 0 {
		t.Errorf("a blink interrupts: %d loads", n)
	}

	cert, key := emulated.Certificate(t)
	port := k.cast.port
	k.cast.End()
	eventually(t, "that it is absent", 20*time.Second, func() bool {
		d := k.device(k.id)
		return !d.Present && d.Problem == "It is not answering at 127.0.0.1:"+strconv.Itoa(port)+": connection refused."
	})
	eventually(t, "that the zone lets go", 40*time.Second, func() bool { return len(k.zoneNamed(k.zone).Members) == 0 })
	k.cast = startChromecast(t, cert, key, port)
	eventually(t, "that it is back after it was off", 40*time.Second, func() bool {
		d := k.device(k.id)
		return d.Present && d.Problem == "" && len(k.zoneNamed(k.zone).Members) == 1
	})
	k.post("play", nil)
	k.fetches("an original", originalURL)
}

func TestChromecastThatNeverFetches(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	k.cast.order("no-fetch")
	k.move(k.id, k.zone)
	k.post("play", nil)
	eventually(t, "a word on it", 30*time.Second, func() bool {
		return strings.Contains(k.device(k.id).Problem, "took the music but never fetched it")
	})
	t.Log(k.device(k.id).Problem)
}
