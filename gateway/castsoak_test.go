//go:build peers || bench

package gateway

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The Chromecasts of these tests are the emulated devices of cast/testdata/peer.
const castPeer = "../cast/testdata/peer"

// fleet is a process of emulated devices.
type fleet struct {
	t     testing.TB
	mu    sync.Mutex
	stdin io.Writer
	ports []int
	heard []fleetDevice
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
	if _, err := os.Stat(filepath.Join(castPeer, "node_modules/castv2")); err != nil {
		t.Fatalf("npm's castv2 is missing: run `npm ci` in %s, as make test does", castPeer)
	}
	cert, key := selfSigned(t)
	cmd := exec.Command("node", filepath.Join(castPeer, "fleet.js"), cert, key, strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the devices (node is needed): %v", err)
	}
	f := &fleet{t: t, stdin: stdin, ports: make([]int, n), heard: make([]fleetDevice, n)}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		f.listen(stdout, ready)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-ended
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Fatal("the devices do not start")
	}
	return f
}

func (f *fleet) listen(r io.Reader, ready chan struct{}) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	missing := len(f.ports)
	for lines.Scan() {
		n, text, _ := strings.Cut(lines.Text(), " ")
		at, err := strconv.Atoi(n)
		// Most lines are messages that it got, which do not matter here.
		if err != nil || at >= len(f.ports) || strings.HasPrefix(text, `{"got"`) {
			continue
		}
		var line fleetLine
		if json.Unmarshal([]byte(text), &line) != nil {
			continue
		}
		f.mu.Lock()
		d := &f.heard[at]
		if line.Port != 0 {
			f.ports[at] = line.Port
			if missing--; missing == 0 {
				close(ready)
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
		f.mu.Unlock()
	}
}

func (f *fleet) order(n int, what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := fmt.Fprintf(f.stdin, "%d %s\n", n, what); err != nil {
		f.t.Error(err)
	}
}

func (f *fleet) device(n int) fleetDevice {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard[n]
}

func selfSigned(t testing.TB) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
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
