//go:build peers || bench

package gateway

import (
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

// fleet is a process of emulated devices.
type fleet struct {
	t       testing.TB
	devices *emulated.Process
	ready   chan struct{} // closed when all have said their ports

	mu      sync.Mutex
	ports   []int
	missing int
	heard   []fleetDevice
}

// fleetDevice is what a device has said of itself.
type fleetDevice struct {
	fetches int       // requests that were answered
	last    time.Time // when it last got bytes
	dues    []float64 // of what it fetched ahead: seconds before it was due
	failed  string
}

type fleetLine struct {
	Port     int      `json:"port"`
	Fetching string   `json:"fetching"`
	Fetched  string   `json:"fetched"`
	Code     int      `json:"code"`
	Due      *float64 `json:"due"`
	Error    string   `json:"error"`
	Cut      string   `json:"cut"` // a fetch that was given up, for which Error says why
}

// startFleet starts n devices; they end with the test.
func startFleet(t testing.TB, n int) *fleet {
	t.Helper()
	f := &fleet{t: t, ports: make([]int, n), heard: make([]fleetDevice, n), missing: n, ready: make(chan struct{})}
	cert, key := emulated.Certificate(t)
	f.devices = emulated.Start(t, f.hear, emulated.Fleet, cert, key, strconv.Itoa(n))
	select {
	case <-f.ready:
	case <-time.After(time.Minute):
		t.Fatal("the devices do not start")
	}
	return f
}

// hear takes a line that a device has said, behind the device's number.
func (f *fleet) hear(said []byte) {
	n, text, _ := strings.Cut(string(said), " ")
	at, err := strconv.Atoi(n)
	// Most lines are messages that it got, which do not matter here.
	if err != nil || at >= len(f.ports) || strings.HasPrefix(text, `{"got"`) {
		return
	}
	var line fleetLine
	if json.Unmarshal([]byte(text), &line) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.heard[at]
	if line.Port != 0 {
		f.ports[at] = line.Port
		if f.missing--; f.missing == 0 {
			close(f.ready)
		}
	}
	if line.Fetching != "" && line.Code < 300 {
		d.fetches++
		d.last = time.Now()
	}
	if line.Due != nil {
		d.dues = append(d.dues, *line.Due)
	}
	if line.Error != "" && line.Cut == "" {
		d.failed = line.Error
	}
}

func (f *fleet) order(n int, what string) { f.devices.Order("%d %s", n, what) }

func (f *fleet) device(n int) fleetDevice {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard[n]
}

// soakDevice is a device as the API shows it.
type soakDevice struct {
	ID, State, Problem string
	Zone               *string
}

// soak is a house full of Chromecasts with which things go wrong.
type soak struct {
	*running
	fleet  *fleet
	zones  []string
	ids    []string // of the devices
	home   []string // the zone that each belongs to
	random *mrand.Rand
	cured  []time.Time // when a device that was made deaf is rebooted; zero for well
}

// startSoak puts devices into zones, unevenly as people do: some zones have one,
// others several.
func startSoak(t testing.TB, devices, zones int) *soak {
	s := &soak{
		running: runGateway(t, t.TempDir(), musicFolder(t)), fleet: startFleet(t, devices),
		random: mrand.New(mrand.NewPCG(7, uint64(devices))), cured: make([]time.Time, devices),
	}
	s.until("the tracks", func() bool {
		var tracks struct{ Total int }
		s.do("GET", "/tracks?limit=1", nil, &tracks)
		return tracks.Total == 18
	})
	s.zones = []string{s.zone().id}
	for len(s.zones) < zones {
		var z struct{ ID string }
		s.do("POST", "/zones", map[string]any{"name": fmt.Sprint("Zone ", len(s.zones))}, &z)
		s.zones = append(s.zones, z.ID)
	}
	for i := range devices {
		var d soakDevice
		at := fmt.Sprintf("127.0.0.1:%d", s.fleet.ports[i])
		s.do("POST", "/devices", map[string]any{"kind": "cast", "address": at, "name": fmt.Sprint("Cast ", i)}, &d)
		z := s.zones[i%zones]
		if i >= zones { // the second half of the zones has all the rest
			z = s.zones[zones/2+i%(zones-zones/2)]
		}
		s.ids, s.home = append(s.ids, d.ID), append(s.home, z)
		s.do("PATCH", "/devices/"+d.ID, map[string]any{"zone": z}, nil)
	}
	for _, z := range s.zones {
		s.do("POST", "/zones/"+z+"/play", nil, nil)
	}
	return s
}

// soakFaults are what goes wrong, by how often.
var soakFaults = []string{
	"drop", "drop", "drop", "reboot", "close-app", "takeover", "slow-load 1500", "load-error 103", "launch-cancel 1",
	"item-errors 1", "oversize", "truncated", "garbage", "close-receiver", "ping-silence", "black-hole",
}

// disturb lets something happen to one of the devices.
func (s *soak) disturb() {
	n := s.random.IntN(len(s.ids))
	if !s.cured[n].IsZero() {
		return
	}
	fault := soakFaults[s.random.IntN(len(soakFaults))]
	s.fleet.order(n, fault)
	if fault == "ping-silence" || fault == "black-hole" {
		s.cured[n] = time.Now().Add(time.Duration(5+s.random.IntN(15)) * time.Second)
	}
}

// press is what people do who are listening: next, or JUMP.
func (s *soak) press() {
	s.call("POST", "/zones/"+s.zones[s.random.IntN(len(s.zones))]+[]string{"/next", "/next", "/jump"}[s.random.IntN(3)], nil, nil)
}

// tend is what people do when something is wrong: they switch a deaf device off
// and on, put one back that somebody had taken, and press play where it is quiet.
func (s *soak) tend() (well bool) {
	for n, at := range s.cured {
		if !at.IsZero() && time.Now().After(at) {
			s.fleet.order(n, "reboot")
			s.cured[n] = time.Time{}
		}
	}
	well = true
	for n, d := range s.devices() {
		if d.Zone == nil || *d.Zone != s.home[n] {
			s.call("PATCH", "/devices/"+d.ID, map[string]any{"zone": s.home[n]}, nil)
			well = false
		}
		well = well && d.State == "playing" && d.Problem == ""
	}
	var zones struct{ Items []struct{ ID, State string } }
	s.do("GET", "/zones", nil, &zones)
	for _, z := range zones.Items {
		if z.State != "playing" {
			s.call("POST", "/zones/"+z.ID+"/play", nil, nil)
			well = false
		}
	}
	return well
}

// devices are the Chromecasts, in the order of making.
func (s *soak) devices() []soakDevice {
	var list struct{ Items []soakDevice }
	s.do("GET", "/devices", nil, &list)
	byID := map[string]soakDevice{}
	for _, d := range list.Items {
		byID[d.ID] = d
	}
	out := make([]soakDevice, len(s.ids))
	for i, id := range s.ids {
		out[i] = byID[id]
	}
	return out
}

// run disturbs the house for a time, a device every so often, while people live in
// it.
func (s *soak) run(length, every time.Duration, sample func()) {
	end := time.After(length)
	disturb := time.NewTicker(every)
	defer disturb.Stop()
	tend := time.NewTicker(5 * time.Second)
	defer tend.Stop()
	samples := time.NewTicker(30 * time.Second)
	defer samples.Stop()
	for {
		select {
		case <-end:
			return
		case <-disturb.C:
			s.disturb()
		case <-tend.C:
			s.tend()
			s.press()
		case <-samples.C:
			sample()
		}
	}
}

// recovers checks that everything plays again, after nothing goes wrong any more.
func (s *soak) recovers(limit time.Duration) {
	s.t.Helper()
	for n := range s.cured {
		if !s.cured[n].IsZero() {
			s.cured[n] = time.Now()
		}
	}
	begin := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for !s.tend() {
		if time.Since(begin) > limit {
			for n, d := range s.devices() {
				if d.State != "playing" || d.Problem != "" {
					s.t.Errorf("device %d is stuck: %+v; the emulated one: %q", n, d, s.fleet.device(n).failed)
				}
			}
			return
		}
		<-tick.C
	}
	s.t.Logf("all play again %v after the last fault", time.Since(begin).Round(time.Second))
	// And they really get something to play: a track lasts 20 s.
	fetched := make([]int, len(s.ids))
	for n := range fetched {
		fetched[n] = s.fleet.device(n).fetches
	}
	begin = time.Now()
	for silent := s.silent(fetched); len(silent) > 0; silent = s.silent(fetched) {
		if time.Since(begin) > limit {
			all := s.devices()
			for _, n := range silent {
				s.t.Errorf("device %d says that it plays, and gets nothing since %v: %+v, %+v", n, time.Since(s.fleet.device(n).last), all[n], s.zoneOf(n))
			}
			return
		}
		<-tick.C
	}
	for n := range s.ids {
		if why := s.fleet.device(n).failed; why != "" {
			s.t.Errorf("the emulated device %d broke: %s", n, why)
		}
	}
}

// silent are the devices that have got nothing more than that.
func (s *soak) silent(fetched []int) []int {
	var out []int
	for n, before := range fetched {
		if s.fleet.device(n).fetches == before {
			out = append(out, n)
		}
	}
	return out
}

// zoneOf is the state of a device's zone.
func (s *soak) zoneOf(n int) map[string]any {
	var z map[string]any
	s.do("GET", "/zones/"+s.home[n], nil, &z)
	return z
}

// streaming counts the zones whose devices play the endless stream.
func (s *soak) streaming() int {
	var zones struct {
		Items []struct{ Leader, State string }
	}
	s.do("GET", "/zones", nil, &zones)
	n := 0
	for _, z := range zones.Items {
		if z.State == "playing" && z.Leader == "" {
			n++
		}
	}
	return n
}

// processor is how long this process has computed.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is this process's memory in MB.
func resident(t testing.TB) float64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return float64(pages*int64(os.Getpagesize())) / 1e6
}

// A short form of the soak: nothing is stuck.
func TestPeerChromecastsAndTheirFaults(t *testing.T) {
	s := startSoak(t, 10, 4)
	s.run(12*time.Second, 400*time.Millisecond, func() {})
	s.recovers(60 * time.Second)
}
