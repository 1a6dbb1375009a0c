//go:build bench

package member_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

const (
	crowd       = 200
	crowdBuffer = 1_000_000
	crowdFor    = 30 * time.Second
)

// TestManyPlayers plays FLAC of 44.1 kHz and 16 bits to 200 players in a process
// of their own, and prints what that costs this one. One run has one of them stop
// reading, the last has our own clients, encrypted.
func TestManyPlayers(t *testing.T) {
	if addr := os.Getenv("JUMPGATE_CROWD"); addr != "" {
		beTheCrowd(t, addr)
		return
	}
	for _, kind := range []string{"cleartext", "one stalls", "encrypted"} {
		playToMany(t, kind)
	}
}

func playToMany(t *testing.T, kind string) {
	clock := audio.NewClock()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	identity, err := noise.NewIdentity(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server, err := sendspin.New(sendspin.Config{
		ID: "house", Now: func() int64 { return int64(clock.Now()) }, MaxPlayers: crowd,
		Identity: &identity, Access: func(string) sendspin.Access { return sendspin.Listens },
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	defer web.Close()
	go func() { _ = web.Serve(l) }()
	go func() { _ = server.Run(ctx) }()
	one, _ := flacFile(t, 60, 44100, 16)
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: album{"1": one}, Journal: zonetest.NewJournal()})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = z.Run(ctx) }()
	if _, err := z.Add(ctx, zone.AddRequest{Tracks: []string{"1"}}); err != nil {
		t.Fatal(err)
	}
	before := memory()

	child := exec.CommandContext(ctx, os.Args[0], "-test.run", "TestManyPlayers", "-test.v")
	child.Env = append(os.Environ(), "JUMPGATE_CROWD="+l.Addr().String(),
		"JUMPGATE_CROWD_ORIGIN="+strconv.FormatInt(time.Now().UnixMicro()-int64(clock.Now()), 10),
		"JUMPGATE_CROWD_KIND="+kind)
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var players []*sendspin.Player
	for len(players) < crowd {
		e := <-server.Events()
		if e.State.RequiredLead == 0 || slices.Contains(players, e.Player) {
			continue
		}
		p, err := member.NewPlayer(member.PlayerConfig{Player: e.Player, Clock: clock, Group: "z"})
		if err != nil {
			t.Fatal(err)
		}
		if err := z.Attach(ctx, zone.Member{ID: e.Player.ID(), Output: p, Shows: p}); err != nil {
			t.Fatal(err)
		}
		players = append(players, e.Player)
	}
	go func() {
		for range server.Events() {
		}
	}()
	if err := z.Play(ctx); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Second) // until the buffers are full
	spent := cpu()
	time.Sleep(crowdFor)
	spent = cpu() - spent
	after := memory()
	late := uint64(0)
	for _, p := range players {
		late += p.Stats().Late
	}
	t.Logf("%d players, %s | %.2f core-seconds a second | %.0f kB of memory a player, buffers' %d kB included | %d chunks late here",
		crowd, kind, spent.Seconds()/crowdFor.Seconds(), float64(after-before)/crowd/1000, crowdBuffer/1000, late)
	_ = child.Process.Signal(os.Interrupt)
	for lines := bufio.NewScanner(said); lines.Scan(); {
		t.Log(lines.Text())
	}
	_ = child.Wait()
}

// memory is what the heap holds, and the stacks.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// beTheCrowd is the players' process: they read, ask for the clock once a
// second, and note how long before its time each chunk came.
func beTheCrowd(t *testing.T, addr string) {
	origin, _ := strconv.ParseInt(os.Getenv("JUMPGATE_CROWD_ORIGIN"), 10, 64)
	kind := os.Getenv("JUMPGATE_CROWD_KIND")
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	var mu sync.Mutex
	var leads []float64
	came := func(at int64) {
		lead := at - (time.Now().UnixMicro() - origin)
		mu.Lock()
		defer mu.Unlock()
		leads = append(leads, float64(lead)/1000)
	}
	for i := range crowd {
		if kind == "encrypted" {
			joinEncrypted(t, addr, came)
			continue
		}
		conn, res, err := websocket.DefaultDialer.Dial("ws://"+addr+sendspin.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		for _, text := range []string{
			fmt.Sprintf(`{"type":"client/hello","payload":{"client_id":"c%d","name":"c","version":1,"supported_roles":["player@v1"],
				"player@v1_support":{"buffer_capacity":%d,"supported_commands":["volume"],
				"supported_formats":[{"codec":"flac","channels":2,"sample_rate":44100,"bit_depth":16}]}}}`, i, crowdBuffer),
			`{"type":"client/state","payload":{"state":"synchronized","player":{"volume":50,"muted":false,"required_lead_time_ms":100}}}`,
		} {
			if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			for n := 0; ; n++ {
				text, _ := json.Marshal(map[string]any{"type": "client/time", "payload": map[string]int64{"client_transmitted": int64(n)}})
				if conn.WriteMessage(websocket.TextMessage, text) != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		go func() {
			for n := 0; ; n++ {
				sort, data, err := conn.ReadMessage()
				if err != nil {
					return
				}
				if kind == "one stalls" && i == 0 && n > 50 {
					select {} // it reads no more
				}
				if sort == websocket.BinaryMessage && n > 60 {
					came(int64(binary.BigEndian.Uint64(data[1:])))
				}
			}
		}()
	}
	<-interrupted
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(leads)
	fmt.Printf("the others' chunks came before their time by: least %.0f ms, p1 %.0f ms, p50 %.0f ms, of %d\n",
		quantile(leads, 0), quantile(leads, 0.01), quantile(leads, 0.5), len(leads))
}

// joinEncrypted is one of our own clients, in the current dialect.
func joinEncrypted(t *testing.T, addr string, came func(at int64)) {
	t.Helper()
	identity, err := noise.NewIdentity(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{
		Identity: &identity, Unpaired: true, Volume: 50, RequiredLead: 100 * time.Millisecond, BufferCapacity: crowdBuffer,
		Formats: []wire.Format{{Codec: "flac", Channels: 2, Rate: 44100, Bits: 16}},
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.Run(t.Context(), "ws://"+addr+sendspin.Path) }()
	go func() {
		n := 0
		for range c.Wake() {
			for chunk, ok := c.Take(); ok; chunk, ok = c.Take() {
				if n++; n > 60 {
					came(chunk.At)
				}
			}
		}
	}()
}
