package cast

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"
)

// The questions whose answers are read by who asked them, with an answer to each.
var questions = []struct {
	ask    func(context.Context, *Sender) error
	answer string
}{
	{func(ctx context.Context, s *Sender) error {
		r, err := s.ReceiverStatus(ctx)
		if err == nil && !(r.Volume >= 0 && r.Volume <= 1) {
			panic("a volume out of its bounds")
		}
		return err
	}, `{"type":"RECEIVER_STATUS","status":{"applications":[{"appId":"CC1AD845","namespaces":[{"name":"n"}]}],"volume":{"level":1e9,"controlType":"fixed"},"isStandBy":true}}`},
	{func(ctx context.Context, s *Sender) error {
		_, err := s.Available(ctx, "CC1AD845")
		return err
	}, `{"responseType":"GET_APP_AVAILABILITY","availability":{"CC1AD845":"APP_AVAILABLE"}}`},
	{func(ctx context.Context, s *Sender) error {
		_, err := s.CastingGroups(ctx)
		return err
	}, `{"type":"CASTING_GROUPS","groups":[{"deviceId":"d","name":"All"}],"status":{"groups":[{"groupId":"g"}]}}`},
	{func(ctx context.Context, s *Sender) error {
		queue, err := s.Queue(ctx)
		if len(queue) > maxBody/2 {
			panic("a queue without bounds")
		}
		return err
	}, `{"type":"QUEUE_ITEM_IDS","itemIds":[1,1,-3]}`},
	{func(ctx context.Context, s *Sender) error { return s.Follow(ctx, "", fakeItems, true) }, `{"type":"QUEUE_ITEM_IDS","itemIds":[1,2]}`},
	{func(ctx context.Context, s *Sender) error { return s.Load(ctx, fakeItems, 0) }, `{"type":"LOAD_FAILED","detailedErrorCode":104,"itemId":1}`},
	{func(ctx context.Context, s *Sender) error { return s.Launch(ctx) }, `{"type":"LAUNCH_ERROR","reason":"NOT_FOUND"}`},
}

// FuzzAnswers has a device answer every request of a question by the same JSON
// object: nothing panics, nothing is kept that has no bounds, and an error says
// something.
func FuzzAnswers(f *testing.F) {
	for i, q := range questions {
		f.Add(uint8(i), []byte(q.answer))
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		var object map[string]any
		if json.Unmarshal(payload, &object) != nil || object == nil {
			return // no answer to anything: FuzzMessages
		}
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() {
			for {
				m, err := readFrame(theirs)
				var h header
				if err != nil || decode(m.payload, &h) != nil {
					return
				}
				object["requestId"] = h.RequestID
				raw, err := json.Marshal(object)
				if err != nil || h.RequestID == 0 {
					continue
				}
				if writeFrame(theirs, message{source: m.destination, destination: m.source, namespace: m.namespace, payload: raw}) != nil {
					return
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		s := NewSender(Config{})
		var ch *channel
		ch = newChannel(ours, func(m message, h header) { s.heard(ch, m, h) })
		s.attach(ch)
		s.track.transport, s.track.media, s.track.status.Item, s.track.status.State = "t1", 1, "a", Playing
		q := questions[int(kind)%len(questions)]
		ended := make(chan struct{})
		go func() { defer close(ended); _ = ch.run(ctx) }()
		if err := q.ask(ctx, s); err != nil && err.Error() == "" {
			t.Error("an error says nothing")
		}
		cancel()
		<-ended
		if len(s.track.items) > maxKnown || len(ch.pending) > 0 {
			t.Error("a bound is passed")
		}
	})
}
