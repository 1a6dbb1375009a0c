//go:build peers

package cast

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
)

// pychromecast is a sender that we did not write, on the same device.
type pychromecast struct {
	t     *testing.T
	stdin io.Writer
	out   *bufio.Scanner
}

// believed is what pychromecast takes the device for.
type believed struct {
	App      string   `json:"app"`
	Volume   float64  `json:"volume"`
	Muted    bool     `json:"muted"`
	State    string   `json:"state"`
	Content  string   `json:"content"`
	Title    string   `json:"title"`
	Time     float64  `json:"time"`
	Duration float64  `json:"duration"`
	Rate     float64  `json:"rate"`
	Idle     string   `json:"idle"`
	Members  []string `json:"members"`
}

func startPychromecast(t *testing.T, p *peer) *pychromecast {
	t.Helper()
	const python = "testdata/peer-py/.venv/bin/python"
	if _, err := os.Stat(python); err != nil {
		t.Fatal("pychromecast is missing: make test puts it into cast/testdata/peer-py/.venv")
	}
	cmd := exec.Command(python, "testdata/peer-py/drive.py", strconv.Itoa(int(p.addr.Port())))
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
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	return &pychromecast{t: t, stdin: stdin, out: bufio.NewScanner(stdout)}
}

func (y *pychromecast) do(command string) believed {
	y.t.Helper()
	if _, err := io.WriteString(y.stdin, command+"\n"); err != nil {
		y.t.Fatal(err)
	}
	if !y.out.Scan() {
		y.t.Fatalf("pychromecast ended at %q", command)
	}
	var b believed
	if err := json.Unmarshal(y.out.Bytes(), &b); err != nil {
		y.t.Fatalf("pychromecast said %q: %v", y.out.Text(), err)
	}
	return b
}

// The emulated device is one that pychromecast works with, command by command.
func TestPychromecastBelievesTheDevice(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	p.obey("member 11111111-2222-3333-4444-555555555555 Kitchen 0.5")
	y := startPychromecast(t, p)
	base := tracks(t)
	for _, step := range []struct {
		command string
		want    func(believed) bool
	}{
		{"look", func(b believed) bool { return b.App == "" && b.Volume == 0.5 }},
		{"load " + base + "/a Ay", func(b believed) bool {
			return b.App == DefaultMediaReceiver && b.State == "PLAYING" && b.Content == base+"/a" && b.Title == "Ay"
		}},
		{"pause", func(b believed) bool { return b.State == "PAUSED" }},
		{"seek 30", func(b believed) bool { return b.State == "PLAYING" && b.Time >= 30 && b.Time < 40 }},
		{"rate 1.5", func(b believed) bool { return b.Rate == 1.5 }},
		{"enqueue " + base + "/b Bee", func(b believed) bool { return b.Content == base+"/a" }},
		{"next", func(b believed) bool { return b.Content == base+"/b" && b.Title == "Bee" && b.State == "PLAYING" }},
		{"previous", func(b believed) bool { return b.Content == base+"/a" }},
		{"mute 1", func(b believed) bool { return b.Muted }},
		{"mute 0", func(b believed) bool { return !b.Muted }},
		{"volume 0", func(b believed) bool { return b.Volume == 0 }},
		{"members", func(b believed) bool {
			return slices.Equal(b.Members, []string{"11111111-2222-3333-4444-555555555555"})
		}},
		{"stop", func(b believed) bool { return b.State == "IDLE" || b.Idle == "CANCELLED" }},
		{"quit", func(b believed) bool { return b.App == "" }},
	} {
		if b := y.do(step.command); !step.want(b) {
			t.Errorf("after %q pychromecast believes %+v", step.command, b)
		}
	}
}

// What we play pychromecast sees as it is; what it plays on top we see as
// somebody else's, and leave alone.
func TestPychromecastBesideUs(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "a", "b"))
	y := startPychromecast(t, p)
	if b := y.do("look"); b.Content != base+"/a" || b.Title != "Title a" || b.State != "PLAYING" || b.Duration != 60 {
		t.Errorf("pychromecast believes %+v", b)
	}
	// Somebody else's remote on our music: we follow, it stays ours.
	y.do("pause")
	awaitStatus(t, s, "a pause", func(st Status) bool { return st.State == Paused && st.Item == "a" && !st.Foreign })
	y.do("volume 0.3")
	awaitStatus(t, s, "the volume", func(st Status) bool { return st.Volume == 0.3 })
	y.do("next")
	awaitStatus(t, s, "item b", func(st Status) bool { return st.Item == "b" && !st.Foreign })
	y.do("enqueue " + base + "/theirs Theirs")
	awaitStatus(t, s, "an edit", func(st Status) bool { return st.Edits > 0 && st.Item == "b" })
	// Somebody else's music in our application: it is theirs.
	p.seen()
	y.do("load " + base + "/other Other")
	awaitStatus(t, s, "a takeover", func(st Status) bool { return st.Foreign && st.Item == "" })
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if b := y.do("look"); b.State != "PLAYING" || b.Content != base+"/other" {
		t.Errorf("pychromecast believes %+v", b)
	}
	// And back, when we are told to.
	load(t, s, items(base, "c"))
	if b := y.do("look"); b.Content != base+"/c" {
		t.Errorf("pychromecast believes %+v", b)
	}
}
