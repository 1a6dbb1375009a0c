package wire

import (
	"cmp"
	"fmt"
)

// ClientTime asks for the server's clock.
type ClientTime struct {
	Transmitted int64 `json:"client_transmitted"` // client clock, µs
}

// ServerTime answers it. Both server stamps are of the server's monotonic
// clock, in µs.
type ServerTime struct {
	ClientTransmitted int64 `json:"client_transmitted"`
	Received          int64 `json:"server_received"`
	Transmitted       int64 `json:"server_transmitted"`
}

// Operation is a client's operational state.
type Operation string

// The operational states. The current dialect says only whether a client is
// available: it is taken for Synchronized then, else for ExternalSource.
const (
	Synchronized   Operation = "synchronized"
	InError        Operation = "error"
	ExternalSource Operation = "external_source"
)

// ClientState is what a client reports: in the cleartext dialect what changed,
// in the current one each object whole.
type ClientState struct {
	State  Operation         `json:"state,omitempty"`
	Player *PlayerStateDelta `json:"player,omitempty"`

	// Of the current dialect.
	Source     *SourceState    `json:"-"`
	Artwork    *ArtworkSupport `json:"-"`
	Visualizer *Visualizer     `json:"-"`

	Announcement *AnnouncementState `json:"-"`
}

// PlayerStateDelta carries the fields that changed; nil is unchanged. Besides
// January's volume and mute it knows what sendspin-js 3.x and later firmware
// report beside them in the same dialect.
type PlayerStateDelta struct {
	Volume *int  `json:"volume,omitempty"`
	Muted  *bool `json:"muted,omitempty"`
	// State stands here instead of one level up in sendspin-js 3.x.
	State         Operation `json:"state,omitempty"`
	OutputDelay   *int      `json:"static_delay_ms,omitempty"`
	RequiredLead  *int      `json:"required_lead_time_ms,omitempty"`
	MinimumBuffer *int      `json:"min_buffer_ms,omitempty"`
	Commands      []string  `json:"supported_commands,omitempty"`
	// Format is what the player prefers now, nil for the order of its hello;
	// it counts where Whole is set, as in the current dialect.
	Format *Format `json:"-"`
	Whole  bool    `json:"-"`
}

// stateNow is a client/state as the current dialect writes it.
type stateNow struct {
	Available  *bool           `json:"available,omitempty"`
	Player     *playerStateNow `json:"player,omitempty"`
	Source     *SourceState    `json:"source,omitempty"`
	Artwork    *artworkNow     `json:"artwork,omitempty"`
	Visualizer *Visualizer     `json:"visualizer,omitempty"`

	Announcement *AnnouncementState `json:"announcement,omitempty"`
}

type playerStateNow struct {
	Volume        *int     `json:"volume,omitempty"`
	Muted         *bool    `json:"muted,omitempty"`
	OutputDelay   int      `json:"output_delay_ms"`
	RequiredLead  int      `json:"required_lead_time_ms"`
	MinimumBuffer int      `json:"min_buffer_ms"`
	Commands      []string `json:"supported_commands"`
	Format        *Format  `json:"format,omitempty"`
}

type artworkNow struct {
	Channels []ArtworkPicture `json:"channels"`
}

func (s ClientState) in(d Dialect) any {
	if d != Current {
		return s
	}
	available := s.State != ExternalSource
	now := stateNow{Available: &available, Source: s.Source, Visualizer: s.Visualizer, Announcement: s.Announcement}
	if p := s.Player; p != nil {
		value := func(ms *int) int {
			if ms == nil {
				return 0
			}
			return *ms
		}
		now.Player = &playerStateNow{
			Volume: p.Volume, Muted: p.Muted, OutputDelay: value(p.OutputDelay), RequiredLead: value(p.RequiredLead),
			MinimumBuffer: value(p.MinimumBuffer), Commands: append([]string{}, p.Commands...), Format: p.Format,
		}
	}
	if s.Artwork != nil {
		now.Artwork = &artworkNow{Channels: []ArtworkPicture{}}
		for _, c := range s.Artwork.Channels {
			now.Artwork.Channels = append(now.Artwork.Channels, ArtworkPicture(c))
		}
	}
	return now
}

// ParseClientState reads and checks a client/state.
func ParseClientState(d Dialect, m Message) (ClientState, error) {
	var s ClientState
	var err error
	if d == Current {
		s, err = parseStateNow(m)
	} else {
		err = m.Decode(&s)
	}
	if err != nil {
		return ClientState{}, err
	}
	p := s.Player
	if p == nil {
		return s, nil
	}
	if p.State != "" && s.State == "" {
		s.State = p.State
	}
	if v := p.Volume; v != nil && (*v < 0 || *v > 100) {
		return ClientState{}, fmt.Errorf("%w: volume %d", ErrMalformed, *v)
	}
	for _, ms := range []*int{p.OutputDelay, p.RequiredLead, p.MinimumBuffer} {
		if ms != nil && (*ms < 0 || *ms > 60_000) {
			return ClientState{}, fmt.Errorf("%w: %d ms", ErrMalformed, *ms)
		}
	}
	if len(p.Commands) > maxList {
		return ClientState{}, fmt.Errorf("%w: %d commands", ErrMalformed, len(p.Commands))
	}
	return s, nil
}

func parseStateNow(m Message) (ClientState, error) {
	var now stateNow
	if err := m.required(&now); err != nil {
		return ClientState{}, err
	}
	s := ClientState{Source: now.Source, Visualizer: now.Visualizer, Announcement: now.Announcement}
	if now.Available != nil {
		s.State = ExternalSource
		if *now.Available {
			s.State = Synchronized
		}
	}
	if p := now.Player; p != nil {
		s.Player = &PlayerStateDelta{
			Volume: p.Volume, Muted: p.Muted, OutputDelay: &p.OutputDelay, RequiredLead: &p.RequiredLead,
			MinimumBuffer: &p.MinimumBuffer, Commands: append([]string{}, p.Commands...), Format: p.Format, Whole: true,
		}
	}
	if a := now.Artwork; a != nil {
		if len(a.Channels) > 4 {
			return ClientState{}, fmt.Errorf("%w: %d artwork channels", ErrMalformed, len(a.Channels))
		}
		s.Artwork = &ArtworkSupport{}
		for _, c := range a.Channels {
			if c.Source != "none" && (c.Width < 1 || c.Height < 1) {
				return ClientState{}, fmt.Errorf("%w: artwork of %d x %d", ErrMalformed, c.Width, c.Height)
			}
			s.Artwork.Channels = append(s.Artwork.Channels, ArtworkChannel(c))
		}
	}
	if a := s.Announcement; a != nil && a.RequiredLead != nil && (*a.RequiredLead < 0 || *a.RequiredLead > 60_000) {
		return ClientState{}, fmt.Errorf("%w: announcements want %d ms", ErrMalformed, *a.RequiredLead)
	}
	if v := s.Visualizer; v != nil {
		if err := v.check(); err != nil {
			return ClientState{}, err
		}
	}
	return s, nil
}

// ClientCommand is a press of a button at a client.
type ClientCommand struct {
	Controller *ControllerCommand `json:"controller,omitempty"`
	Jumpgate   *JumpgateCommand   `json:"_jumpgate,omitempty"`
}

// JumpgateCommand is our own role's command: "jump", "like" or "dislike". See
// docs/players.md.
type JumpgateCommand struct {
	Command string `json:"command"`
}

// ControllerCommand is the controller role's command.
type ControllerCommand struct {
	Command string `json:"command"`
	Volume  *int   `json:"volume,omitempty"` // with "volume"
	Mute    *bool  `json:"mute,omitempty"`   // with "mute"
	// Position and Offset are in ms, with "seek" and with "seek_relative".
	Position *int64 `json:"position_ms,omitempty"`
	Offset   *int64 `json:"offset_ms,omitempty"`
}

// ParseClientCommand reads and checks a client/command. The controller object
// is nil where the command is for a role that we do not know.
func ParseClientCommand(m Message) (ClientCommand, error) {
	var c ClientCommand
	if err := m.Decode(&c); err != nil {
		return ClientCommand{}, err
	}
	if j := c.Jumpgate; j != nil && len(j.Command) > maxName {
		return ClientCommand{}, fmt.Errorf("%w: _jumpgate command", ErrMalformed)
	}
	k := c.Controller
	if k == nil {
		return c, nil
	}
	if len(k.Command) > maxName || (k.Volume != nil && (*k.Volume < 0 || *k.Volume > 100)) {
		return ClientCommand{}, fmt.Errorf("%w: controller command", ErrMalformed)
	}
	missing := k.Command == "volume" && k.Volume == nil || k.Command == "mute" && k.Mute == nil ||
		k.Command == "seek" && k.Position == nil || k.Command == "seek_relative" && k.Offset == nil
	if missing {
		return ClientCommand{}, fmt.Errorf("%w: %s without its value", ErrMalformed, k.Command)
	}
	return c, nil
}

// RequestFormat asks for another stream format.
type RequestFormat struct {
	Player  *FormatDelta  `json:"player,omitempty"`
	Artwork *ArtworkDelta `json:"artwork,omitempty"`
}

// ArtworkDelta names what shall change on one channel; zero is unchanged.
type ArtworkDelta struct {
	Channel int    `json:"channel"`
	Source  string `json:"source,omitempty"`
	Format  string `json:"format,omitempty"`
	Width   int    `json:"media_width,omitempty"`
	Height  int    `json:"media_height,omitempty"`
}

// Apply changes the channel.
func (d ArtworkDelta) Apply(c *ArtworkChannel) {
	c.Source, c.Format = cmp.Or(d.Source, c.Source), cmp.Or(d.Format, c.Format)
	c.Width, c.Height = cmp.Or(d.Width, c.Width), cmp.Or(d.Height, c.Height)
}

// FormatDelta names what shall change; zero is unchanged.
type FormatDelta struct {
	Codec    string `json:"codec,omitempty"`
	Channels int    `json:"channels,omitempty"`
	Rate     int    `json:"sample_rate,omitempty"`
	Bits     int    `json:"bit_depth,omitempty"`
}

// Goodbye is why a client leaves.
type Goodbye string

// The reasons of client/goodbye.
const (
	AnotherServer Goodbye = "another_server" // do not reconnect by yourself; the client stays available
	Shutdown      Goodbye = "shutdown"       // do not reconnect
	Restart       Goodbye = "restart"        // reconnect
	UserRequest   Goodbye = "user_request"   // do not reconnect
	// Of the current dialect.
	Unauthorized    Goodbye = "unauthorized"       // do not reconnect for the same purpose
	PairingRequired Goodbye = "pairing_required"   // do not reconnect without pairing
	ConcurrentTry   Goodbye = "concurrent_attempt" // it has another server: try later
	Unpaired        Goodbye = "unpaired"           // do not reconnect
)

// ClientGoodbye is a client's last message.
type ClientGoodbye struct {
	Reason Goodbye `json:"reason"`
}
