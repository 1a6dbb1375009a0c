package cast

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The tests with devices wait far more than they compute; fuzzing does not.
	if flag.Lookup("test.fuzz").Value.String() == "" {
		if err := flag.Set("test.parallel", "12"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

func TestFrameLimits(t *testing.T) {
	var wire bytes.Buffer
	m := message{source: "a", destination: "b", namespace: nsMedia, payload: []byte(`{"type":"X"}`)}
	if err := writeFrame(&wire, m); err != nil {
		t.Fatal(err)
	}
	// A device sends exactly these bytes: protobuf of protocol_version 0,
	// the three names, payload_type 0 and the text.
	want := "\x08\x00\x12\x01a\x1a\x01b\x22\x20" + nsMedia + "\x28\x00\x32\x0c" + `{"type":"X"}`
	if got := wire.String()[4:]; got != want {
		t.Errorf("wire is %q, want %q", got, want)
	}
	if err := writeFrame(&wire, message{namespace: nsMedia, payload: make([]byte, maxBody)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an oversized frame was sent: %v", err)
	}
	long := binary.BigEndian.AppendUint32(nil, maxBody+1)
	if _, err := readFrame(bytes.NewReader(long)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an oversized frame was read: %v", err)
	}
}

func TestStatusDeltas(t *testing.T) {
	at := time.Unix(1000, 0)
	steps := []struct {
		name      string
		from, ns  string
		payload   string
		want      Status
		unchanged bool
	}{
		{
			"the application runs", receiverID, nsReceiver,
			`{"type":"RECEIVER_STATUS","status":{"applications":[{"appId":"CC1AD845","transportId":"t1","sessionId":"s"}],"volume":{"level":0.5}}}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Idle},
			false,
		},
		{
			"a full report", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"PLAYING","currentTime":2,"currentItemId":7,"media":{"contentId":"u","duration":60,"customData":{"jumpgateItem":"a"}},"items":[{"itemId":7,"customData":{"jumpgateItem":"a"}},{"itemId":8,"customData":{"jumpgateItem":"b"}}]}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Playing, Item: "a", Position: 2 * time.Second, At: at, Duration: time.Minute},
			false,
		},
		{
			"absent is not cleared", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"PAUSED"}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Paused, Item: "a", Position: 2 * time.Second, At: at, Duration: time.Minute},
			false,
		},
		{
			"the next item by its id alone", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"IDLE","idleReason":"FINISHED","currentItemId":8}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Idle, IdleReason: "FINISHED", Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"idle between two items is loading", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"IDLE","idleReason":"FINISHED","loadingItemId":8}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Buffering, Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"idleReason is gone when absent", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"PLAYING","currentTime":0}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Playing, Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"a place in the queue tells nothing of what is there", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"currentItemId":9,"items":[{"itemId":9,"orderId":2}]}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Playing, Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"what is loading is described elsewhere", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":2,"playerState":"IDLE","supportedMediaCommands":79,"extendedStatus":{"playerState":"LOADING","media":{"contentId":"u","customData":{"jumpgateItem":"c"}}}}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Buffering, Item: "c", At: at, Commands: CanPause | CanSeek | CanSetStreamVolume | CanMuteStream | CanQueueNext},
			false,
		},
		{
			"and it plays", "t1", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"PLAYING","supportedMediaCommands":0,"currentItemId":8,"media":{"contentId":"u","duration":60,"customData":{"jumpgateItem":"b"}}}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Playing, Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"another transport's media is not ours", "t9", nsMedia,
			`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":3,"playerState":"IDLE"}]}`,
			Status{App: "CC1AD845", Volume: 0.5, State: Playing, Item: "b", At: at, Duration: time.Minute},
			true,
		},
		{
			"volume 0 is a level", receiverID, nsReceiver,
			`{"type":"RECEIVER_STATUS","status":{"applications":[{"appId":"CC1AD845","transportId":"t1"}],"volume":{"level":0,"muted":false}}}`,
			Status{App: "CC1AD845", State: Playing, Item: "b", At: at, Duration: time.Minute},
			false,
		},
		{
			"another application takes over", receiverID, nsReceiver,
			`{"type":"RECEIVER_STATUS","status":{"applications":[{"appId":"X","displayName":"Other","transportId":"t2"}]}}`,
			Status{App: "X", AppName: "Other", State: Idle, Foreign: true, At: at},
			false,
		},
	}
	track := tracker{appID: DefaultMediaReceiver}
	for _, step := range steps {
		kind := "RECEIVER_STATUS"
		if step.ns == nsMedia {
			kind = "MEDIA_STATUS"
		}
		changed := track.apply(message{source: step.from, namespace: step.ns, payload: []byte(step.payload)}, header{Type: kind}, at)
		if changed == step.unchanged {
			t.Errorf("%s: changed is %v", step.name, changed)
		}
		if track.status != step.want {
			t.Errorf("%s:\n got %+v\nwant %+v", step.name, track.status, step.want)
		}
	}
}

// What plays is described, whoever plays it.
func TestMedia(t *testing.T) {
	s := NewSender(Config{})
	if got := s.Media(); got.URL != "" || s.Status().State != Idle {
		t.Errorf("before there is a device: %+v, %+v", got, s.Status())
	}
	s.track.transport = "t1"
	say := func(payload string) Item {
		t.Helper()
		s.track.apply(message{source: "t1", namespace: nsMedia, payload: []byte(payload)}, header{Type: "MEDIA_STATUS"}, time.Unix(0, 0))
		return s.Media()
	}
	theirs := say(`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":1,"playerState":"PLAYING","currentItemId":1,"media":{"contentId":"u","metadata":{"title":"Theirs","artist":"A"}}}]}`)
	if theirs.ID != "" || theirs.Title != "Theirs" || theirs.Artist != "A" || !s.Status().Foreign {
		t.Errorf("somebody else's: %+v", theirs)
	}
	ours := say(`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":2,"playerState":"PLAYING","currentItemId":1,"media":{"contentId":"v","customData":{"jumpgateItem":"a"}},
		"items":[{"itemId":1,"media":{"contentId":"v"}},{"itemId":2,"customData":{"jumpgateItem":"b"},"media":{"contentId":"w","metadata":{"title":"Next"}}}]}]}`)
	if ours.ID != "a" || ours.URL != "v" {
		t.Errorf("ours: %+v", ours)
	}
	if next := say(`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":2,"currentItemId":2}]}`); next.ID != "b" || next.Title != "Next" {
		t.Errorf("the next, which it has shown before: %+v", next)
	}
	if unknown := say(`{"type":"MEDIA_STATUS","status":[{"mediaSessionId":2,"currentItemId":9}]}`); unknown.URL != "" {
		t.Errorf("one that it has not shown: %+v", unknown)
	}
	if none := say(`{"type":"MEDIA_STATUS","status":[]}`); none.URL != "" {
		t.Errorf("nothing: %+v", none)
	}
	if !(CanSeek | CanPause).Has(CanSeek) || CanSeek.Has(CanSeek|CanPause) {
		t.Error("Has is wrong")
	}
}

// Every refusal is a sentence, with the device's code.
func TestRefusalsAreSentences(t *testing.T) {
	for want, e := range map[string]RequestError{
		"cast: the device could not load this: it cannot play this format (code 104)":                               {Type: "LOAD_FAILED", Code: 104},
		"cast: the device could not load this: it could not fetch the audio, which a firewall may cause (code 301)": {Type: "LOAD_FAILED", Code: 301},
		"cast: the device could not load this: it could not read the playlist (code 412)":                           {Type: "LOAD_FAILED", Code: 412},
		"cast: the device could not load this: code 777":                                                            {Type: "LOAD_FAILED", Code: 777},
		"cast: the device cancelled the start of the application":                                                   {Type: "LAUNCH_ERROR", Reason: "CANCELLED"},
		"cast: the device has ended what it played":                                                                 {Type: "INVALID_REQUEST", Reason: "INVALID_MEDIA_SESSION_ID"},
		"cast: the device refused: INVALID_REQUEST (SOMETHING_NEW)":                                                 {Type: "INVALID_REQUEST", Reason: "SOMETHING_NEW"},
		"cast: the device cannot do this in what it does now":                                                       {Type: "INVALID_PLAYER_STATE"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%+v says %q, want %q", e, got, want)
		}
	}
}
