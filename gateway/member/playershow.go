package member

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// playerCommands are what a zone can be asked for from a player's buttons.
var playerCommands = []string{
	"play", "pause", "stop", "next", "previous", "volume", "mute",
	"repeat_off", "repeat_one", "repeat_all", "shuffle", "unshuffle", "switch",
}

// face is what a player shows; the zone publishes more often than it changes.
type face struct {
	state   zone.Transport
	track   string
	epoch   uint64
	repeat  zone.Repeat
	shuffle bool
	volume  int
	muted   bool
}

// Show implements zone.Presenter: text, progress, and what the player's
// buttons may do. A player whose zone does not play gets its stream ended, so
// that it can switch off its amplifier.
func (p *Player) Show(n zone.NowPlaying) {
	playing := n.State == zone.Playing
	player := p.cfg.Player
	state := player.State()
	face := face{
		state: n.State, track: n.Track.ID, epoch: n.Epoch, repeat: n.Repeat, shuffle: n.Shuffle,
		volume: max(state.Volume, 0), muted: state.Muted,
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group != nil {
		face.volume, face.muted = p.group.volume, p.group.muted
	}
	if p.face != face {
		p.face = face
		// Errors mean that the connection has ended or that the role is not there.
		_ = player.SetGroup(p.cfg.Group, p.cfg.GroupName, playing)
		_ = player.SetMetadata(p.metadata(n))
		p.control = PlayerController(n)
		p.control.Volume, p.control.Muted = face.volume, face.muted
		_ = player.SetController(p.control)
	}
	if !playing && p.stream != nil && p.written <= p.cfg.Clock.Now() {
		p.stream = nil
		_ = player.End()
	}
}

// loudness is a group's.
type loudness struct {
	volume int
	muted  bool
}

// SetGroupVolume shows a group's volume, the average of its members', and
// whether all of them are muted; until then a player is shown its own.
func (p *Player) SetGroupVolume(volume int, muted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group != nil && *p.group == (loudness{volume, muted}) {
		return
	}
	p.group = &loudness{volume, muted}
	if p.face == (face{}) {
		return // Show has not told it anything yet
	}
	p.face.volume, p.face.muted = volume, muted
	p.control.Volume, p.control.Muted = volume, muted
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
// zone; its volume is the caller's to say.
func PlayerController(n zone.NowPlaying) sendspin.Controller {
	c := sendspin.Controller{Commands: playerCommands, Volume: 100, Repeat: string(n.Repeat), Shuffle: n.Shuffle}
	if n.Track.ID != "" && n.Track.Duration > 0 {
		c.Commands = append(slices.Clone(playerCommands), "seek", "seek_relative")
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
