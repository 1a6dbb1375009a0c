package main

import (
	"bufio"
	"bytes"
	"context"
	endian "encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jumpgate-audio/jumpgate/cast"
)

// frame is a message as it goes over the wire.
func (m castWire) frame() []byte {
	var b []byte
	b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), 0)
	for number, text := range map[protowire.Number]string{2: m.source, 3: m.destination, 4: m.namespace} {
		b = protowire.AppendString(protowire.AppendTag(b, number, protowire.BytesType), text)
	}
	b = protowire.AppendVarint(protowire.AppendTag(b, 5, protowire.VarintType), 0)
	b = protowire.AppendBytes(protowire.AppendTag(b, 6, protowire.BytesType), m.payload)
	return append(endian.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// replay plays a transcript's device: it waits for each thing that the sender
// said, by namespace and type, and answers as the device did.
type replay struct {
	t     *testing.T
	lines []castTapeLine
	conn  net.Conn
	ids   map[int]int // requestIds: of the transcript, and of now
	me    string      // the sender's name on the wire now
	was   string      // and in the transcript
}

func (r *replay) run() {
	defer r.conn.Close()
	said := make(chan castWire, 64)
	go func() {
		defer close(said)
		reader := bufio.NewReader(r.conn)
		for {
			var size [4]byte
			if _, err := io.ReadFull(reader, size[:]); err != nil {
				return
			}
			body := make([]byte, endian.BigEndian.Uint32(size[:]))
			if _, err := io.ReadFull(reader, body); err != nil {
				return
			}
			if m, ok := parseCastMessage(body); ok && !strings.HasSuffix(m.namespace, ".heartbeat") {
				said <- m
			}
		}
	}()
	for _, line := range r.lines {
		if strings.HasSuffix(line.Namespace, ".heartbeat") {
			continue // their times are not the transcript's
		}
		switch line.From {
		case "sender":
			if !r.hear(said, line) {
				return
			}
		case "device":
			r.say(line)
		}
	}
	// The sender ends the connection.
	for range said {
	}
}

func kindOf(payload []byte) (kind string, id int) {
	var h struct {
		Type      string
		RequestID int
	}
	_ = json.Unmarshal(payload, &h)
	return h.Type, h.RequestID
}

// hear waits for what the sender said in the transcript.
func (r *replay) hear(said chan castWire, line castTapeLine) bool {
	want, was := kindOf(line.Payload)
	select {
	case m, open := <-said:
		if !open {
			return false
		}
		kind, now := kindOf(m.payload)
		if kind != want || m.namespace != line.Namespace || (m.destination == "receiver-0") != (line.To == "receiver-0") {
			r.t.Errorf("the sender says %s to %s, in the transcript it is %s to %s", kind, m.destination, want, line.To)
			return false
		}
		r.ids[was] = now
		r.me, r.was = m.source, line.Source
		return true
	case <-time.After(20 * time.Second):
		r.t.Errorf("the sender does not say %s", want)
		return false
	}
}

// say answers as the device did, to the request of now.
func (r *replay) say(line castTapeLine) {
	var payload map[string]any
	if json.Unmarshal(line.Payload, &payload) != nil {
		return
	}
	if id, ok := payload["requestId"].(float64); ok && id != 0 {
		payload["requestId"] = r.ids[int(id)]
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		r.t.Error(err)
	}
	to := line.To
	if to == r.was {
		to = r.me
	}
	_, _ = r.conn.Write(castWire{line.Source, to, line.Namespace, raw}.frame()) // or the sender has gone
}

// readTranscript returns its messages, and what the sender made of them.
func readTranscript(t *testing.T, raw []byte) (lines []castTapeLine, notes []string) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		var line castTapeLine
		err := decoder.Decode(&line)
		if err == io.EOF {
			return lines, notes
		}
		if err != nil {
			t.Fatal(err)
		}
		if line.From == "note" {
			notes = append(notes, fmt.Sprintf("%s: %s %s", line.Step, line.State, line.Item))
			continue
		}
		lines = append(lines, line)
	}
}

// itemsOf are the items that a transcript's sender queued, by the names that they
// have in it.
func itemsOf(lines []castTapeLine) []cast.Item {
	var items []cast.Item
	for _, line := range lines {
		var m struct {
			Items []struct {
				Media struct {
					ContentID   string `json:"contentId"`
					ContentType string `json:"contentType"`
					Duration    float64
					CustomData  struct{ JumpgateItem string }
				}
			}
		}
		if line.From != "sender" || json.Unmarshal(line.Payload, &m) != nil {
			continue
		}
		for _, i := range m.Items {
			if i.Media.ContentID != "" {
				items = append(items, cast.Item{
					ID: i.Media.CustomData.JumpgateItem, URL: i.Media.ContentID, ContentType: i.Media.ContentType,
					Duration: time.Duration(i.Media.Duration * float64(time.Second)),
				})
			}
		}
	}
	return items
}

// replayed does what the transcript was made of, to the device in it.
func replayed(t *testing.T, raw []byte) {
	t.Helper()
	lines, notes := readTranscript(t, raw)
	if len(lines) < 20 || len(notes) < 10 {
		t.Fatalf("a transcript of %d messages and %d notes", len(lines), len(notes))
	}
	var device sync.WaitGroup
	defer device.Wait()
	dial := func(context.Context, netip.AddrPort) (net.Conn, error) {
		near, far := net.Pipe()
		r := &replay{t: t, lines: lines, conn: far, ids: map[int]int{}}
		device.Go(r.run)
		return near, nil
	}
	items := itemsOf(lines)
	var again []string
	note := func(step string, s cast.Status) {
		again = append(again, fmt.Sprintf("%s: %s %s", step, s.State, s.Item))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	err := cast.Once(ctx, cast.Config{Dial: dial}, netip.MustParseAddrPort("192.0.2.7:8009"), func(ctx context.Context, s *cast.Sender) error {
		return castSession(ctx, s, items, note)
	})
	if err != nil {
		t.Error(err)
	}
	if got, want := strings.Join(again, "\n"), strings.Join(notes, "\n"); got != want {
		t.Errorf("the sender makes of it\n%s\nand in the transcript it was\n%s", got, want)
	}
}

// The transcript in testdata was made with the emulated device, by `jumpgate
// cast record`; one of a real device takes its place when there is one.
func TestTranscriptIsReplayed(t *testing.T) {
	raw, err := os.ReadFile("testdata/cast-emulated.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	replayed(t, raw)
}

// Nothing that tells a home from others is in a transcript.
func TestTranscriptTellsNothing(t *testing.T) {
	r := newRedactor()
	got := string(r.payload([]byte(`{"type":"RECEIVER_STATUS","requestId":7,"status":{"applications":[{"appId":"CC1AD845",
		"displayName":"Mina's music","statusText":"Now: Secret","sessionId":"8f2a-11","transportId":"8f2a-11","namespaces":[{"name":"urn:x-cast:com.google.cast.media"}]}],
		"volume":{"level":0.4,"controlType":"attenuation"}},"devices":[{"deviceId":"aa-bb","name":"Bedroom","ip":"192.168.1.7"}],
		"media":{"contentId":"http://192.168.1.2:4600/media/SIG/original/x","contentType":"audio/flac","customData":{"anything":"private","Minas":{"status":"private"}}},"192.168.1.9":true}`)))
	for _, private := range []string{"Mina", "Secret", "8f2a", "aa-bb", "Bedroom", "192.168", "SIG", "private"} {
		if strings.Contains(got, private) {
			t.Errorf("%q is left in %s", private, got)
		}
	}
	for _, kept := range []string{"RECEIVER_STATUS", "CC1AD845", "urn:x-cast:com.google.cast.media", "0.4", "audio/flac", `"requestId":7`, "sessionId-1", "attenuation"} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is lost in %s", kept, got)
		}
	}
	if r.endpoint("8f2a-11") != "sessionId-1" || r.endpoint("receiver-0") != "receiver-0" {
		t.Error("the same id has two names")
	}
	if r.payload([]byte{1, 2}) != nil {
		t.Error("what is no JSON is kept")
	}
}

// FuzzRedact: whatever a device says, no text of it is left but the protocol's own
// words, and the transcript stays JSON.
func FuzzRedact(f *testing.F) {
	f.Add("Bedroom", []byte(`{"type":"MEDIA_STATUS","name":"%","media":[{"contentId":"%"},{"%":1}]}`))
	f.Add("Küche", []byte(`{"type":"MEDIA_STATUS","customData":{"%":{"type":"%"},"type":["%"]}}`))
	f.Add("1", []byte(`["%","x"]`))
	f.Fuzz(func(t *testing.T, private string, form []byte) {
		const mark = "zq" // no word of the protocol, nor of the made-up names, has it
		quoted, err := json.Marshal(mark + private)
		if err != nil {
			return
		}
		raw := bytes.ReplaceAll(form, []byte(`"%"`), quoted)
		out := newRedactor().payload(raw)
		if out == nil {
			return
		}
		var before, after any
		if json.Unmarshal(raw, &before) != nil || json.Unmarshal(out, &after) != nil {
			t.Fatalf("%s became %s", raw, out)
		}
		if bytes.Contains(form, []byte(mark)) {
			return
		}
		if left := privateIn("", after, mark); left != "" {
			t.Errorf("%q is left of %s in %s", left, raw, out)
		}
	})
}

// privateIn finds a text that has the mark in it, under a key that is no word of
// the protocol's.
func privateIn(key string, v any, mark string) string {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if strings.Contains(k, mark) && !isWord(k) {
				return k
			}
			if left := privateIn(k, inner, mark); left != "" {
				return left
			}
		}
	case []any:
		for _, inner := range v {
			if left := privateIn(key, inner, mark); left != "" {
				return left
			}
		}
	case string:
		if strings.Contains(v, mark) && !plainKeys[key] {
			return v
		}
	}
	return ""
}

func TestPickADevice(t *testing.T) {
	all := []castDevice{{Name: "Kitchen"}, {Name: "Kitchen speaker"}, {Name: "Bedroom"}}
	for name, want := range map[string]string{"kitchen": "Kitchen", "speaker": "Kitchen speaker", "BED": "Bedroom", "k": "", "": "", "attic": ""} {
		if got, err := pick(all, name); got.Name != want || (err == nil) != (want != "") {
			t.Errorf("%q picks %q, %v; want %q", name, got.Name, err, want)
		}
	}
	if d, err := pick(all[:1], ""); err != nil || d.Name != "Kitchen" {
		t.Errorf("the only one: %v, %v", d, err)
	}
	if _, err := pick(nil, ""); err == nil {
		t.Error("nothing was found, and no error")
	}
}

func TestVolumeThatIsAskedFor(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "40": 0.4, "100": 1, "+5": 0.55, "-20": 0.3, "+100": 1, "-100": 0, "101": -1, "loud": -1} {
		got, err := newLevel(0.5, text)
		if (err != nil) != (want < 0) || err == nil && (got < want-1e-9 || got > want+1e-9) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}
