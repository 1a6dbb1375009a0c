package sendspin

import (
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Announcement is a clip that a client plays over what it plays, or on its own
// (roles/announcement/v1.md).
type Announcement struct {
	Format StreamFormat // one of Player.AnnouncementFormats
	Chunks []AnnouncementChunk
	Duck   int           // dB by which the client's music is quieter meanwhile
	Ramp   time.Duration // of that, 0 to 2 s
	Volume *int          // 0 to 100, whatever the client's is; nil: the client's
}

// AnnouncementChunk is a piece of the clip, 15 to 150 ms.
type AnnouncementChunk struct {
	Data    []byte
	Samples int // of each channel
}

// defaultAnnouncementLead is for clients that do not say (roles/announcement/v1.md).
const defaultAnnouncementLead = 500 * time.Millisecond

// announcing is the announcement that a client is being sent. It belongs to
// whoever holds the player's mu.
type announcing struct {
	said bool // the client's state has come since the role is active
	lead time.Duration

	clip    *Announcement
	next    int   // chunk to send
	played  int   // chunk that is heard, by the clock
	inside  int   // bytes that the client has and has not played
	playEnd int64 // when chunk played is
}

// AnnouncementFormats are what the client takes for announcements, best first;
// empty: it takes none, or not now.
func (p *Player) AnnouncementFormats() []wire.Format {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mayAnnounce() != nil {
		return nil
	}
	return p.hello.Announcement.Formats
}

// AnnouncementLead is how long before its start an announcement is to be handed
// over, its ramp included.
func (p *Player) AnnouncementLead(ramp time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.announcing.lead + ramp
}

// mayAnnounce wants mu held.
func (p *Player) mayAnnounce() error {
	switch {
	case p.why != nil:
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	case !p.has(wire.AnnouncementV1):
		return ErrNoRole
	case !p.announcing.said || p.state.Operation != wire.Synchronized:
		return ErrUnavailable
	}
	return nil
}

// Announce has the client play a clip from the given time of the server's clock
// on; one that plays ends. Several clients may be given the same time. The clip is
// kept until it is sent: nobody may change it.
func (p *Player) Announce(clip Announcement, at int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.mayAnnounce(); err != nil {
		return err
	}
	if clip.Format.Rate <= 0 || len(clip.Chunks) == 0 {
		return fmt.Errorf("sendspin: announcement without sound")
	}
	if err := p.endAnnouncement(); err != nil {
		return err
	}
	f := clip.Format
	header := f.Header
	if f.Codec == "opus" {
		header = nil
	}
	start := wire.StreamStart{Transmitted: p.server.cfg.Now(), Announcement: &wire.AnnouncementStream{
		PlayerStream: wire.PlayerStream{Codec: f.Codec, Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: header},
		Start:        at, Duck: max(clip.Duck, 0), Ramp: int(min(max(clip.Ramp, 0), 2*time.Second).Milliseconds()), Volume: clip.Volume,
	}}
	if err := p.say(wire.TypeStreamStart, start, urgent{}); err != nil {
		return err
	}
	a := &p.announcing
	a.clip, a.next, a.played, a.inside = &clip, 0, 0, 0
	a.playEnd = at + clip.span(0)
	p.out.notify()
	return nil
}

// StopAnnouncement ends an announcement: the client plays what it has of it.
func (p *Player) StopAnnouncement() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.endAnnouncement()
}

// endAnnouncement wants mu held.
func (p *Player) endAnnouncement() error {
	if p.announcing.clip == nil {
		return nil
	}
	p.announcing.clip = nil
	return p.say(wire.TypeStreamEnd, wire.Roles{Roles: []string{wire.AnnouncementV1.Family()}}, urgent{})
}

// span is how long a chunk is, in µs.
func (a *Announcement) span(i int) int64 {
	return int64(a.Chunks[i].Samples) * 1_000_000 / int64(a.Format.Rate)
}

// nextAnnouncement is the writer's: a chunk that fits into the client's buffer, or
// when to look again.
func (p *Player) nextAnnouncement(now int64) (message []byte, again int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &p.announcing
	if a.clip == nil {
		return nil, 0
	}
	for a.played < a.next && a.playEnd <= now {
		a.inside -= len(a.clip.Chunks[a.played].Data)
		if a.played++; a.played < len(a.clip.Chunks) {
			a.playEnd += a.clip.span(a.played)
		}
	}
	if a.next == len(a.clip.Chunks) {
		_ = p.endAnnouncement() // an error is of encoding, which this cannot have
		return nil, 0
	}
	data := a.clip.Chunks[a.next].Data
	if a.inside > 0 && a.inside+len(data) > p.hello.Announcement.BufferCapacity {
		return nil, a.playEnd
	}
	a.next++
	a.inside += len(data)
	return wire.AppendAnnouncement(nil, data), 0
}
