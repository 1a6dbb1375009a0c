package member

import (
	"errors"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// webrtcBitrate is what music sent to a browser takes, in bits a second.
const webrtcBitrate = 160_000

// WebRTC is a browser that listens over WebRTC, as a zone.Output.
type WebRTC struct{ Session *rtc.Session }

// Caps implements zone.Output.
func (w WebRTC) Caps() zone.Caps {
	return zone.Caps{
		Formats: []audio.Format{{Codec: audio.Opus, Rate: 48000, Channels: 2, Bitrate: webrtcBitrate}},
		Lead:    rtc.Jitter + 40*time.Millisecond,
		Buffer:  500 * time.Millisecond,
		Clears:  true,
	}
}

// Write implements zone.Output.
func (w WebRTC) Write(p audio.Packet) error {
	err := w.Session.Write(p)
	if errors.Is(err, rtc.ErrBehind) {
		return zone.ErrBehind
	}
	return err
}

// Clear implements zone.Output.
func (w WebRTC) Clear(from audio.Time) error { return w.Session.Clear(from) }
