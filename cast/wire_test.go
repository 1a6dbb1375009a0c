package cast

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything says each thing that a sender can say, once.
var everything = []struct {
	name string
	do   func(context.Context, *Sender) error
}{
	{"Load", func(ctx context.Context, s *Sender) error { return s.Load(ctx, golden, 90*time.Second) }},
	{"LoadQueue", func(ctx context.Context, s *Sender) error {
		return s.LoadQueue(ctx, QueueLoad{Items: golden, Index: 1, Paused: true, Repeat: RepeatAll})
	}},
	{"LoadMedia", func(ctx context.Context, s *Sender) error {
		return s.LoadMedia(ctx, MediaLoad{Item: golden[1], Position: 1500 * time.Millisecond, Rate: 1.25, Tracks: []int{2}})
	}},
	{"Play", func(ctx context.Context, s *Sender) error { return s.Play(ctx) }},
	{"Pause", func(ctx context.Context, s *Sender) error { return s.Pause(ctx) }},
	{"Seek to the beginning", func(ctx context.Context, s *Sender) error { return s.Seek(ctx, 0) }},
	{"SeekAnd", func(ctx context.Context, s *Sender) error { return s.SeekAnd(ctx, 8*time.Second, ResumePaused) }},
	{"SeekBy", func(ctx context.Context, s *Sender) error { return s.SeekBy(ctx, -10*time.Second, ResumePlaying) }},
	{"SetRate", func(ctx context.Context, s *Sender) error { return s.SetRate(ctx, 0.75) }},
	{"SelectTracks", func(ctx context.Context, s *Sender) error { return s.SelectTracks(ctx, 1, 3) }},
	{"SelectTracks, none", func(ctx context.Context, s *Sender) error { return s.SelectTracks(ctx) }},
	{"Insert", func(ctx context.Context, s *Sender) error { return s.Insert(ctx, "b", golden[:1]...) }},
	{"Insert at the end", func(ctx context.Context, s *Sender) error { return s.Insert(ctx, "", golden[:1]...) }},
	{"Remove", func(ctx context.Context, s *Sender) error { return s.Remove(ctx, "c", "b") }},
	{"Reorder", func(ctx context.Context, s *Sender) error { return s.Reorder(ctx, "a", "c", "b") }},
	{"Reorder to the end", func(ctx context.Context, s *Sender) error { return s.Reorder(ctx, "", "a") }},
	{"JumpTo", func(ctx context.Context, s *Sender) error { return s.JumpTo(ctx, "b", 0) }},
	{"Skip back", func(ctx context.Context, s *Sender) error { return s.Skip(ctx, -1) }},
	{"SetRepeat", func(ctx context.Context, s *Sender) error { return s.SetRepeat(ctx, RepeatSingle) }},
	{"Shuffle", func(ctx context.Context, s *Sender) error { return s.Shuffle(ctx) }},
	{"Follow", func(ctx context.Context, s *Sender) error { return s.Follow(ctx, "a", golden[1:2], false) }},
	{"Follow with a cut", func(ctx context.Context, s *Sender) error { return s.Follow(ctx, "a", golden[1:2], true) }},
	{"Queue", func(ctx context.Context, s *Sender) error { _, err := s.Queue(ctx); return err }},
	{"Refresh", func(ctx context.Context, s *Sender) error { return s.Refresh(ctx) }},
	{"SetVolume 0", func(ctx context.Context, s *Sender) error { return s.SetVolume(ctx, 0) }},
	{"SetVolume", func(ctx context.Context, s *Sender) error { return s.SetVolume(ctx, 0.35) }},
	{"SetMuted", func(ctx context.Context, s *Sender) error { return s.SetMuted(ctx, true) }},
	{"SetMuted, no", func(ctx context.Context, s *Sender) error { return s.SetMuted(ctx, false) }},
	{"ReceiverStatus", func(ctx context.Context, s *Sender) error { _, err := s.ReceiverStatus(ctx); return err }},
	{"Available", func(ctx context.Context, s *Sender) error {
		_, err := s.Available(ctx, "CC1AD845", "12345678")
		return err
	}},
	{"CastingGroups", func(ctx context.Context, s *Sender) error { _, err := s.CastingGroups(ctx); return err }},
	{"Message", func(ctx context.Context, s *Sender) error {
		return s.Message(ctx, "urn:x-cast:org.example", []byte(`{"hello":1}`))
	}},
	{"Stop", func(ctx context.Context, s *Sender) error { return s.Stop(ctx) }},
	{"Quit", func(ctx context.Context, s *Sender) error { return s.Quit(ctx) }},
}

var golden = []Item{
	{ID: "a", URL: "http://192.0.2.1/a.flac", ContentType: "audio/flac"},
	{
		ID: "x", URL: "http://192.0.2.1/x.m3u8", ContentType: "application/x-mpegURL", HLSSegments: SegmentsFMP4, Live: true,
		Duration: 3 * time.Minute, Start: 4 * time.Second, Preload: 20 * time.Second,
		Title: "Title", Artist: "Artist", Album: "Album", AlbumArtist: "Album artist", Track: 3, Disc: 2, Released: "1999-12-31",
		ImageURL: "http://192.0.2.1/x.jpg", Tracks: []Track{{ID: 2, Type: "AUDIO", Name: "한국어", Language: "ko"}},
	},
}

// What is said for each command, to the byte: testdata/requests.golden.
func TestRequests(t *testing.T) {
	var said strings.Builder
	write := func(name string, frames []message) {
		fmt.Fprintf(&said, "# %s\n", name)
		for _, m := range frames {
			fmt.Fprintf(&said, "%s > %s %s %s\n", m.source, m.destination, strings.TrimPrefix(m.namespace, "urn:x-cast:"), anyID.ReplaceAll(m.payload, []byte(`"requestId":N`)))
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{Launch: true, Group: true})
		connect(t, s)
		synctest.Wait()
		d.set(func() { write("A first connection, with Config.Launch and Config.Group", d.frames) })
	})
	for _, step := range everything {
		synctest.Test(t, func(t *testing.T) {
			s, d := fakeSender(t, Config{})
			connect(t, s)
			if err := s.Load(t.Context(), []Item{golden[0]}, 0); err != nil {
				t.Fatal(err)
			}
			d.set(func() {
				d.answer = map[string]string{
					"GET_CASTING_GROUPS": `{"type":"CASTING_GROUPS","requestId":%d,"groups":[]}`,
					"QUEUE_GET_ITEM_IDS": `{"type":"QUEUE_ITEM_IDS","requestId":%d,"itemIds":[1,2,3]}`,
					"QUEUE_GET_ITEMS": `{"type":"QUEUE_ITEMS","requestId":%d,"items":[{"itemId":1,"media":{"contentId":"u","customData":{"jumpgateItem":"a"}}},` +
						`{"itemId":2,"media":{"contentId":"v","customData":{"jumpgateItem":"b"}}},{"itemId":3,"media":{"contentId":"w","customData":{"jumpgateItem":"c"}}}]}`,
				}
				d.frames = nil
			})
			if err := step.do(t.Context(), s); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			synctest.Wait()
			d.set(func() { write(step.name, d.frames) })
		})
	}
	const file = "testdata/requests.golden"
	if *update {
		if err := os.WriteFile(file, []byte(said.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(said.String(), "\n"), strings.Split(string(raw), "\n")
	for i, line := range got {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d of %s:\n got %s\nwant %s", i+1, file, line, slices.Concat(want, []string{"nothing"})[min(i, len(want))])
		}
	}
	if len(want) > len(got) {
		t.Errorf("%s goes on with %s", file, want[len(got)])
	}
}

var anyID = regexp.MustCompile(`"requestId":[0-9]+`)

// Every message type of the public notes is said, or heard.
func TestNothingIsMissing(t *testing.T) {
	raw, err := os.ReadFile("testdata/requests.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range strings.Fields(`GET_STATUS LAUNCH STOP SET_VOLUME GET_APP_AVAILABILITY GET_CASTING_GROUPS
		LOAD PLAY PAUSE SEEK SET_PLAYBACK_RATE EDIT_TRACKS_INFO
		QUEUE_LOAD QUEUE_INSERT QUEUE_UPDATE QUEUE_REMOVE QUEUE_REORDER QUEUE_GET_ITEM_IDS QUEUE_GET_ITEMS`) {
		if !strings.Contains(string(raw), fmt.Sprintf(`{"type":%q`, kind)) {
			t.Errorf("nothing says %s", kind)
		}
	}
	for _, kind := range strings.Fields(`RECEIVER_STATUS LAUNCH_STATUS LAUNCH_ERROR INVALID_REQUEST
		MEDIA_STATUS QUEUE_CHANGE QUEUE_ITEMS QUEUE_ITEM_IDS LOAD_FAILED LOAD_CANCELLED INVALID_PLAYER_STATE ERROR
		MULTIZONE_STATUS DEVICE_ADDED DEVICE_UPDATED DEVICE_REMOVED CASTING_GROUPS CLOSE PING PONG`) {
		if !slices.ContainsFunc(spoken, func(s struct{ namespace, payload string }) bool {
			return strings.Contains(s.payload, fmt.Sprintf(`"type":%q`, kind))
		}) {
			t.Errorf("FuzzMessages does not begin with a %s", kind)
		}
	}
}
