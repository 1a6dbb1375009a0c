package sendspin_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// announced is what a client got of an announcement.
type announced struct {
	mu    sync.Mutex
	start *wire.AnnouncementStream
	data  []byte
	times []time.Time // of each piece
	ends  int
}

func (a *announced) begin(s *wire.AnnouncementStream) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s == nil {
		a.ends++
		return
	}
	a.start, a.data, a.times = s, nil, nil
}

func (a *announced) piece(data []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.data = append(a.data, data...)
	a.times = append(a.times, time.Now())
}

func (a *announced) ended() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ends
}

// A client without a player is announced to: what it gets is the clip, whole and in
// order, never more than its buffer holds, and then its end.
func TestAnnouncement(t *testing.T) {
	start := time.Now()
	now := func() int64 { return time.Since(start).Microseconds() }
	h, _ := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
	var got announced
	const capacity = 4 * 1600 // four chunks
	c, _ := newClientNow(t, func(cfg *client.Config) {
		cfg.Unpaired, cfg.Formats = true, nil
		cfg.Announcements = &wire.AnnouncementSupport{
			Formats: []wire.Format{{Codec: "pcm", Rate: 16000, Channels: 1, Bits: 16}}, BufferCapacity: capacity,
		}
		cfg.Announced, cfg.AnnouncementData = got.begin, got.piece
	})
	defer h.runs(t, c)()
	p := h.next(t, sendspin.Connected).Player
	if err := p.Announce(sendspin.Announcement{}, 0); err == nil {
		t.Error("an announcement to a client that is held")
	}
	if err := p.SetAccess(sendspin.Listens); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its state", func() bool { return len(p.AnnouncementFormats()) == 1 })
	var clip []byte
	volume := 40
	a := sendspin.Announcement{
		Format: sendspin.StreamFormat{Codec: "pcm", Rate: 16000, Channels: 1, Bits: 16},
		Duck:   20, Ramp: 50 * time.Millisecond, Volume: &volume,
	}
	for i := range 20 { // a second
		data := bytes.Repeat([]byte{byte(i), 0}, 800)
		clip = append(clip, data...)
		a.Chunks = append(a.Chunks, sendspin.AnnouncementChunk{Data: data, Samples: 800})
	}
	lead := p.AnnouncementLead(a.Ramp)
	if lead != 550*time.Millisecond {
		t.Errorf("a lead of %v for a client that says none", lead)
	}
	began := time.Now()
	if err := p.Announce(a, now()+lead.Microseconds()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end", func() bool { return got.ended() == 1 })
	got.mu.Lock()
	defer got.mu.Unlock()
	if s := got.start; s.Codec != "pcm" || s.Rate != 16000 || s.Duck != 20 || s.Ramp != 50 || *s.Volume != 40 || s.Start == 0 {
		t.Errorf("it was told %+v", s)
	}
	if !bytes.Equal(got.data, clip) {
		t.Errorf("it got %d bytes of %d", len(got.data), len(clip))
	}
	for i, at := range got.times {
		// The fifth chunk has room once the first was played: at the start and 50 ms.
		if earliest := lead + time.Duration(i-3)*50*time.Millisecond; i > 3 && at.Sub(began) < earliest {
			t.Errorf("chunk %d came after %v, its room is there after %v", i, at.Sub(began), earliest)
		}
	}
	if roles := p.Hello().Roles; !slices.Contains(roles, sendspin.AnnouncementV1) {
		t.Errorf("its roles are %v", roles)
	}
}

// A client without the role is not announced to, and one that is busy neither.
func TestNoAnnouncement(t *testing.T) {
	h, _ := newHouseNow(t, nil)
	c, _ := newClientNow(t, func(cfg *client.Config) { cfg.Unpaired = true })
	defer h.runs(t, c)()
	p := h.next(t, sendspin.Connected).Player
	if err := p.SetAccess(sendspin.Full); err != nil {
		t.Fatal(err)
	}
	clip := sendspin.Announcement{
		Format: sendspin.StreamFormat{Codec: "pcm", Rate: 16000, Channels: 1, Bits: 16},
		Chunks: []sendspin.AnnouncementChunk{{Data: []byte{0, 0}, Samples: 1}},
	}
	if err := p.Announce(clip, 1); !errors.Is(err, sendspin.ErrNoRole) {
		t.Errorf("%v, want ErrNoRole", err)
	}
	if p.AnnouncementFormats() != nil {
		t.Error("it has formats for announcements")
	}
}
