//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests run the real binary, bin/jumpgate, as a person would; `make
// test-e2e` builds it.

const binary = "../../bin/jumpgate"

// token is what the tests sign in with: see JUMPGATE_TOKEN.
const token = "jg_end-to-end-tests-only"

// running is a gateway in a process of its own.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	done chan struct{} // its output has ended

	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

// start runs the binary and waits until it says where it is.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	r := launch(t, args...)
	r.await("where it is", `is at (http://\S+)`, 15*time.Second, func(m []string) { r.url = m[1] })
	return r
}

func launch(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: exec.Command(binary, args...), done: make(chan struct{}), news: make(chan struct{}, 1)}
	r.cmd.Env = append(os.Environ(), "JUMPGATE_TOKEN="+token)
	out, in := io.Pipe()
	r.cmd.Stdout, r.cmd.Stderr = in, in
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("start %s (make build makes it): %v", binary, err)
	}
	go func() {
		defer close(r.done)
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			r.mu.Lock()
			r.lines = append(r.lines, scanner.Text())
			r.mu.Unlock()
			select {
			case r.news <- struct{}{}:
			default:
			}
		}
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.cmd.Wait()
		_ = in.Close()
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("the gateway did not end within 10 s of SIGTERM: what its goroutines do is below")
			_ = r.cmd.Process.Signal(syscall.SIGQUIT)
			<-ended
		}
		<-r.done
		if t.Failed() {
			t.Logf("the gateway said:\n%s", r.output())
		}
	})
	return r
}

func (r *running) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// await waits for a line that matches.
func (r *running) await(what, pattern string, limit time.Duration, use func([]string)) {
	r.t.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(limit)
	for {
		if m := expression.FindStringSubmatch(r.output()); m != nil {
			if use != nil {
				use(m)
			}
			return
		}
		select {
		case <-r.news:
		case <-r.done:
			if m := expression.FindStringSubmatch(r.output()); m != nil {
				if use != nil {
					use(m)
				}
				return
			}
			r.t.Fatalf("the gateway ended before it said %s:\n%s", what, r.output())
		case <-timeout:
			r.t.Fatalf("the gateway did not say %s within %v:\n%s", what, limit, r.output())
		}
	}
}

// end stops the gateway with a signal and waits for it.
func (r *running) end(signal os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(signal); err != nil {
		r.t.Fatal(err)
	}
	<-r.done
}

// call asks the API and decodes its answer into result, unless that is nil.
func (r *running) call(method, path string, body, result any) {
	r.t.Helper()
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		payload = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+"/api/v1"+path, payload)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if answer.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %s: %s", method, path, answer.Status, text)
	}
	if result != nil {
		if err := json.Unmarshal(text, result); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

type zoneState struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	OffsetMs int64  `json:"offsetMs"`
	Epoch    uint64 `json:"epoch"`
	Length   int    `json:"length"`
	Entry    *struct {
		ID string `json:"id"`
	} `json:"entry"`
	Track *struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"track"`
	Context struct{ Kind, ID, Name string } `json:"context"`
	Members []string                        `json:"members"`
	Leader  string                          `json:"leader"`
	Problem string                          `json:"problem"`
}

func (r *running) zone() zoneState {
	r.t.Helper()
	var zones struct{ Items []zoneState }
	r.call("GET", "/zones", nil, &zones)
	if len(zones.Items) == 0 {
		r.t.Fatal("there is no zone")
	}
	return zones.Items[0]
}

// patience is how long a busy machine may take with what has no time of its
// own to keep.
const patience = 30 * time.Second

// composing is how long the demo library may take, which steps back behind everything else.
const composing = 8 * time.Minute

// eventually polls a condition that other processes bring about.
func eventually(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(limit)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("waited %v in vain for %s", limit, what)
		}
	}
}

func demo(t *testing.T, data string) *running {
	t.Helper()
	return start(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--player", "meter", "--no-discovery")
}

func TestDemoPlaysAndGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	g := demo(t, data)
	g.await("its setup code", `Setup code: (\d{4}-\d{4})`, patience, nil)
	g.await("first sound", `first sound after`, 30*time.Second, nil)

	// JUMP takes the listener elsewhere, and music flows on.
	g.await("that the library is composed", `library is composed`, composing, nil)
	eventually(t, "the whole library", patience, func() bool {
		var tracks struct{ Total int }
		g.call("GET", "/tracks?limit=1", nil, &tracks)
		return tracks.Total >= 60
	})
	before := g.zone()
	// The flow began when there was one piece, and must not stay at it.
	g.heardNext(before.ID, 10)
	g.call("POST", "/zones/"+before.ID+"/jump", nil, nil)
	after := g.zone()
	if after.Epoch == before.Epoch || after.Track == nil || after.Track.ID == before.Track.ID || after.Context.Name == "" {
		t.Errorf("JUMP led from %+v to %+v", before, after)
	}
	if after.Length < 10 {
		t.Errorf("only %d entries in the queue after a JUMP", after.Length)
	}

	// After a restart it goes on at the same second, within two.
	eventually(t, "some seconds of playing", 10*time.Second, func() bool { return g.zone().OffsetMs > 2500 })
	before = g.zone()
	g.end(syscall.SIGTERM)
	begin := time.Now()
	g = demo(t, data)
	g.await("first sound", `first sound after`, 10*time.Second, nil)
	took := time.Since(begin)
	after = g.zone()
	if after.Track == nil || after.Track.ID != before.Track.ID || after.OffsetMs+1500 < before.OffsetMs {
		t.Errorf("it went on at %+v, left at %+v", after, before)
	}
	t.Logf("sound %v after the restart", took.Round(10*time.Millisecond))
	if took > 5*time.Second {
		t.Errorf("sound came %v after the restart", took)
	}
}

// heardNext checks that as many different pieces follow the present one.
func (r *running) heardNext(zone string, want int) {
	r.t.Helper()
	var queue struct {
		Index int
		Items []struct{ Track struct{ ID string } }
	}
	r.call("GET", "/zones/"+zone+"/queue?limit=500", nil, &queue)
	pieces := map[string]bool{}
	next := queue.Items[queue.Index+1:]
	for _, e := range next[:min(want, len(next))] {
		pieces[e.Track.ID] = true
	}
	if len(pieces) < want {
		r.t.Errorf("%d entries follow, with %d different pieces in the first %d", len(next), len(pieces), want)
	}
}

func TestKilledGatewayKeepsWhatItAcknowledged(t *testing.T) {
	data := t.TempDir()
	g := demo(t, data)
	g.await("first sound", `first sound after`, 30*time.Second, nil)
	eventually(t, "three tracks", 60*time.Second, func() bool {
		var tracks struct{ Total int }
		g.call("GET", "/tracks?limit=1", nil, &tracks)
		return tracks.Total >= 3
	})
	for round := range 5 {
		var tracks struct{ Items []struct{ ID string } }
		g.call("GET", "/tracks?limit=3", nil, &tracks)
		z := g.zone()
		var playlist struct{ ID string }
		g.call("POST", "/zones/"+z.ID+"/queue", map[string]any{"tracks": []string{tracks.Items[0].ID}, "at": "next"}, nil)
		g.call("PUT", "/tracks/"+tracks.Items[1].ID+"/rating", map[string]any{"value": 1 - 2*(round%2)}, nil)
		g.call("POST", "/playlists", map[string]any{"name": fmt.Sprint("round ", round), "tracks": []string{tracks.Items[2].ID}}, &playlist)
		var queue struct {
			Items []struct{ ID string }
		}
		g.call("GET", "/zones/"+z.ID+"/queue?limit=1000", nil, &queue)
		g.end(syscall.SIGKILL)

		g = demo(t, data)
		var again struct {
			Items []struct{ ID string }
		}
		g.call("GET", "/zones/"+z.ID+"/queue?limit=1000", nil, &again)
		have := map[string]bool{}
		for _, e := range again.Items {
			have[e.ID] = true
		}
		for _, e := range queue.Items {
			if !have[e.ID] {
				t.Errorf("round %d: entry %s is lost", round, e.ID)
			}
		}
		var rated struct{ Rating int }
		g.call("GET", "/tracks/"+tracks.Items[1].ID, nil, &rated)
		if rated.Rating != 1-2*(round%2) {
			t.Errorf("round %d: the rating is %d", round, rated.Rating)
		}
		g.call("GET", "/playlists/"+playlist.ID, nil, nil)
	}
}

func TestBadInput(t *testing.T) {
	data := t.TempDir()
	g := demo(t, data)
	port := g.url[strings.LastIndex(g.url, ":")+1:]
	music := t.TempDir()
	file := filepath.Join(music, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no music folder", []string{"serve", "--data", t.TempDir()}, "--music DIR"},
		{"a folder that is not there", []string{"serve", "--data", t.TempDir(), "--music", "/no/such/folder"}, "is not there"},
		{"a file for a folder", []string{"serve", "--data", t.TempDir(), "--music", file}, "is a file, not a folder"},
		{"a port in use", []string{"serve", "--data", t.TempDir(), "--music", music, "--listen", "127.0.0.1:" + port}, "port " + port + " is taken"},
		{"a second gateway on the same data", []string{"demo", "--data", data, "--listen", "127.0.0.1:0"}, "--data DIR"},
		{"an unknown player", []string{"demo", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--player", "loud"}, "auto, meter or"},
		{"a time before now", []string{"demo", "--data", t.TempDir(), "--look=-1s"}, "--look -1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := launch(t, c.args...)
			r.await("what is wrong", regexp.QuoteMeta(c.says), 15*time.Second, nil)
			<-r.done
			if r.cmd.ProcessState.ExitCode() == 0 {
				t.Error("it ended well")
			}
		})
	}
}

func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jumpgate.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(env string, args ...string) (string, error) {
		cmd := exec.Command(binary, append([]string{"config", "--config", file}, args...)...)
		cmd.Env = append(os.Environ(), env)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	write("name = 'From the file'\nlisten = ':1'\nplayer = 'off'\nmusic = ['/a', '/b']\n")
	out, err := run("JUMPGATE_LISTEN=:2", "--player", "meter")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{`name = "From the file"`, `listen = ":2"`, `player = "meter"`, `music = ["/a", "/b"]`, `discovery = true`} {
		if !strings.Contains(out, want) {
			t.Errorf("config lacks %s:\n%s", want, out)
		}
	}
	write("loudness = 'typo'\n")
	if out, err := run("X=1"); err == nil || !strings.Contains(out, `unknown key "loudness"`) {
		t.Errorf("a key that is unknown: %v %s", err, out)
	}
}

func TestOtherCommands(t *testing.T) {
	data := t.TempDir()
	g := demo(t, data)
	command := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(binary, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("jumpgate %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	command("backup", "--data", data, backup)
	if info, err := os.Stat(backup); err != nil || info.Size() == 0 {
		t.Errorf("the backup: %v", err)
	}
	secret := strings.TrimSpace(command("token", "create", "--data", data, "a script"))
	request, err := http.NewRequestWithContext(t.Context(), "GET", g.url+"/api/v1/zones", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the token is not taken: %v %v", answer, err)
	} else {
		answer.Body.Close()
	}
	eventually(t, "the built-in player in the list", 10*time.Second, func() bool {
		return strings.Contains(command("devices", "--data", data), "this machine")
	})
	// Without a gateway the other commands open the store themselves.
	g.end(syscall.SIGTERM)
	command("backup", "--data", data, filepath.Join(t.TempDir(), "again.db"))
	command("token", "create", "--data", data, "another")
}

// A player of its own plays what the gateway sends, into a file.
func TestPlayerHears(t *testing.T) {
	g := demo(t, t.TempDir())
	g.await("first sound", `first sound after`, 30*time.Second, nil)
	wav := filepath.Join(t.TempDir(), "heard.wav")
	p := launch(t, "player", strings.TrimPrefix(g.url, "http://"), "--data", t.TempDir(), "--name", "Kitchen", "--output", wav)
	var id string
	eventually(t, "the player", 10*time.Second, func() bool {
		var list struct{ Items []struct{ ID, Name string } }
		g.call("GET", "/devices", nil, &list)
		for _, d := range list.Items {
			if d.Name == "Kitchen" {
				id = d.ID
			}
		}
		return id != ""
	})
	g.call("PATCH", "/devices/"+id, map[string]any{"zone": g.zone().ID}, nil)
	p.await("that it sounds", `Sound at`, 15*time.Second, nil)
	eventually(t, "a second of sound in the file", 15*time.Second, func() bool {
		info, err := os.Stat(wav)
		return err == nil && info.Size() > 200_000
	})
}
