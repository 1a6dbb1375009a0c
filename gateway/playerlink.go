package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// playerLink is the connection to a hardware or software player.
type playerLink struct {
	house   *house
	speaker *speaker
	player  *sendspin.Player
	output  *member.Player // nil until it was in a zone
	lead    time.Duration  // that the player needed when its member was made
	screen  screen
}

func (l *playerLink) member(zoneID, zoneName string) (zone.Member, error) {
	l.lead = member.PlayerLead(l.player.State())
	p, err := member.NewPlayer(member.PlayerConfig{
		Player: l.player, Clock: l.house.cfg.Clock, Group: zoneID, GroupName: zoneName,
		Delay: l.speaker.settings.Delay,
	})
	if err != nil {
		return zone.Member{}, err
	}
	l.output = p
	return zone.Member{Output: p, Shows: p}, nil
}

// waits tells whether the player plays audio but cannot take any now: it has not
// said yet what it needs, or is not admitted.
func (l *playerLink) waits() bool {
	return slices.Contains(l.player.Hello().Roles, sendspin.PlayerV1) && !l.player.State().Available
}

// Errors of the following mean that the connection has ended, which its own
// event tells.

func (l *playerLink) setVolume(percent int) { _ = l.player.SetVolume(percent) }
func (l *playerLink) setMuted(muted bool)   { _ = l.player.SetMuted(muted) }
func (l *playerLink) close()                { l.player.Close() }

// heard takes what the players' server says.
func (h *house) heard(event sendspin.Event) {
	id := event.Player.ID()
	switch event.Kind {
	case sendspin.Connected:
		h.playerConnected(event)
	case sendspin.StateChanged:
		if s := h.linked(event.Player); s != nil {
			h.reported(s, event.State.Volume, event.State.Muted)
			h.relead(s, member.PlayerLead(event.State))
			if f := event.State.Format; f != nil {
				h.reformat(event.Player, wire.FormatDelta{Codec: f.Codec, Channels: f.Channels, Rate: f.Rate, Bits: f.Bits})
			}
			h.occupied(s, event.State)
			h.settle(s) // it may have become able to play
			h.repaint(s)
			h.show(s)
		}
	case sendspin.Gone:
		if s := h.linked(event.Player); s != nil {
			h.unlink(s)
			h.saidGoodbye(s, event.Goodbye)
			h.show(s)
			if event.Goodbye != wire.ConcurrentTry {
				h.doubt(s)
			}
		}
		h.cfg.Inputs.stopped(event.Player)
		_, _ = h.observe(event.Player, false) // an error has been logged
	case sendspin.Commanded:
		if s := h.linked(event.Player); s != nil {
			if event.Jumpgate != "" {
				h.pressOwn(s, s.link.(*playerLink), event.Jumpgate) //nolint:forcetypeassert // linked has looked
			} else {
				h.press(s, event.Command)
			}
		}
	case sendspin.Refused:
		h.log.Info("a button of a player that is not approved was pressed", "player", id)
		if s := h.linked(event.Player); s != nil {
			s.problem = phrase.New(phrase.Unapproved)
			h.show(s)
		}
	case sendspin.Left:
		if s := h.linked(event.Player); s != nil && s.attached != "" {
			s.before = s.settings.Zone
			h.leaveZone(s, phrase.New(phrase.TakenOut))
			h.save(s)
			h.show(s)
		}
	case sendspin.FormatWanted:
		h.reformat(event.Player, event.Format)
	case sendspin.ArtworkWanted:
		if s := h.linked(event.Player); s != nil && s.attached != "" {
			link := s.link.(*playerLink) //nolint:forcetypeassert // linked has looked
			h.paint(link, link.screen.zone, true)
		}
	case sendspin.VisualizerWanted:
		if s := h.linked(event.Player); s != nil && s.attached != "" {
			h.illuminate(s.attached)
		}
	case sendspin.InputStarted:
		h.cfg.Inputs.started(h.ctx, &h.workers, event.Player, event.Input)
	case sendspin.InputEnded:
		h.cfg.Inputs.stopped(event.Player)
	case sendspin.PairingChanged:
		if s := h.linked(event.Player); s != nil {
			h.paired(s, event.Pairing)
		}
	}
}

// occupied takes a player out of its zone when something else plays on it. It
// does not come back by itself (Sendspin, "External Source Handling").
func (h *house) occupied(s *speaker, st sendspin.State) {
	if st.Operation != wire.ExternalSource || s.attached == "" {
		return
	}
	s.before = s.settings.Zone
	h.leaveZone(s, phrase.New(phrase.OtherSource))
	h.save(s)
}

// reformat gives a player another stream format because it asks for it.
func (h *house) reformat(p *sendspin.Player, want wire.FormatDelta) {
	s := h.linked(p)
	if s == nil {
		return
	}
	out := s.link.(*playerLink).output //nolint:forcetypeassert // linked has looked
	if out == nil || !out.Prefer(want) {
		return
	}
	h.log.Info("a player asks for another format", "player", p.ID(), "format", fmt.Sprintf("%+v", want))
	z, ok := h.cfg.Zones.get(s.attached)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
	defer cancel()
	if err := z.Reformat(ctx, s.device.ID); err != nil {
		h.log.Debug("reformat", "player", p.ID(), "error", err)
	}
}

// leadSlack is by how much a player's wish for lead may change before its member
// is made anew, which is heard as a short gap.
const leadSlack = 20 * time.Millisecond

// relead makes a player's member anew when it asks for another lead than the
// member has: a player says what it needs just after it is connected.
func (h *house) relead(s *speaker, lead time.Duration) {
	link, ok := s.link.(*playerLink)
	if !ok || s.attached == "" || (lead-link.lead).Abs() <= leadSlack {
		return
	}
	h.detach(s)
	h.settle(s)
}

// linked returns the speaker whose connection this is.
func (h *house) linked(p *sendspin.Player) *speaker {
	s := h.speakers[p.ID()]
	if s == nil {
		return nil
	}
	if link, ok := s.link.(*playerLink); !ok || link.player != p {
		return nil
	}
	return s
}

func (h *house) playerConnected(event sendspin.Event) {
	d, err := h.observe(event.Player, true)
	if err != nil {
		// It says the id of another kind of device, or there is no room: it gets
		// nothing, least of all that device's place.
		event.Player.Close()
		return
	}
	s := h.speaker(d)
	if s == nil {
		return
	}
	h.unlink(s)
	s.lost, s.problem, s.pairing, s.bye = phrase.Phrase{}, phrase.Phrase{}, nil, ""
	s.device = d
	s.link = &playerLink{house: h, speaker: s, player: event.Player}
	s.volume, s.muted = event.State.Volume, event.State.Muted
	h.settle(s)
	h.show(s)
}

// observe tells the registry what a connection says about its device, and returns
// what is known of it then: its address may have been given before.
func (h *house) observe(p *sendspin.Player, present bool) (devices.Device, error) {
	hello := p.Hello()
	d := devices.Device{
		ID: p.ID(), Kind: devices.Player, Name: hello.Name, Origin: devices.Connected, Present: present, LastSeen: time.Now(),
	}
	if hello.Device != nil {
		d.Model, d.Version = hello.Device.Product, hello.Device.Version
	}
	if at, err := netip.ParseAddrPort(p.Addr()); err == nil {
		d.Addrs = []netip.AddrPort{at}
	}
	err := h.cfg.Registry.Observe(h.ctx, d)
	if err != nil && h.ctx.Err() == nil {
		h.log.Warn("the registry did not take a player", "player", d.Name, "error", err)
	}
	if known, ok := h.cfg.Registry.Device(d.ID); ok && err == nil {
		d = known
	}
	return d, err
}

// access is asked by the players' server, from its own goroutines.
func (h *house) access(clientID string) sendspin.Access {
	if clientID == h.cfg.OwnPlayer {
		return sendspin.Full
	}
	row, err := h.cfg.Store.Device(context.Background(), clientID)
	if err != nil {
		return sendspin.Held
	}
	return accessOf(row)
}

// accessOf is what a player that is not paired may do: everything once somebody
// approved it, and sound, text and pictures while somebody has it in a zone, which
// plainly means to use it.
func accessOf(row store.Device) sendspin.Access {
	switch {
	case row.Approved:
		return sendspin.Full
	case row.Zone != "":
		return sendspin.Listens
	default:
		return sendspin.Held
	}
}

// admit tells a player what it may do now.
func (s *speaker) admit() {
	if link, ok := s.link.(*playerLink); ok {
		_ = link.player.SetAccess(accessOf(s.settings)) // it has gone, which its event tells
	}
}

// press carries out a player's button.
func (h *house) press(s *speaker, c wire.ControllerCommand) {
	if c.Command == "switch" {
		h.switchGroup(s)
		return
	}
	z, ok := h.cfg.Zones.get(s.attached)
	if !ok {
		return
	}
	name := s.device.Name
	h.workers.Go(func() {
		ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
		defer cancel()
		if err := h.carryOut(ctx, z, c); err != nil && !errors.Is(err, context.Canceled) {
			h.log.Info("a player's button failed", "player", name, "command", c.Command, "error", err)
		}
	})
}

func (h *house) carryOut(ctx context.Context, z *runningZone, c wire.ControllerCommand) error {
	switch c.Command {
	case "play":
		return z.Play(ctx)
	case "pause":
		return z.Pause(ctx)
	case "stop":
		return z.Stop(ctx)
	case "next":
		return z.Next(ctx)
	case "previous":
		return z.Previous(ctx)
	case "repeat_off":
		return z.SetRepeat(ctx, zone.RepeatOff)
	case "repeat_one":
		return z.SetRepeat(ctx, zone.RepeatOne)
	case "repeat_all":
		return z.SetRepeat(ctx, zone.RepeatAll)
	case "shuffle", "unshuffle":
		return z.SetShuffle(ctx, c.Command == "shuffle")
	case "volume", "mute":
		h.tell(func() { h.zoneVolume(z.id, c) })
		return nil
	case "seek":
		return z.Seek(ctx, time.Duration(*c.Position)*time.Millisecond)
	case "seek_relative":
		return seekBy(ctx, z, time.Duration(*c.Offset)*time.Millisecond)
	default:
		return fmt.Errorf("no such command: %q", c.Command)
	}
}

// seekBy moves within the track from where it is heard now.
func seekBy(ctx context.Context, z *runningZone, by time.Duration) error {
	st, err := z.State(ctx)
	if err != nil || st.Track == nil {
		return err
	}
	return z.Seek(ctx, min(max(st.Offset+by, 0), max(st.Track.Duration-time.Second, 0)))
}

// zoneVolume sets a group's volume: each device keeps its place among the others
// and below its ceiling.
func (h *house) zoneVolume(zoneID string, c wire.ControllerCommand) {
	var group []*speaker
	var now, ceilings []int
	for _, s := range h.speakers {
		if s.attached == zoneID && c.Mute != nil && s.takes("mute") {
			s.link.setMuted(*c.Mute)
			h.show(s)
		}
		if s.attached == zoneID && s.takes("volume") {
			group = append(group, s)
			now = append(now, min(s.settings.Volume, s.settings.Ceiling))
			ceilings = append(ceilings, s.settings.Ceiling)
		}
	}
	if c.Volume == nil {
		return
	}
	for i, volume := range groupVolume(now, ceilings, *c.Volume) {
		s := group[i]
		s.settings.Volume = volume
		s.link.setVolume(volume)
		h.save(s)
		h.show(s)
	}
}
