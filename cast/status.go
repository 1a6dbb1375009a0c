package cast

import (
	"encoding/json"
	"time"
)

// DefaultMediaReceiver is the application that plays media without a page of
// one's own.
const DefaultMediaReceiver = "CC1AD845"

// backdrop is the idle screen, which older devices do not mark as such.
const backdrop = "E8C28D3C"

// PlayerState is what the device's player does.
type PlayerState string

// The states of a device's player.
const (
	Idle      PlayerState = "IDLE"
	Buffering PlayerState = "BUFFERING"
	Playing   PlayerState = "PLAYING"
	Paused    PlayerState = "PAUSED"
)

// Status is what is known of a device. It is a value.
type Status struct {
	Connected bool
	Err       error   // why there is no connection; nil before the first attempt has ended
	App       string  // id of the running application, empty if none
	AppName   string  // as the device shows it
	Volume    float64 // 0 to 1
	Muted     bool
	State     PlayerState
	// Item is our id of what is loaded, empty when nothing of ours is.
	Item string
	// Foreign tells that somebody else's application or playback is on the
	// device. The idle screen is nobody's.
	Foreign    bool
	IdleReason string // CANCELLED, INTERRUPTED, FINISHED or ERROR
	Position   time.Duration
	At         time.Time // when Position was true
	Duration   time.Duration
}

// tracker merges what a device reports into a Status. It belongs to the
// channel's reading goroutine.
type tracker struct {
	appID     string
	status    Status
	transport string // of the running application
	session   string
	media     int            // mediaSessionId
	items     map[int]string // our ids of the device's queue items
}

// apply merges one message and tells whether anything changed.
func (t *tracker) apply(m message, h header, now time.Time) bool {
	switch {
	case h.Type == "RECEIVER_STATUS" && m.namespace == nsReceiver:
		var r receiverStatus
		if json.Unmarshal(m.payload, &r) != nil {
			return false
		}
		t.receiver(r)
	case h.Type == "MEDIA_STATUS" && m.namespace == nsMedia && m.source == t.transport:
		var s mediaStatus
		if json.Unmarshal(m.payload, &s) != nil {
			return false
		}
		t.mediaStatus(s, now)
	case h.Type == "CLOSE" && m.namespace == nsConnection && m.source == t.transport:
		t.lost()
	default:
		return false
	}
	return true
}

func (t *tracker) receiver(r receiverStatus) {
	if v := r.Status.Volume; v != nil {
		if v.Level != nil {
			t.status.Volume = *v.Level
		}
		if v.Muted != nil {
			t.status.Muted = *v.Muted
		}
	}
	var app application
	if len(r.Status.Applications) > 0 {
		app = r.Status.Applications[0]
	}
	t.status.App, t.status.AppName = app.AppID, app.DisplayName
	if app.AppID != t.appID {
		t.lost()
		t.status.Foreign = app.AppID != "" && app.AppID != backdrop && !app.IsIdleScreen
		return
	}
	if app.TransportID != t.transport {
		t.lost()
		t.transport, t.session = app.TransportID, app.SessionID
		t.status.Foreign = false
	}
}

// lost forgets the application's session.
func (t *tracker) lost() {
	t.transport, t.session, t.media = "", "", 0
	t.items = nil
	t.status.State, t.status.Item, t.status.IdleReason = Idle, "", ""
	t.status.Position, t.status.Duration = 0, 0
}

func (t *tracker) mediaStatus(s mediaStatus, now time.Time) {
	for _, st := range s.Status {
		if st.MediaSessionID != t.media {
			t.media = st.MediaSessionID
			t.items = nil
			t.status.Item, t.status.Duration = "", 0
		}
		if t.items == nil {
			t.items = map[int]string{}
		}
		t.status.IdleReason = st.IdleReason
		if st.PlayerState != nil {
			t.status.State = PlayerState(*st.PlayerState)
		}
		if st.CurrentTime != nil {
			t.status.Position, t.status.At = seconds(*st.CurrentTime), now
		}
		for _, item := range st.Items {
			if item.CustomData != nil && item.CustomData.Item != "" {
				t.items[item.ItemID] = item.CustomData.Item
			}
		}
		if st.Media != nil {
			t.status.Duration = seconds(st.Media.Duration)
			// A load inside our application by somebody else gives no CLOSE,
			// only media without our mark.
			t.status.Foreign = st.Media.CustomData == nil || st.Media.CustomData.Item == ""
			t.status.Item = ""
			if !t.status.Foreign {
				t.status.Item = st.Media.CustomData.Item
			}
		}
		if st.CurrentItemID != nil {
			if item, ok := t.items[*st.CurrentItemID]; ok {
				t.status.Item = item
			}
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
