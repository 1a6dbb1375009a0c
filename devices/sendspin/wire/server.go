package wire

import "slices"

// StreamStart starts or changes streams.
type StreamStart struct {
	// Transmitted is when the message is sent, server clock in µs, in the
	// current dialect.
	Transmitted int64          `json:"server_transmitted,omitempty"`
	Player      *PlayerStream  `json:"player,omitempty"`
	Artwork     *ArtworkStream `json:"artwork,omitempty"`
	Visualizer  *Visualizer    `json:"visualizer,omitempty"`

	Announcement *AnnouncementStream `json:"announcement,omitempty"`
}

// ArtworkStream is the format of the pictures that follow, by channel.
type ArtworkStream struct {
	Channels []ArtworkPicture `json:"channels"`
}

// ArtworkPicture is one channel's picture.
type ArtworkPicture struct {
	Source string `json:"source"` // "album", "artist" or "none"
	Format string `json:"format,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// PlayerStream is the format of the audio chunks that follow.
type PlayerStream struct {
	Codec    string `json:"codec"`
	Rate     int    `json:"sample_rate"`
	Channels int    `json:"channels"`
	Bits     int    `json:"bit_depth"`
	Header   []byte `json:"codec_header,omitempty"` // base64 in JSON
}

// Roles names the roles that a stream/clear or stream/end is for, by family;
// none means all.
type Roles struct {
	// Transmitted is as in StreamStart, in stream/clear.
	Transmitted int64    `json:"server_transmitted,omitempty"`
	Roles       []string `json:"roles,omitempty"`
}

// Has tells whether the message is for the given role family.
func (r Roles) Has(family string) bool {
	if len(r.Roles) == 0 {
		return true
	}
	for _, n := range r.Roles {
		if n == family {
			return true
		}
	}
	return false
}

// ServerCommand is what a server asks of a client.
type ServerCommand struct {
	Player *PlayerCommand `json:"player,omitempty"`
	Source *SourceCommand `json:"source,omitempty"` // current dialect
}

// PlayerCommand is the player role's command: "volume", "mute", or, where the
// client's state listed it, "set_output_delay". The cleartext dialect calls that
// one "set_static_delay".
type PlayerCommand struct {
	Command     string `json:"command"`
	Volume      *int   `json:"volume,omitempty"`
	Mute        *bool  `json:"mute,omitempty"`
	OutputDelay *int   `json:"output_delay_ms,omitempty"`
	// StaticDelay is the same in the cleartext dialect.
	StaticDelay *int `json:"static_delay_ms,omitempty"`
}

// The names of the command that sets how late a player's output is.
const (
	setOutputDelay = "set_output_delay"
	setStaticDelay = "set_static_delay"
)

func (c ServerCommand) in(d Dialect) any {
	if p := c.Player; p != nil && p.Command == setOutputDelay && d == Cleartext {
		c.Player = &PlayerCommand{Command: setStaticDelay, StaticDelay: p.OutputDelay}
	}
	return c
}

// DelayCommand is what the dialect calls setting the output delay, as it stands
// in a player's supported_commands.
func DelayCommand(d Dialect) string {
	if d == Cleartext {
		return setStaticDelay
	}
	return setOutputDelay
}

// GroupUpdate is the group that a client is in. In the cleartext dialect a field
// that is empty did not change.
type GroupUpdate struct {
	State string `json:"playback_state,omitempty"` // "playing" or "stopped"
	ID    string `json:"group_id,omitempty"`
	Name  string `json:"group_name,omitempty"`
}

func (g GroupUpdate) in(d Dialect) any {
	if d != Current {
		return g
	}
	return struct {
		State string `json:"playback_state"`
		ID    string `json:"group_id"`
		Name  string `json:"group_name"`
	}(g)
}

// ServerState carries the objects of the roles that show something.
type ServerState struct {
	Metadata   *Metadata   `json:"metadata,omitempty"`
	Controller *Controller `json:"controller,omitempty"`
	Color      *Color      `json:"color,omitempty"` // current dialect
	Jumpgate   *Jumpgate   `json:"_jumpgate,omitempty"`
}

// Metadata describes what plays. In the cleartext dialect a nil field is sent as
// null and clears what the client had, in the current one it is left out: both
// mean the same, as this package always sends the whole object.
type Metadata struct {
	Timestamp   int64     `json:"timestamp"` // server clock, µs: when this is true
	Title       *string   `json:"title"`
	Artist      *string   `json:"artist"`
	AlbumArtist *string   `json:"album_artist"`
	Album       *string   `json:"album"`
	ArtworkURL  *string   `json:"artwork_url"`
	Year        *int      `json:"year"`
	Track       *int      `json:"track"`
	Progress    *Progress `json:"progress"`
	// Repeat and Shuffle are the controller's in the current dialect.
	Repeat  *string `json:"repeat"` // "off", "one", "all"
	Shuffle *bool   `json:"shuffle"`
}

type metadataNow struct {
	Timestamp   int64     `json:"timestamp"`
	Title       *string   `json:"title,omitempty"`
	Artist      *string   `json:"artist,omitempty"`
	AlbumArtist *string   `json:"album_artist,omitempty"`
	Album       *string   `json:"album,omitempty"`
	ArtworkURL  *string   `json:"artwork_url,omitempty"`
	Year        *int      `json:"year,omitempty"`
	Track       *int      `json:"track,omitempty"`
	Progress    *Progress `json:"progress,omitempty"`
}

// Progress is how far playback is.
type Progress struct {
	Position int64 `json:"track_progress"` // ms
	Duration int64 `json:"track_duration"` // ms, 0 if unknown
	Speed    int   `json:"playback_speed"` // 1000 is normal, 0 is paused
}

// Controller is what a controller may do, and the group's volume.
type Controller struct {
	Commands []string `json:"supported_commands"`
	Volume   int      `json:"volume"`
	Muted    bool     `json:"muted"`
	// Of the current dialect.
	Repeat  string `json:"-"` // "off", "one", "all"; empty is off
	Shuffle bool   `json:"-"`
	SeekMax int64  `json:"-"` // ms; goes with the command "seek"
}

type controllerNow struct {
	Commands []string `json:"supported_commands"`
	Volume   int      `json:"volume"`
	Muted    bool     `json:"muted"`
	Repeat   string   `json:"repeat"`
	Shuffle  bool     `json:"shuffle"`
	SeekMax  *int64   `json:"seek_max_ms,omitempty"`
}

// Color is what a light or a screen takes its colours from; nil is not known
// (roles/color/v1.md).
type Color struct {
	Timestamp       int64 `json:"timestamp"` // server clock, µs
	BackgroundDark  *RGB  `json:"background_dark,omitempty"`
	BackgroundLight *RGB  `json:"background_light,omitempty"`
	Primary         *RGB  `json:"primary,omitempty"`
	Accent          *RGB  `json:"accent,omitempty"`
	OnDark          *RGB  `json:"on_dark,omitempty"`
	OnLight         *RGB  `json:"on_light,omitempty"`
}

// RGB is a colour, each part 0 to 255.
type RGB [3]int

// Jumpgate is our own role's object: which of its commands do something now, and
// how the listener likes what plays ("like", "dislike" or "none").
type Jumpgate struct {
	Commands []string `json:"supported_commands"`
	Rating   string   `json:"rating"`
}

// stateShown is a server/state as the current dialect writes it.
type stateShown struct {
	Metadata   *metadataNow   `json:"metadata,omitempty"`
	Controller *controllerNow `json:"controller,omitempty"`
	Color      *Color         `json:"color,omitempty"`
	Jumpgate   *Jumpgate      `json:"_jumpgate,omitempty"`
}

func (s ServerState) in(d Dialect) any {
	if d != Current {
		s.Color = nil
		return s
	}
	now := stateShown{Color: s.Color, Jumpgate: s.Jumpgate}
	if m := s.Metadata; m != nil {
		now.Metadata = &metadataNow{
			Timestamp: m.Timestamp, Title: m.Title, Artist: m.Artist, AlbumArtist: m.AlbumArtist, Album: m.Album,
			ArtworkURL: m.ArtworkURL, Year: m.Year, Track: m.Track, Progress: m.Progress,
		}
	}
	if c := s.Controller; c != nil {
		now.Controller = &controllerNow{
			Commands: append([]string{}, c.Commands...), Volume: c.Volume, Muted: c.Muted, Repeat: c.Repeat, Shuffle: c.Shuffle,
		}
		if c.Repeat == "" {
			now.Controller.Repeat = "off"
		}
		if slices.Contains(c.Commands, "seek") {
			now.Controller.SeekMax = &c.SeekMax
		}
	}
	return now
}

// ParseServerState reads a server/state of the current dialect.
func ParseServerState(m Message) (ServerState, error) {
	var now stateShown
	if err := m.required(&now); err != nil {
		return ServerState{}, err
	}
	s := ServerState{Color: now.Color, Jumpgate: now.Jumpgate}
	if d := now.Metadata; d != nil {
		s.Metadata = &Metadata{
			Timestamp: d.Timestamp, Title: d.Title, Artist: d.Artist, AlbumArtist: d.AlbumArtist, Album: d.Album,
			ArtworkURL: d.ArtworkURL, Year: d.Year, Track: d.Track, Progress: d.Progress,
		}
	}
	if c := now.Controller; c != nil {
		s.Controller = &Controller{Commands: c.Commands, Volume: c.Volume, Muted: c.Muted, Repeat: c.Repeat, Shuffle: c.Shuffle}
		if c.SeekMax != nil {
			s.Controller.SeekMax = *c.SeekMax
		}
	}
	return s, nil
}
