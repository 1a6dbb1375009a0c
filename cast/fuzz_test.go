package cast

import (
	"bytes"
	"net"
	"testing"
	"time"
)

func FuzzUnmarshal(f *testing.F) {
	f.Add(message{source: "s", destination: "d", namespace: nsMedia, payload: []byte(`{"type":"MEDIA_STATUS"}`)}.marshal())
	f.Add([]byte{0x12, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := unmarshal(b)
		if err != nil {
			return
		}
		again, err := unmarshal(m.marshal())
		if err != nil || again.source != m.source || again.destination != m.destination || again.namespace != m.namespace || !bytes.Equal(again.payload, m.payload) {
			t.Errorf("%q does not survive a round trip: %v", b, err)
		}
	})
}

// FuzzFrames reads what a device may send as a whole: no length makes it read
// more than a frame may hold.
func FuzzFrames(f *testing.F) {
	var frames bytes.Buffer
	_ = writeFrame(&frames, message{source: "s", destination: "d", namespace: nsMedia, payload: []byte(`{}`)})
	f.Add(frames.Bytes())
	f.Add([]byte{0, 1, 0, 1, 8})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			m, err := readFrame(r)
			if err != nil {
				return
			}
			if len(m.payload) > maxBody {
				t.Errorf("a payload of %d bytes", len(m.payload))
			}
		}
	})
}

// The kinds of message that a device says, with a payload of each.
var spoken = []struct{ namespace, payload string }{
	{nsReceiver, `{"type":"RECEIVER_STATUS","requestId":1,"status":{"applications":[{"appId":"CC1AD845","transportId":"t1","sessionId":"s","displayName":"D","isIdleScreen":false}],"volume":{"level":0.5,"muted":true,"controlType":"fixed"}}}`},
	{nsReceiver, `{"type":"LAUNCH_STATUS","launchRequestId":1,"status":"USER_PENDING_AUTHORIZATION"}`},
	{nsReceiver, `{"type":"LAUNCH_ERROR","requestId":1,"reason":"CANCELLED"}`},
	{nsReceiver, `{"requestId":1,"responseType":"GET_APP_AVAILABILITY","availability":{"CC1AD845":"APP_AVAILABLE"}}`},
	{nsMedia, `{"type":"MEDIA_STATUS","requestId":0,"status":[{"mediaSessionId":1,"playerState":"IDLE","idleReason":"FINISHED","currentTime":1e300,"currentItemId":7,"playbackRate":-2,"repeatMode":"REPEAT_ALL","supportedMediaCommands":-1,"extendedStatus":{"playerState":"LOADING","media":{"contentId":"v","tracks":[{"trackId":1}]}},"media":{"contentId":"u","duration":-1,"customData":{"jumpgateItem":"a"}},"items":[{"itemId":7,"preloadTime":1e19,"media":{"contentId":"u","metadata":{"title":"T","images":[{"url":"i"}]}}}]}]}`},
	{nsMedia, `{"type":"QUEUE_CHANGE","requestId":3,"changeType":"REMOVE","itemIds":[7,8],"insertBefore":7}`},
	{nsMedia, `{"type":"QUEUE_ITEMS","requestId":1,"items":[{"itemId":8,"customData":{"jumpgateItem":"b"}}]}`},
	{nsMedia, `{"type":"QUEUE_ITEM_IDS","requestId":1,"itemIds":[1,2,3]}`},
	{nsMedia, `{"type":"LOAD_FAILED","requestId":0,"itemId":7,"detailedErrorCode":104}`},
	{nsMedia, `{"type":"ERROR","requestId":0,"detailedErrorCode":905}`},
	{nsMedia, `{"type":"LOAD_CANCELLED","requestId":1,"itemId":7}`},
	{nsMedia, `{"type":"INVALID_PLAYER_STATE","requestId":1}`},
	{nsMedia, `{"type":"INVALID_REQUEST","requestId":1,"reason":"INVALID_COMMAND"}`},
	{nsMultizone, `{"type":"MULTIZONE_STATUS","requestId":0,"status":{"devices":[{"deviceId":"d","name":"N","capabilities":4,"volume":{"level":2,"muted":false}}]}}`},
	{nsMultizone, `{"type":"DEVICE_ADDED","device":{"deviceId":"f","name":"N","capabilities":4}}`},
	{nsMultizone, `{"type":"DEVICE_UPDATED","device":{"deviceId":"e","name":"N","volume":{"level":-1}}}`},
	{nsMultizone, `{"type":"DEVICE_REMOVED","deviceId":"d"}`},
	{nsMultizone, `{"type":"CASTING_GROUPS","groups":[{"deviceId":"g","name":"All"}]}`},
	{nsConnection, `{"type":"CLOSE"}`},
	{nsHeartbeat, `{"type":"PING"}`},
	{nsHeartbeat, `{"type":"PONG"}`},
}

// FuzzMessages has a connection take a message of any kind, twice: nothing
// panics, and what is shown stays within its bounds.
func FuzzMessages(f *testing.F) {
	for i, s := range spoken {
		f.Add(uint8(i), true, []byte(s.payload))
		f.Add(uint8(i), false, []byte(s.payload))
	}
	f.Fuzz(func(t *testing.T, kind uint8, fromApp bool, payload []byte) {
		s := NewSender(Config{Group: true})
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() {
			buf := make([]byte, 1<<10)
			for {
				if _, err := theirs.Read(buf); err != nil {
					return
				}
			}
		}()
		var ch *channel
		ch = newChannel(ours, func(m message, h header) { s.heard(ch, m, h) })
		defer ours.Close()
		s.attach(ch)
		s.track.transport = "t1"
		w := newWaiting(nsMedia)
		ch.pending[1] = w
		m := message{source: receiverID, destination: senderID, namespace: spoken[int(kind)%len(spoken)].namespace, payload: payload}
		if fromApp {
			m.source = "t1"
		}
		for range 2 {
			_ = ch.receive(m)
		}
		select {
		case answer := <-w.answer:
			if err := refusal(answer); err != nil && err.Error() == "" {
				t.Error("a refusal says nothing")
			}
		default:
		}
		st := s.Status()
		if !(st.Volume >= 0 && st.Volume <= 1) || st.Position < 0 || st.Duration < 0 || st.PositionAt(time.Now().Add(time.Hour)) < 0 {
			t.Errorf("status %+v", st)
		}
		if len(s.track.items) > maxKnown || len(s.track.members) > maxMembers || len(ch.pending) > 1 {
			t.Error("a bound is passed")
		}
		for _, member := range s.Members() {
			if !(member.Volume >= 0 && member.Volume <= 1) {
				t.Errorf("member %+v", member)
			}
		}
		for _, level := range s.balance.levels(s.track.members, 0.5, time.Now()) {
			if !(level >= 0 && level <= 1) {
				t.Errorf("level %v", level)
			}
		}
	})
}
