package wire

import "fmt"

// AnnouncementChunk is the binary message type of the announcement role.
const AnnouncementChunk byte = 24

// AnnouncementSupport is the hello's object of the announcement role.
type AnnouncementSupport struct {
	Formats        []Format `json:"supported_formats"` // best first
	BufferCapacity int      `json:"buffer_capacity"`   // bytes of coded audio not yet played
}

// check wants what the player role's object has to have as well.
func (a *AnnouncementSupport) check() error {
	if a == nil {
		return fmt.Errorf("announcement@v1 without announcement@v1_support")
	}
	return (&PlayerSupport{Formats: a.Formats, BufferCapacity: a.BufferCapacity}).check()
}

// AnnouncementState is the role's object in client/state.
type AnnouncementState struct {
	State        string `json:"state,omitempty"` // "playing", "idle" or empty
	RequiredLead *int   `json:"required_lead_time_ms,omitempty"`
}

// AnnouncementStream is an announcement in stream/start.
type AnnouncementStream struct {
	PlayerStream
	Start  int64 `json:"start_timestamp"` // server clock, µs
	Duck   int   `json:"media_duck_db"`
	Ramp   int   `json:"duck_ramp_ms"`
	Volume *int  `json:"volume,omitempty"` // 0 to 100; nil follows the client's
}

// AppendAnnouncement appends a chunk of an announcement.
func AppendAnnouncement(dst, data []byte) []byte {
	return append(append(dst, AnnouncementChunk), data...)
}

// ParseAnnouncement reads one; data is a part of message, not a copy.
func ParseAnnouncement(message []byte) (data []byte, err error) {
	if len(message) < 2 || len(message) > MaxBinary || message[0] != AnnouncementChunk {
		return nil, fmt.Errorf("%w: announcement chunk of %d bytes", ErrMalformed, len(message))
	}
	return message[1:], nil
}
