package wire

// StreamStart starts or changes streams.
type StreamStart struct {
	Player  *PlayerStream  `json:"player,omitempty"`
	Artwork *ArtworkStream `json:"artwork,omitempty"`
}

// ArtworkStream is the format of the pictures that follow, by channel.
type ArtworkStream struct {
	Channels []ArtworkPicture `json:"channels"`
}

// ArtworkPicture is one channel's picture.
type ArtworkPicture struct {
	Source string `json:"source"`
	Format string `json:"format"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
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
	Roles []string `json:"roles,omitempty"`
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

// ServerCommand is what a server asks of a player.
type ServerCommand struct {
	Player *PlayerCommand `json:"player,omitempty"`
}

// PlayerCommand is the player role's command: "volume", "mute", or, where the
// client's state listed it, "set_static_delay".
type PlayerCommand struct {
	Command     string `json:"command"`
	Volume      *int   `json:"volume,omitempty"`
	Mute        *bool  `json:"mute,omitempty"`
	StaticDelay *int   `json:"static_delay_ms,omitempty"`
}

// GroupUpdate is what changed of the group that a client is in.
type GroupUpdate struct {
	State string `json:"playback_state,omitempty"` // "playing" or "stopped"
	ID    string `json:"group_id,omitempty"`
	Name  string `json:"group_name,omitempty"`
}

// ServerState carries the objects of the roles that show something.
type ServerState struct {
	Metadata   *Metadata   `json:"metadata,omitempty"`
	Controller *Controller `json:"controller,omitempty"`
}

// Metadata describes what plays. A nil field is sent as null and clears what
// the client had: this package always sends the whole object.
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
	Repeat      *string   `json:"repeat"` // "off", "one", "all"
	Shuffle     *bool     `json:"shuffle"`
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
}
