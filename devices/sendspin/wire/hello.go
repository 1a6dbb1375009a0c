package wire

import (
	"fmt"
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
}

// PlayerSupport is the hello's object for the player role.
type PlayerSupport struct {
	Formats        []Format `json:"supported_formats"`  // best first
	BufferCapacity int      `json:"buffer_capacity"`    // bytes of coded audio not yet played
	Commands       []string `json:"supported_commands"` // "volume", "mute"
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

// ClientHello is the first message of a connection.
type ClientHello struct {
	ID      string          `json:"client_id"`
	Name    string          `json:"name"`
	Device  *DeviceInfo     `json:"device_info,omitempty"`
	Version int             `json:"version"`
	Roles   []Role          `json:"supported_roles"` // best first
	Player  *PlayerSupport  `json:"player@v1_support,omitempty"`
	Artwork *ArtworkSupport `json:"artwork@v1_support,omitempty"`
}

// ServerHello answers it.
type ServerHello struct {
	ID      string `json:"server_id"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	Active  []Role `json:"active_roles"`
	// Reason is "discovery" or "playback"; clients look at it only where the
	// server opened the connection.
	Reason Reason `json:"connection_reason"`
}

// Reason is why a server opened a connection.
type Reason string

// The reasons to connect.
const (
	Discovery Reason = "discovery" // the client shall be there when it is wanted
	Playback  Reason = "playback"  // it is wanted now
)

// ParseClientHello reads and checks a hello. Players must name at least one
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
		d.Product, d.Manufacturer, d.Version = clip(d.Product), clip(d.Manufacturer), clip(d.Version)
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
		if r == ArtworkV1 && (h.Artwork == nil || len(h.Artwork.Channels) > 4) {
			return fmt.Errorf("artwork@v1 without one to four channels")
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
