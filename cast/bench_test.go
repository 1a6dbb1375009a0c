package cast

import (
	"strconv"
	"testing"
	"time"
)

// BenchmarkFollow plans the edits for a queue of 500 items of which every tenth
// is new.
func BenchmarkFollow(b *testing.B) {
	var rest []Queued
	var want []Item
	for i := range 500 {
		item := Item{ID: strconv.Itoa(i), URL: "http://192.0.2.1/" + strconv.Itoa(i)}
		rest = append(rest, Queued{item, i + 1})
		if i%10 == 0 {
			item.ID = "new" + item.ID
		}
		want = append(want, item)
	}
	for b.Loop() {
		planFollow(rest, want, false)
	}
}

// BenchmarkStatus takes in a full MEDIA_STATUS, frame and all.
func BenchmarkStatus(b *testing.B) {
	t := tracker{appID: DefaultMediaReceiver, transport: "t1"}
	frame := message{source: "t1", destination: "*", namespace: nsMedia, payload: []byte(spoken[4].payload)}.marshal()
	for b.Loop() {
		m, err := unmarshal(frame)
		if err != nil {
			b.Fatal(err)
		}
		var h header
		if err := decode(m.payload, &h); err != nil {
			b.Fatal(err)
		}
		t.apply(m, h, time.Unix(0, 0))
	}
}
