//go:build e2e

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

// castDeviceState is a Chromecast as the API has it.
type castDeviceState struct {
	deviceState
	Cast struct {
		Mode, Certificate string
		Members           []struct {
			ID, Name string
			Volume   int
		}
	}
}

func (r *running) castDevice(id string) castDeviceState {
	r.t.Helper()
	var d castDeviceState
	r.call("GET", "/devices/"+id, nil, &d)
	return d
}

func (k kitchen) plays(t *testing.T, what string) zoneState {
	t.Helper()
	var z zoneState
	eventually(t, what, 20*time.Second, func() bool {
		z = k.zoneNamed(k.zone)
		return z.State == "playing" && z.OffsetMs > 300
	})
	return z
}

// What another sender takes out of the queue is out of the zone's; the device is
// asked for the next track early, every time; after a long pause it goes on.
func TestChromecastKeepsTheQueue(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	k.cast.order("preload")
	k.move(k.id, k.zone)
	k.post("play", nil)
	k.fetches("an original", originalURL)
	before := k.plays(t, "that it plays")

	k.cast.order("foreign-remove")
	eventually(t, "that it is out of the zone's queue too", 10*time.Second, func() bool {
		z := k.zoneNamed(k.zone)
		return z.Length == before.Length-1 && z.State == "playing" && z.Entry.ID == before.Entry.ID
	})

	least := 1000.0
	for range 8 {
		now := k.plays(t, "that it plays on")
		k.cast.order("at-end 16")
		line := k.cast.await("a fetch ahead", 15*time.Second, func(l castLine) bool { return l.Due != nil })
		least = min(least, *line.Due)
		k.cast.order("finish")
		eventually(t, "the next track", 10*time.Second, func() bool {
			z := k.zoneNamed(k.zone)
			return z.Entry.ID != now.Entry.ID && z.State == "playing"
		})
	}
	t.Logf("the next track was asked for at least %.1f s before it was due", least)
	if least < 10 {
		t.Errorf("a track was asked for %.1f s before it was due, want 10", least)
	}

	// A device that is paused for long closes the application.
	k.post("seek", map[string]any{"offsetMs": 7000})
	k.cast.awaitGot("SEEK")
	k.post("pause", nil)
	k.cast.awaitGot("PAUSE")
	paused := k.zoneNamed(k.zone)
	k.cast.order("close-app")
	k.cast.await("that it is closed", 5*time.Second, func(l castLine) bool { return l.Did == "close-app" })
	if z := k.zoneNamed(k.zone); z.State != "paused" || z.Entry.ID != paused.Entry.ID {
		t.Errorf("when the application is closed the zone is %+v", z)
	}
	// Pressed at once, perhaps before the gateway has heard of it.
	k.post("play", nil)
	k.cast.awaitGot("LAUNCH")
	if at := k.cast.awaitGot("QUEUE_LOAD").CurrentTime; at < 6.5 || at > 9 {
		t.Errorf("it goes on at %v s, it was paused at %d ms", at, paused.OffsetMs)
	}
	if z := k.plays(t, "that it plays again"); z.Entry.ID != paused.Entry.ID {
		t.Errorf("it plays %+v, it was paused in %+v", z, paused)
	}

	// JUMP that waits is no load and no cut.
	at := k.zoneNamed(k.zone)
	k.cast.order("mark")
	k.post("jump", map[string]any{"after": true})
	eventually(t, "the new flow", 10*time.Second, func() bool { return k.zoneNamed(k.zone).Context != at.Context })
	<-time.After(time.Second)
	if z := k.zoneNamed(k.zone); z.Entry.ID != at.Entry.ID || z.State != "playing" {
		t.Errorf("JUMP cut: %+v", z)
	}
	if n := k.cast.got("QUEUE_LOAD"); n > 0 {
		t.Errorf("JUMP that waits loads %d times", n)
	}
}

// A certificate that changes is told, and does what its owner says.
func TestChromecastCertificate(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	eventually(t, "the Chromecast answers", 10*time.Second, func() bool { return k.device(k.id).Present })
	if c := k.castDevice(k.id).Cast.Certificate; c != "known" {
		t.Errorf("at first its certificate is %q", c)
	}
	port := k.cast.port
	k.cast.End()
	cert, key := emulated.Certificate(t)
	k.cast = startChromecast(t, cert, key, port)
	eventually(t, "that the change is told", 30*time.Second, func() bool {
		d := k.castDevice(k.id)
		return d.Cast.Certificate == "changed" && d.Present && d.Problem == ""
	})
	say := func(verdict string) {
		k.call("PATCH", "/devices/"+k.id, map[string]any{"cast": map[string]any{"certificate": verdict}}, nil)
	}
	say("refuse")
	eventually(t, "that it is not connected", 15*time.Second, func() bool {
		d := k.castDevice(k.id)
		return d.Cast.Certificate == "refused" && !d.Present && strings.Contains(d.Problem, "certificate")
	})
	say("accept")
	eventually(t, "that it is connected", 15*time.Second, func() bool {
		d := k.castDevice(k.id)
		return d.Cast.Certificate == "known" && d.Present && d.Problem == ""
	})
}

// Two Chromecasts play the same track, and one of them cannot fetch: only that
// one is said to be behind a firewall.
func TestTwoChromecastsOfTheSameTrack(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	cert, key := emulated.Certificate(t)
	deaf := startChromecast(t, cert, key, 0)
	deaf.order("no-fetch")
	var second deviceState
	k.call("POST", "/devices", map[string]any{"kind": "cast", "address": deaf.address(), "name": "Attic"}, &second)
	k.call("PATCH", "/devices/"+second.ID, map[string]any{"cast": map[string]any{"mode": "queue"}}, nil)
	var z zoneState
	k.call("POST", "/zones", map[string]any{"name": "Attic"}, &z)
	var queue struct {
		Items []struct{ Track struct{ ID string } }
	}
	k.call("GET", "/zones/"+k.zone+"/queue?limit=1", nil, &queue)
	k.call("POST", "/zones/"+z.ID+"/queue", map[string]any{"tracks": []string{queue.Items[0].Track.ID}, "at": "end"}, nil)
	k.move(k.id, k.zone)
	k.move(second.ID, z.ID)
	k.post("play", nil)
	k.call("POST", "/zones/"+z.ID+"/play", nil, nil)
	k.fetches("an original", originalURL)
	eventually(t, "a word on the one that does not fetch", 30*time.Second, func() bool {
		return strings.Contains(k.device(second.ID).Problem, "never fetched")
	})
	if d := k.device(k.id); d.Problem != "" {
		t.Errorf("the other is said to have a problem: %s", d.Problem)
	}
}

// A group shows its members with their volumes.
func TestCastGroup(t *testing.T) {
	t.Parallel()
	k := startKitchen(t)
	cert, key := emulated.Certificate(t)
	c := startChromecast(t, cert, key, 0)
	c.order("member aa-bb Shelf 0.2")
	c.order("member cc-dd Desk 0.4")
	var group deviceState
	k.call("POST", "/devices", map[string]any{"kind": "cast-group", "address": c.address(), "name": "Everywhere"}, &group)
	eventually(t, "the members", 15*time.Second, func() bool {
		members := k.castDevice(group.ID).Cast.Members
		return len(members) == 2 && members[0].Name == "Shelf" && members[0].ID == "aabb" && members[1].Volume == 40
	})
	c.order("member cc-dd Desk 0.3")
	eventually(t, "the member's volume", 10*time.Second, func() bool {
		members := k.castDevice(group.ID).Cast.Members
		return len(members) == 2 && members[1].Volume == 30
	})
	c.order("member-gone aa-bb")
	eventually(t, "that a member is gone", 10*time.Second, func() bool { return len(k.castDevice(group.ID).Cast.Members) == 1 })
	// Members that are not found by themselves follow the group's own level.
	k.call("PATCH", "/devices/"+group.ID, map[string]any{"volume": 12}, nil)
	if level := c.awaitGot("SET_VOLUME").Volume.Level; level == nil || *level != 0.12 {
		t.Errorf("the group is set to %v", level)
	}
}
