package cast

// header is what every JSON payload may begin with.
type header struct {
	Type      string `json:"type"`
	RequestID int    `json:"requestId,omitempty"`
}

// receiverStatus is RECEIVER_STATUS.
type receiverStatus struct {
	Status struct {
		Applications []application `json:"applications"`
		Volume       *struct {
			Level *float64 `json:"level"`
			Muted *bool    `json:"muted"`
		} `json:"volume"`
	} `json:"status"`
}

type application struct {
	AppID       string `json:"appId"`
	DisplayName string `json:"displayName"`
	SessionID   string `json:"sessionId"`
	TransportID string `json:"transportId"`

	IsIdleScreen bool `json:"isIdleScreen"`
}

// mediaStatus is MEDIA_STATUS. Fields that a device leaves out have not
// changed, hence the pointers; idleReason alone is gone when it is absent.
type mediaStatus struct {
	Status []struct {
		MediaSessionID int          `json:"mediaSessionId"`
		PlayerState    *string      `json:"playerState"`
		CurrentTime    *float64     `json:"currentTime"`
		CurrentItemID  *int         `json:"currentItemId"`
		IdleReason     string       `json:"idleReason"`
		Media          *mediaInfo   `json:"media"`
		Items          []statusItem `json:"items"`
	} `json:"status"`
}

type statusItem struct {
	ItemID     int         `json:"itemId"`
	Media      *mediaInfo  `json:"media"`
	CustomData *customData `json:"customData"`
}

// customData carries our item's id; devices echo it. Somebody else's items do
// not have it.
type customData struct {
	Item string `json:"jumpgateItem,omitempty"`
}

type mediaInfo struct {
	ContentID   string         `json:"contentId"`
	ContentType string         `json:"contentType,omitempty"`
	StreamType  string         `json:"streamType,omitempty"`
	Duration    float64        `json:"duration,omitempty"` // seconds
	Metadata    *mediaMetadata `json:"metadata,omitempty"`
	CustomData  *customData    `json:"customData,omitempty"`
}

// mediaMetadata of type 3 is a music track.
type mediaMetadata struct {
	MetadataType int     `json:"metadataType"`
	Title        string  `json:"title,omitempty"`
	Artist       string  `json:"artist,omitempty"`
	AlbumName    string  `json:"albumName,omitempty"`
	Images       []image `json:"images,omitempty"`
}

type image struct {
	URL string `json:"url"`
}

// queueItem is one item of QUEUE_LOAD and QUEUE_INSERT.
type queueItem struct {
	Autoplay    bool        `json:"autoplay"`
	PreloadTime float64     `json:"preloadTime"` // seconds before the end of the item before
	Media       mediaInfo   `json:"media"`
	CustomData  *customData `json:"customData"`
}

// failure reads what refusals carry, each in its own words.
type failure struct {
	Reason            string `json:"reason"`
	DetailedErrorCode int    `json:"detailedErrorCode"`
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
