package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/mdns"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/web"
)

// DiagnoseConfig says what to look at.
type DiagnoseConfig struct {
	Data string        // the folder of the gateway that is asked, if it runs
	Wait time.Duration // how long to listen to the network
}

// Diagnose writes what is seen of the network, what this machine has and what
// a running gateway complains of, each with what to do about it.
func Diagnose(ctx context.Context, w io.Writer, cfg DiagnoseConfig) error {
	// The gateway is asked first: it is not to see our looking around.
	running, err := askGateway(ctx, cfg.Data)
	if err != nil {
		return err
	}
	report, err := mdns.Diagnose(ctx, mdns.DiagnoseConfig{Browse: devices.Services(), Wait: cfg.Wait})
	if err != nil {
		return err
	}
	if err := report.WriteText(w); err != nil {
		return err
	}
	if err := writeFindings(w, "This machine", inspectMachine(ctx).findings()); err != nil {
		return err
	}
	return writeFindings(w, "The gateway on "+cfg.Data, running.findings())
}

func writeFindings(w io.Writer, heading string, findings []mdns.Finding) error {
	var b strings.Builder
	b.WriteString("\n" + heading + "\n")
	for _, f := range findings {
		fmt.Fprintf(&b, "  %-8s %s\n", f.Verdict, f.Text)
		if f.Do != "" {
			fmt.Fprintf(&b, "  %8s -> %s\n", "", f.Do)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// machine is what Jumpgate makes use of where it is there.
type machine struct {
	ffmpeg error // why there is none, nil if there is
	card   error
	sound  string // the program that reaches the sound card
	opus   bool
	page   bool
}

func inspectMachine(ctx context.Context) machine {
	var m machine
	_, m.ffmpeg = audio.NewFFmpeg("")
	m.opus = audio.EncoderAvailable(audio.Opus)
	_, m.page = web.Bundle()
	var card player.Output
	if card, m.card = player.NewCard(ctx, "", nil); m.card == nil {
		m.sound = card.Name()
	}
	return m
}

func (m machine) findings() []mdns.Finding {
	var out []mdns.Finding
	add := func(good bool, bad mdns.Verdict, yes, no, do string) {
		if good {
			out = append(out, mdns.Finding{Verdict: mdns.Fine, Text: yes})
			return
		}
		out = append(out, mdns.Finding{Verdict: bad, Text: no, Do: do})
	}
	add(m.ffmpeg == nil, mdns.Note, "ffmpeg is there: AAC, ALAC and Vorbis files play",
		"there is no ffmpeg: AAC, ALAC and Vorbis files are listed, and do not play",
		"install it, on Debian with `apt install ffmpeg`")
	add(m.card == nil, mdns.Note, fmt.Sprintf("a sound card is there: the built-in player plays through %s", m.sound),
		"the built-in player has a level meter only: "+strings.TrimPrefix(fmt.Sprint(m.card), "player: "),
		"if this machine has speakers, install pipewire-bin or alsa-utils and look whether its user may use the sound card")
	add(m.opus, mdns.Note, "the Opus encoder is built in", "there is no Opus encoder in this build: browsers listen by HLS only",
		"build with `make`, which puts it in place, for a 64-bit system")
	add(m.page, mdns.Problem, "the page is built in", "there is no page in this build: only the API answers",
		"build with `make`, which needs Node.js")
	return out
}

// selfReport is what a running gateway says of itself, over its control socket.
type selfReport struct {
	URL       string
	Discovery bool
	Devices   []api.Device

	// What the one who asked has found.
	absent   bool  // no gateway runs
	portDead error // its port does not answer
}

// report answers askGateway.
func (g *Gateway) report(ctx context.Context) (selfReport, error) {
	list, err := g.house.List(ctx)
	return selfReport{URL: g.URL(), Discovery: g.cfg.Discovery, Devices: list}, err
}

// askGateway asks the gateway that runs on a data folder, and whether its port
// answers.
func askGateway(ctx context.Context, data string) (selfReport, error) {
	var r selfReport
	text, err := fetch(ctx, ControlClient(data), "http://gateway/report")
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
		return selfReport{absent: true}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("ask the gateway on %s: %w", data, err)
	}
	_, r.portDead = fetch(ctx, &http.Client{Timeout: 3 * time.Second}, r.URL+"/healthz")
	return r, nil
}

func fetch(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answers %s", answer.Status)
	}
	return text, err
}

func (r selfReport) findings() []mdns.Finding {
	if r.absent {
		return []mdns.Finding{{Verdict: mdns.Note, Text: "does not run", Do: "start it, or name its folder with --data DIR"}}
	}
	out := []mdns.Finding{{Verdict: mdns.Fine, Text: "answers at " + r.URL}}
	if r.portDead != nil {
		out[0] = mdns.Finding{
			Verdict: mdns.Problem, Text: fmt.Sprintf("runs, but does not answer at %s: %v", r.URL, r.portDead),
			Do: "look for a firewall on this machine, and at the gateway's log",
		}
	}
	if !r.Discovery {
		out = append(out, mdns.Finding{
			Verdict: mdns.Note, Text: "does not look for devices", Do: "leave --no-discovery out, or add devices by address",
		})
	}
	here := 0
	for _, d := range r.Devices {
		if d.Present {
			here++
		}
		if d.Problem != "" {
			out = append(out, mdns.Finding{Verdict: mdns.Problem, Text: d.Name + ": " + d.Problem})
		}
	}
	return append(out, mdns.Finding{Verdict: mdns.Fine, Text: fmt.Sprintf("devices it knows: %d, here now: %d", len(r.Devices), here)})
}
