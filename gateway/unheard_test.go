package gateway

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/linein"
)

// plain is a decoder of packets that say how many frames they hold.
type plain struct{}

func (plain) Decode(packet []byte) ([]float32, error) {
	if len(packet) == 0 {
		return nil, errors.New("damaged")
	}
	pcm := make([]float32, 2*int(packet[0]))
	for i := range pcm {
		pcm[i] = 0.5
	}
	return pcm, nil
}

func newBroadcasts() *broadcasts {
	return &broadcasts{log: slog.New(slog.DiscardHandler), byID: map[string]*broadcast{}}
}

func (b *broadcasts) opened(t *testing.T, id string, end func()) *broadcast {
	t.Helper()
	c := &broadcast{of: b, id: id, name: id, dec: plain{}, readers: map[*linein.Input]bool{}}
	if err := b.begin(c, end); err != nil {
		t.Fatal(err)
	}
	return c
}

// A microphone that no zone plays is closed after a minute, and not before.
func TestUnheardBroadcastEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ended := newBroadcasts(), make(chan struct{})
		c := b.opened(t, "m", func() { close(ended) })
		defer c.Close()
		over := func() bool {
			synctest.Wait()
			select {
			case <-ended:
				return true
			default:
				return false
			}
		}
		time.Sleep(unheardFor - time.Second)
		in, err := b.open(t.Context(), "m")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if over() {
			t.Error("it ended while a zone played it")
		}
		_ = in.Close()
		time.Sleep(unheardFor - time.Second)
		if over() {
			t.Error("it ended too early")
		}
		time.Sleep(2 * time.Second)
		if !over() {
			t.Error("nobody hears it, and it goes on")
		}
	})
}

// What was lost on the way is silence, so that the rest comes in its time; a clock
// that goes back or far ahead is followed without.
func TestBroadcastKeepsItsTime(t *testing.T) {
	b := newBroadcasts()
	c := b.opened(t, "m", func() {})
	in, err := b.open(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	at := ^uint32(0) - 150
	for _, p := range []struct {
		packet  byte
		forward uint32 // to the next
	}{{100, 100}, {100, 150}, {0, 100}, {100, 0}, {100, 10 * mostMissing}, {100, 100}} {
		var packet []byte
		if p.packet > 0 {
			packet = []byte{p.packet}
		}
		c.Opus(packet, at)
		at += p.forward
	}
	c.Close()
	frames, silent := 0, 0
	buf := make([]float32, 512)
	for {
		n, err := in.Read(buf)
		for i := range n {
			if frames++; buf[2*i] == 0 {
				silent++
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if frames != 650 || silent != 150 {
		t.Errorf("%d frames, %d of them silent; want 650 and 150", frames, silent)
	}
	if _, ok := b.Broadcast("m"); ok {
		t.Error("it is there after its end")
	}
}

func TestBroadcastsAreBounded(t *testing.T) {
	b := newBroadcasts()
	for i := range maxBroadcasts {
		defer b.opened(t, fmt.Sprint(i), func() {}).Close()
	}
	if err := b.begin(&broadcast{of: b, id: "more"}, func() {}); err == nil {
		t.Error("there is no bound")
	}
}
