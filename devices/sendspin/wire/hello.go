package wire

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Version is the only version of the core message format.
const Version = 1

// Role is a role with its version, as in "player@v1".
type Role string

// The versioned roles that this package has messages for.
const (
	PlayerV1     Role = "player@v1"
	ControllerV1 Role = "controller@v1"
	MetadataV1   Role = "metadata@v1"
	ArtworkV1    Role = "artwork@v1"
	// Of the current dialect.
	ColorV1      Role = "color@v1"
	VisualizerV1 Role = "visualizer@v1"
	SourceV1     Role = "source@v1"

	AnnouncementV1 Role = "announcement@v1"
	// Our own, in either dialect: see docs/players.md.
	JumpgateV1 Role = "_jumpgate@v1"
)

// Family is the role without its version, as message objects are keyed.
func (r Role) Family() string {
	name, _, _ := strings.Cut(string(r), "@")
	return name
}

// Format is an audio format that a player takes.
type Format struct {
	Codec    string `json:"codec"` // "pcm", "flac" or "opus"
	Channels int    `json:"channels"`
	Rate     int    `json:"sample_rate"` // Hz
	Bits     int    `json:"bit_depth"`
}

// DeviceInfo describes a client; every field may be empty.
type DeviceInfo struct {
	Product      string `json:"product_name,omitempty"`
	Manufacturer string `json:"manufacturer,omitempty"`
	Version      string `json:"software_version,omitempty"`
	MAC          string `json:"mac_address,omitempty"` // of the interface that is used
}

// PlayerSupport is the hello's object for the player role.
type PlayerSupport struct {
	Formats        []Format `json:"supported_formats"` // best first
	BufferCapacity int      `json:"buffer_capacity"`   // bytes of coded audio not yet played
	// Commands are "volume" and "mute"; in the current dialect they stand in
	// client/state.
	Commands []string `json:"supported_commands"`
}

// ArtworkChannel is one picture that a client shows.
type ArtworkChannel struct {
	Source string `json:"source"` // "album", "artist" or "none"
	Format string `json:"format"` // "jpeg", "png" or "bmp"
	Width  int    `json:"media_width"`
	Height int    `json:"media_height"`
}

// ArtworkSupport is the hello's object for the artwork role.
type ArtworkSupport struct {
	Channels []ArtworkChannel `json:"channels"`
}

// ClientHello is what a client says of itself: in the cleartext dialect a
// connection's first message.
type ClientHello struct {
	// ID is proven by the client's key in the current dialect, and said by
	// whoever wants to in the cleartext one.
	ID      string          `json:"client_id"`
	Name    string          `json:"name"`
	Device  *DeviceInfo     `json:"device_info,omitempty"`
	Version int             `json:"version"`
	Roles   []Role          `json:"supported_roles"` // best first
	Player  *PlayerSupport  `json:"player@v1_support,omitempty"`
	Artwork *ArtworkSupport `json:"artwork@v1_support,omitempty"` // cleartext; else in client/state

	// Of the current dialect.
	Source     *SourceSupport     `json:"-"`
	Visualizer *VisualizerSupport `json:"-"`

	Announcement *AnnouncementSupport `json:"-"`

	Pairing  PairMethods    `json:"-"`
	Unpaired UnpairedAccess `json:"-"`
}

// helloNow is a client/hello as the current dialect writes it.
type helloNow struct {
	Name       string             `json:"name"`
	Device     *DeviceInfo        `json:"device_info,omitempty"`
	Roles      []Role             `json:"supported_roles"`
	Player     *playerNow         `json:"player@v1_support,omitempty"`
	Source     *SourceSupport     `json:"source@v1_support,omitempty"`
	Visualizer *VisualizerSupport `json:"visualizer@v1_support,omitempty"`

	Announcement *AnnouncementSupport `json:"announcement@v1_support,omitempty"`

	Pairing  PairMethods    `json:"supported_pair_methods"`
	Unpaired UnpairedAccess `json:"unpaired_access"`
}

type playerNow struct {
	Formats        []Format `json:"supported_formats"`
	BufferCapacity int      `json:"buffer_capacity"`
	Commands       []string `json:"supported_commands,omitempty"` // where PairMethods.Listed; else in client/state
}

func (h ClientHello) in(d Dialect) any {
	if d != Current {
		return h
	}
	now := helloNow{
		Name: h.Name, Device: h.Device, Roles: h.Roles, Source: h.Source, Visualizer: h.Visualizer,
		Announcement: h.Announcement, Pairing: h.Pairing, Unpaired: h.Unpaired,
	}
	if h.Player != nil {
		now.Player = &playerNow{Formats: h.Player.Formats, BufferCapacity: h.Player.BufferCapacity}
		if h.Pairing.Listed {
			now.Player.Commands = h.Player.Commands
		}
	}
	return now
}

// ParseHelloNow reads and checks a client/hello of the current dialect, from the
// client whose id the handshake has proven. A role whose object is missing or
// cannot be used is left out: a server must not activate it.
func ParseHelloNow(m Message, id string) (ClientHello, error) {
	if m.Type != TypeClientHello {
		return ClientHello{}, fmt.Errorf("%w: %q before the hello", ErrMalformed, clip(string(m.Type)))
	}
	var now helloNow
	if err := m.required(&now); err != nil {
		return ClientHello{}, err
	}
	h := ClientHello{
		ID: id, Name: now.Name, Device: now.Device, Version: Version, Roles: now.Roles,
		Source: now.Source, Visualizer: now.Visualizer, Announcement: now.Announcement, Pairing: now.Pairing, Unpaired: now.Unpaired,
	}
	if now.Player != nil {
		h.Player = &PlayerSupport{Formats: now.Player.Formats, BufferCapacity: now.Player.BufferCapacity}
		if h.Pairing.Listed {
			h.Player.Commands = now.Player.Commands
		}
	}
	h.Pairing.check()
	if len(h.Roles) > maxList {
		return ClientHello{}, fmt.Errorf("%w: client/hello: %d roles", ErrMalformed, len(h.Roles))
	}
	usable := []Role{}
	for _, r := range h.Roles {
		if len(r) <= maxName && h.supports(r) {
			usable = append(usable, r)
		}
	}
	h.Roles = usable
	if err := h.check(); err != nil {
		return ClientHello{}, fmt.Errorf("%w: client/hello: %w", ErrMalformed, err)
	}
	return h, nil
}

// supports tells whether the hello has what the role asks for.
func (h *ClientHello) supports(r Role) bool {
	switch r {
	case PlayerV1:
		return h.Player.check() == nil
	case VisualizerV1:
		return h.Visualizer != nil && h.Visualizer.BufferCapacity > 0
	case SourceV1:
		return h.Source != nil
	case AnnouncementV1:
		return h.Announcement.check() == nil
	default:
		return true
	}
}

// ServerHello is what a server says of itself.
type ServerHello struct {
	ID      string `json:"server_id"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	Active  []Role `json:"active_roles"` // cleartext; else in server/activate
	// Reason is "discovery" or "playback"; clients look at it only where the
	// server opened the connection, in the cleartext dialect.
	Reason Reason `json:"connection_reason"`

	// Of the current dialect: languages of its owner (BCP 47, best first), and
	// what it takes from sources.
	Languages []string       `json:"-"`
	Source    *SourceSupport `json:"-"`
}

// serverHelloNow is a server/hello as the current dialect writes it.
type serverHelloNow struct {
	Name      string         `json:"name"`
	Languages []string       `json:"languages,omitempty"`
	Source    *SourceSupport `json:"source@v1_support,omitempty"`
}

func (h ServerHello) in(d Dialect) any {
	if d != Current {
		return h
	}
	return serverHelloNow{Name: h.Name, Languages: h.Languages, Source: h.Source}
}

// ParseServerHelloNow reads a server/hello of the current dialect, from the
// server whose id the handshake has proven.
func ParseServerHelloNow(m Message, id string) (ServerHello, error) {
	var now serverHelloNow
	if err := m.required(&now); err != nil {
		return ServerHello{}, err
	}
	if len(now.Languages) > maxList {
		now.Languages = now.Languages[:maxList]
	}
	return ServerHello{ID: id, Name: clip(now.Name), Version: Version, Languages: now.Languages, Source: now.Source}, nil
}

// Reason is why a server opened a connection.
type Reason string

// The reasons to connect.
const (
	Discovery Reason = "discovery" // the client shall be there when it is wanted
	Playback  Reason = "playback"  // it is wanted now
)

// ParseClientHello reads and checks a hello of the cleartext dialect. Players must name at least one
// format and a positive buffer.
func ParseClientHello(m Message) (ClientHello, error) {
	var h ClientHello
	if m.Type != TypeClientHello {
		return h, fmt.Errorf("%w: %q before the hello", ErrMalformed, clip(string(m.Type)))
	}
	if err := m.Decode(&h); err != nil {
		return ClientHello{}, err
	}
	if err := h.check(); err != nil {
		return ClientHello{}, fmt.Errorf("%w: client/hello: %w", ErrMalformed, err)
	}
	if slices.Contains(h.Roles, ArtworkV1) && (h.Artwork == nil || len(h.Artwork.Channels) > 4) {
		return ClientHello{}, fmt.Errorf("%w: client/hello: artwork@v1 without one to four channels", ErrMalformed)
	}
	return h, nil
}

func (h *ClientHello) check() error {
	switch {
	case h.ID == "" || len(h.ID) > maxName || !utf8.ValidString(h.ID):
		return fmt.Errorf("client_id of %d bytes", len(h.ID))
	case h.Version != Version:
		return fmt.Errorf("version %d", h.Version)
	case len(h.Roles) > maxList:
		return fmt.Errorf("%d roles", len(h.Roles))
	}
	h.Name = clip(h.Name)
	if h.Name == "" {
		h.Name = h.ID
	}
	if d := h.Device; d != nil {
		d.Product, d.Manufacturer = clip(d.Product), clip(d.Manufacturer)
		d.Version, d.MAC = clip(d.Version), clip(d.MAC)
	}
	for _, r := range h.Roles {
		if len(r) > maxName {
			return fmt.Errorf("role of %d bytes", len(r))
		}
		if r == PlayerV1 {
			if err := h.Player.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *PlayerSupport) check() error {
	if p == nil {
		return fmt.Errorf("player@v1 without player@v1_support")
	}
	if len(p.Formats) == 0 || len(p.Formats) > maxList || len(p.Commands) > maxList {
		return fmt.Errorf("%d formats, %d commands", len(p.Formats), len(p.Commands))
	}
	if p.BufferCapacity <= 0 {
		return fmt.Errorf("buffer_capacity %d", p.BufferCapacity)
	}
	for _, f := range p.Formats {
		if f.Channels < 1 || f.Channels > 32 || f.Rate < 1 || f.Rate > 1_536_000 || f.Bits < 0 || f.Bits > 64 {
			return fmt.Errorf("format %v", f)
		}
	}
	return nil
}

// clip shortens a text that is only shown, at a border between characters.
func clip(s string) string {
	if len(s) > maxName {
		s = s[:maxName]
	}
	return strings.ToValidUTF8(s, "")
}

// Activate picks the roles that a server turns on: of each family the first
// one in the client's order that is among ours.
func Activate(client, ours []Role) []Role {
	active := []Role{}
	seen := map[string]bool{}
	for _, r := range client {
		if seen[r.Family()] {
			continue
		}
		for _, o := range ours {
			if r == o {
				active = append(active, r)
				seen[r.Family()] = true
			}
		}
	}
	return active
}
