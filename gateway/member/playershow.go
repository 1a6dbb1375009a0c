package member

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// playerCommands are what any zone can be asked for from a player's buttons.
var playerCommands = []string{
	"play", "pause", "stop", "next", "previous",
	"repeat_off", "repeat_one", "repeat_all", "shuffle", "unshuffle", "switch",
}

// face is what a player shows; the zone publishes more often than it changes.
type face struct {
	state   zone.Transport
	track   string
	epoch   uint64
	repeat  zone.Repeat
	shuffle bool
	group   Loudness
}

// Show implements zone.Presenter: text, progress, and what the player's
// buttons may do. A player whose zone does not play gets its stream ended, so
// that it can switch off its amplifier.
func (p *Player) Show(n zone.NowPlaying) {
	playing := n.State == zone.Playing
	player := p.cfg.Player
	p.mu.Lock()
	defer p.mu.Unlock()
	face := face{
		state: n.State, track: n.Track.ID, epoch: n.Epoch, repeat: n.Repeat, shuffle: n.Shuffle, group: p.loudness(),
	}
	if p.face != face {
		p.face = face
		// Errors mean that the connection has ended or that the role is not there.
		_ = player.SetGroup(p.cfg.Group, p.cfg.GroupName, playing)
		_ = player.SetMetadata(p.metadata(n))
		p.now = n
		p.control = PlayerController(n, face.group)
		_ = player.SetController(p.control)
	}
	if !playing && p.stream != nil && p.written <= p.cfg.Clock.Now() {
		p.stream = nil
		_ = player.End()
	}
}

// Loudness is a group's volume: the average of those of its members that can be
// told one, 100 without any; and whether all that can be muted are.
type Loudness struct {
	Volume           int
	Muted            bool
	Volumes, Mutable bool // some member can be told
}

// loudness is the group's; until somebody said it, the player's own. It wants mu
// held.
func (p *Player) loudness() Loudness {
	if p.group != nil {
		return *p.group
	}
	own := p.cfg.Player.State()
	return Loudness{
		Volume: max(own.Volume, 0), Muted: own.Muted,
		Volumes: p.cfg.Player.Takes("volume"), Mutable: p.cfg.Player.Takes("mute"),
	}
}

// SetGroupVolume shows how loud the player's group is.
func (p *Player) SetGroupVolume(l Loudness) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group != nil && *p.group == l {
		return
	}
	p.group = &l
	if p.face == (face{}) {
		return // Show has not told it anything yet
	}
	p.face.group = l
	p.control = PlayerController(p.now, l)
	_ = p.cfg.Player.SetController(p.control)
}

func (p *Player) metadata(n zone.NowPlaying) sendspin.Metadata {
	m := PlayerMetadata(n)
	if p.cfg.ArtworkURL != nil && n.Track.Cover != "" {
		url := p.cfg.ArtworkURL(n.Track.Cover)
		m.ArtworkURL = &url
	}
	return m
}

// PlayerController is what the buttons of a player, or of a remote, may do in a
// zone.
func PlayerController(n zone.NowPlaying, group Loudness) sendspin.Controller {
	c := sendspin.Controller{
		Commands: slices.Clone(playerCommands), Volume: group.Volume, Muted: group.Muted,
		Repeat: string(n.Repeat), Shuffle: n.Shuffle,
	}
	if group.Volumes {
		c.Commands = append(c.Commands, "volume")
	} else {
		c.Volume = 100
	}
	if group.Mutable {
		c.Commands = append(c.Commands, "mute")
	}
	if n.Track.ID != "" && n.Track.Duration > 0 {
		c.Commands = append(c.Commands, "seek", "seek_relative")
		c.SeekMax = n.Track.Duration.Milliseconds()
	}
	return c
}

// PlayerMetadata is what a player, or a screen, shows of a zone.
func PlayerMetadata(n zone.NowPlaying) sendspin.Metadata {
	m := sendspin.Metadata{Timestamp: int64(n.At)}
	t := n.Track
	if t.ID == "" {
		return m
	}
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	m.Title, m.Artist, m.Album = text(t.Title), text(t.Artist), text(t.Album)
	if t.Number > 0 {
		m.Track = &t.Number
	}
	speed := 0
	if n.State == zone.Playing {
		speed = 1000
	}
	m.Progress = &sendspin.Progress{Position: n.Offset.Milliseconds(), Duration: t.Duration.Milliseconds(), Speed: speed}
	m.Repeat, m.Shuffle = text(string(n.Repeat)), &n.Shuffle
	return m
}
