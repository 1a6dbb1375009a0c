package cast

import (
	"encoding/json"
	"errors"
)

// The JSON of every message that a sender says or hears, by namespace. Fields
// that a device may leave out to say "as before" are pointers.

// header is what every payload begins with. An answer to GET_APP_AVAILABILITY
// has no type.
type header struct {
	Type      string `json:"type"`
	RequestID int    `json:"requestId,omitempty"`
}

func (h *header) head() *header { return h }

// request is a message that has an answer.
type request interface{ head() *header }

// decode reads JSON. A field of another type than expected is passed over:
// devices differ, and the rest of the message may be what matters.
func decode(payload []byte, into any) error {
	err := json.Unmarshal(payload, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil
	}
	return err
}

// refusals are the answers that mean no.
var refusals = map[string]bool{
	"INVALID_REQUEST":      true,
	"INVALID_PLAYER_STATE": true,
	"LAUNCH_ERROR":         true,
	"LOAD_FAILED":          true,
	"LOAD_CANCELLED":       true,
	"ERROR":                true,
}

// failure reads what refusals carry, each in its own words.
type failure struct {
	header
	Reason            string `json:"reason"`
	DetailedErrorCode int    `json:"detailedErrorCode"`
	ItemID            int    `json:"itemId"`
}

// Receiver: urn:x-cast:com.google.cast.receiver.

// plain is a request with nothing but its type: GET_STATUS, GET_CASTING_GROUPS.
type plain struct{ header }

type launchRequest struct {
	header
	AppID string `json:"appId"`
}

type stopAppRequest struct {
	header
	SessionID string `json:"sessionId"`
}

// setVolumeRequest has pointers because 0 is a level and false unmutes.
type setVolumeRequest struct {
	header
	Volume wireVolume `json:"volume"`
}

type wireVolume struct {
	Level       *float64 `json:"level,omitempty"`
	Muted       *bool    `json:"muted,omitempty"`
	ControlType string   `json:"controlType,omitempty"`
}

type appAvailabilityRequest struct {
	header
	AppID []string `json:"appId"`
}

type appAvailability struct {
	Availability map[string]string `json:"availability"`
}

// receiverStatus is RECEIVER_STATUS.
type receiverStatus struct {
	header
	Status struct {
		Applications []Application `json:"applications"`
		Volume       *wireVolume   `json:"volume"`
		Standby      *bool         `json:"isStandBy"`
		ActiveInput  *bool         `json:"isActiveInput"`
	} `json:"status"`
}

// launchStatus is LAUNCH_STATUS, which names its request in a field of its own.
type launchStatus struct {
	header
	LaunchRequestID int    `json:"launchRequestId"`
	Status          string `json:"status"`
}

// Media: urn:x-cast:com.google.cast.media.

// mediaRequest is a command to what is loaded: PLAY, PAUSE, STOP,
// QUEUE_GET_ITEM_IDS.
type mediaRequest struct {
	header
	MediaSessionID int `json:"mediaSessionId"`
}

func (m *mediaRequest) session(id int) { m.MediaSessionID = id }

// sessionRequest is a request that names the media session.
type sessionRequest interface {
	request
	session(id int)
}

type loadRequest struct {
	header
	Media          wireMedia   `json:"media"`
	Autoplay       bool        `json:"autoplay"`
	CurrentTime    float64     `json:"currentTime"` // seconds
	PlaybackRate   float64     `json:"playbackRate,omitempty"`
	ActiveTrackIDs []int       `json:"activeTrackIds,omitempty"`
	CustomData     *customData `json:"customData,omitempty"`
}

type queueLoadRequest struct {
	header
	Items       []wireItem `json:"items"`
	StartIndex  int        `json:"startIndex"`
	CurrentTime float64    `json:"currentTime"` // seconds
	RepeatMode  RepeatMode `json:"repeatMode"`
}

type seekRequest struct {
	mediaRequest
	CurrentTime  *float64    `json:"currentTime,omitempty"`  // seconds
	RelativeTime *float64    `json:"relativeTime,omitempty"` // seconds
	ResumeState  ResumeState `json:"resumeState,omitempty"`
}

type rateRequest struct {
	mediaRequest
	PlaybackRate float64 `json:"playbackRate"`
}

type tracksRequest struct {
	mediaRequest
	ActiveTrackIDs []int `json:"activeTrackIds"`
}

type queueInsertRequest struct {
	mediaRequest
	Items            []wireItem `json:"items"`
	InsertBefore     int        `json:"insertBefore,omitempty"`
	CurrentItemIndex *int       `json:"currentItemIndex,omitempty"`
	CurrentTime      *float64   `json:"currentTime,omitempty"` // seconds
}

type queueRemoveRequest struct {
	mediaRequest
	ItemIDs []int `json:"itemIds"`
}

type queueReorderRequest struct {
	mediaRequest
	ItemIDs      []int `json:"itemIds"`
	InsertBefore int   `json:"insertBefore,omitempty"`
}

type queueUpdateRequest struct {
	mediaRequest
	Jump          int        `json:"jump,omitempty"`
	CurrentItemID int        `json:"currentItemId,omitempty"`
	CurrentTime   *float64   `json:"currentTime,omitempty"` // seconds
	RepeatMode    RepeatMode `json:"repeatMode,omitempty"`
	Shuffle       *bool      `json:"shuffle,omitempty"`
}

type queueGetItemsRequest struct {
	mediaRequest
	ItemIDs []int `json:"itemIds"`
}

// mediaStatus is MEDIA_STATUS.
type mediaStatus struct {
	header
	Status []mediaSession `json:"status"`
}

// mediaSession is one entry of MEDIA_STATUS: what has changed since the one
// before. idleReason alone is gone when it is absent.
type mediaSession struct {
	MediaSessionID int        `json:"mediaSessionId"`
	PlayerState    *string    `json:"playerState"`
	CurrentTime    *float64   `json:"currentTime"` // seconds
	CurrentItemID  *int       `json:"currentItemId"`
	LoadingItemID  int        `json:"loadingItemId"`
	PlaybackRate   *float64   `json:"playbackRate"`
	RepeatMode     *string    `json:"repeatMode"`
	IdleReason     string     `json:"idleReason"`
	Media          *wireMedia `json:"media"`
	Items          []wireItem `json:"items"`
	Commands       *Commands  `json:"supportedMediaCommands"`
	ExtendedStatus *struct {
		PlayerState string     `json:"playerState"`
		Media       *wireMedia `json:"media"` // of what is loading
	} `json:"extendedStatus"`
}

// shows is the media that the report describes: what is loaded, or loading; nil
// where it describes none.
func (m mediaSession) shows() *wireMedia {
	if m.Media == nil && m.ExtendedStatus != nil {
		return m.ExtendedStatus.Media
	}
	return m.Media
}

// queueItemIDs is QUEUE_ITEM_IDS.
type queueItemIDs struct {
	header
	ItemIDs []int `json:"itemIds"`
}

// queueItems is QUEUE_ITEMS.
type queueItems struct {
	header
	Items []wireItem `json:"items"`
}

// queueChange is QUEUE_CHANGE: an edit of the device's queue, ours or not.
type queueChange struct {
	header
	ChangeType   string `json:"changeType"`
	ItemIDs      []int  `json:"itemIds"`
	InsertBefore int    `json:"insertBefore"`
}

// wireItem is an item of the device's queue.
type wireItem struct {
	ItemID      int         `json:"itemId,omitempty"` // given by the device
	Autoplay    bool        `json:"autoplay"`
	PreloadTime float64     `json:"preloadTime"` // seconds before the end of the item before
	StartTime   float64     `json:"startTime,omitempty"`
	Media       *wireMedia  `json:"media,omitempty"`
	CustomData  *customData `json:"customData,omitempty"`
}

// customData carries our item's id; devices echo it. Somebody else's items do
// not have it.
type customData struct {
	Item string `json:"jumpgateItem,omitempty"`
}

type wireMedia struct {
	ContentID        string        `json:"contentId"`
	ContentType      string        `json:"contentType,omitempty"`
	StreamType       string        `json:"streamType,omitempty"`
	Duration         float64       `json:"duration,omitempty"` // seconds
	HLSSegmentFormat string        `json:"hlsSegmentFormat,omitempty"`
	Metadata         *wireMetadata `json:"metadata,omitempty"`
	Tracks           []Track       `json:"tracks,omitempty"`
	CustomData       *customData   `json:"customData,omitempty"`
}

// wireMetadata of type 3 is a music track.
type wireMetadata struct {
	MetadataType int         `json:"metadataType"`
	Title        string      `json:"title,omitempty"`
	Artist       string      `json:"artist,omitempty"`
	AlbumName    string      `json:"albumName,omitempty"`
	AlbumArtist  string      `json:"albumArtist,omitempty"`
	TrackNumber  int         `json:"trackNumber,omitempty"`
	DiscNumber   int         `json:"discNumber,omitempty"`
	ReleaseDate  string      `json:"releaseDate,omitempty"`
	Images       []wireImage `json:"images,omitempty"`
}

type wireImage struct {
	URL string `json:"url"`
}

// Multizone: urn:x-cast:com.google.cast.multizone.

// multizoneStatus is MULTIZONE_STATUS, multizoneDevice DEVICE_ADDED,
// DEVICE_UPDATED and DEVICE_REMOVED.
type multizoneStatus struct {
	header
	Status struct {
		Devices []wireMember `json:"devices"`
	} `json:"status"`
}

type multizoneDevice struct {
	header
	Device   *wireMember `json:"device"`
	DeviceID string      `json:"deviceId"` // of DEVICE_REMOVED
}

type wireMember struct {
	DeviceID     string      `json:"deviceId"`
	Name         string      `json:"name"`
	Capabilities int         `json:"capabilities"`
	Volume       *wireVolume `json:"volume"`
}

// castingGroups is CASTING_GROUPS. No public sender reads it: both places that
// a list of groups may stand in are looked at.
type castingGroups struct {
	header
	Groups []wireGroup `json:"groups"`
	Status struct {
		Groups []wireGroup `json:"groups"`
	} `json:"status"`
}

type wireGroup struct {
	DeviceID string `json:"deviceId"`
	GroupID  string `json:"groupId"`
	Name     string `json:"name"`
}
