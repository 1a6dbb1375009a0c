package cast

import (
	"math"
	"time"
)

// DefaultMediaReceiver is the application that plays media without a page of
// one's own.
const DefaultMediaReceiver = "CC1AD845"

// backdrop is the idle screen, which older devices do not mark as such.
const backdrop = "E8C28D3C"

// PlayerState is what the device's player does.
type PlayerState string

// The states of a device's player. Buffering is also what it does while it
// loads.
const (
	Idle      PlayerState = "IDLE"
	Buffering PlayerState = "BUFFERING"
	Playing   PlayerState = "PLAYING"
	Paused    PlayerState = "PAUSED"
)

// RepeatMode is what the device does at the end of its queue.
type RepeatMode string

// The ways of repeating.
const (
	RepeatOff           RepeatMode = "REPEAT_OFF"
	RepeatAll           RepeatMode = "REPEAT_ALL"
	RepeatSingle        RepeatMode = "REPEAT_SINGLE"
	RepeatAllAndShuffle RepeatMode = "REPEAT_ALL_AND_SHUFFLE"
)

// Commands is a set of commands that a device takes for what it plays: a live
// stream cannot be sought in, an advertisement not be skipped. It is
// supportedMediaCommands of MEDIA_STATUS.
// Source: cast.framework.messages.Command of the Web Receiver's reference.
type Commands int

// What a device may take.
const (
	CanPause Commands = 1 << iota
	CanSeek
	CanSetStreamVolume // of the stream; the device's own can be set always
	CanMuteStream
	CanSkipForward
	CanSkipBackward
	CanQueueNext
	CanQueuePrevious
	CanShuffle
	CanSkipAd
	CanRepeatAll
	CanRepeatOne
	CanEditTracks
	CanSetRate
)

// Has tells whether all of some commands are in the set.
func (c Commands) Has(all Commands) bool { return c&all == all }

// Status is what is known of a device. It is a value.
type Status struct {
	Connected bool
	Err       error   // why there is no connection; nil before the first attempt has ended
	App       string  // id of the running application, empty if none
	AppName   string  // as the device shows it
	Volume    float64 // 0 to 1
	Muted     bool
	Fixed     bool // the volume cannot be set on this device
	State     PlayerState
	// Item is our id of what is loaded, empty when nothing of ours is.
	Item string
	// Foreign tells that somebody else's application or playback is on the
	// device. The idle screen is nobody's.
	Foreign    bool
	IdleReason string // CANCELLED, INTERRUPTED, FINISHED or ERROR
	Position   time.Duration
	At         time.Time // when Position was true
	Rate       float64   // 1 is normal speed
	Duration   time.Duration
	Repeat     RepeatMode // empty until the device has told
	Commands   Commands   // what the device takes now; 0 until it has told

	// Held is our id of what was paused when the device closed the application,
	// which it does after about 20 minutes of pause; Position is where. Play
	// loads it again.
	Held string
	// Stalled tells that what is loaded has not moved for Config.StallAfter:
	// the device took it and hangs, or cannot get on.
	Stalled bool
	// Failed is our id of the newest item that the device could not play,
	// FailedCode its reason (see MediaErrorText), Failures how many there were
	// since the load.
	Failed     string
	FailedCode int
	Failures   int
	// Edits counts the changes that others made to the device's queue; read it
	// again with Sender.Queue.
	Edits int
	// MemberChanges counts the changes of a group's members; read them with
	// Sender.Members.
	MemberChanges int
}

// PositionAt says where playback is at a time, as far as is known: it moves on
// while the device plays, and stands while it pauses, buffers or is stalled.
func (s Status) PositionAt(now time.Time) time.Duration {
	if s.State != Playing || s.Stalled || s.At.IsZero() || !now.After(s.At) {
		return s.Position
	}
	rate := s.Rate
	if rate == 0 {
		rate = 1
	}
	p := s.Position + time.Duration(float64(now.Sub(s.At))*rate)
	if s.Duration > 0 {
		p = min(p, s.Duration)
	}
	return max(p, 0)
}

// seconds reads a device's time, whatever it says.
func seconds(s float64) time.Duration {
	const most = 10 * 365 * 24 * 3600
	if math.IsNaN(s) || s < 0 {
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}
