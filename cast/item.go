package cast

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DefaultPreload is how long before the end of an item the device is asked to
// fetch the next one. Devices take it as a hint.
const DefaultPreload = 15 * time.Second

// Item is one thing for the device's queue.
type Item struct {
	// ID is the caller's own name of the item, which must not be empty and
	// should be in a queue once. The device carries it along and echoes it, so
	// that Status.Item names what plays, whoever edited the queue.
	ID string
	// URL is what the device fetches: plain HTTP with an IP address for a host,
	// because devices ask Google's name servers and refuse certificates that
	// they do not know.
	URL         string
	ContentType string
	// HLSSegments is what the segments of an HLS playlist are. It must be given
	// for one: a device hangs on a wrong guess without an error.
	HLSSegments HLSSegments
	Live        bool // an endless stream
	Duration    time.Duration
	Start       time.Duration // where to begin within the item
	Preload     time.Duration // 0 means DefaultPreload

	Title       string
	Artist      string
	Album       string
	AlbumArtist string
	Track, Disc int
	Released    string // an ISO 8601 date
	ImageURL    string // JPEG or PNG, at most 1280x720
	Tracks      []Track
}

// HLSSegments is the format of an HLS playlist's segments: hlsSegmentFormat of
// the Web Receiver's MediaInformation.
type HLSSegments string

// The formats of audio segments.
const (
	SegmentsAAC   HLSSegments = "aac"
	SegmentsMP3   HLSSegments = "mp3"
	SegmentsTS    HLSSegments = "ts"
	SegmentsTSAAC HLSSegments = "ts_aac"
	SegmentsFMP4  HLSSegments = "fmp4"
)

// Track is one of several tracks within an item, chosen by SelectTracks.
type Track struct {
	ID          int    `json:"trackId"`
	Type        string `json:"type"` // AUDIO, TEXT or VIDEO
	Name        string `json:"name,omitempty"`
	Language    string `json:"language,omitempty"` // BCP 47
	ContentID   string `json:"trackContentId,omitempty"`
	ContentType string `json:"trackContentType,omitempty"`
	Subtype     string `json:"subtype,omitempty"`
}

// check refuses what a device would hang on or never report.
func (i Item) check() error {
	switch {
	case i.ID == "":
		return fmt.Errorf("cast: the item for %q has no ID", i.URL)
	case i.URL == "":
		return fmt.Errorf("cast: item %q has no URL", i.ID)
	case i.ContentType == "":
		return fmt.Errorf("cast: item %q has no content type", i.ID)
	case i.HLSSegments == "" && isHLS(i.ContentType):
		return fmt.Errorf("cast: item %q is HLS and does not say what its segments are: set HLSSegments", i.ID)
	}
	return nil
}

func checkAll(items []Item) error {
	if len(items) == 0 {
		return errors.New("cast: no items")
	}
	for _, i := range items {
		if err := i.check(); err != nil {
			return err
		}
	}
	return nil
}

func isHLS(contentType string) bool {
	switch strings.ToLower(contentType) {
	case "application/x-mpegurl", "application/vnd.apple.mpegurl", "audio/mpegurl", "audio/x-mpegurl":
		return true
	}
	return false
}

func (i Item) wire() wireItem {
	preload := i.Preload
	if preload == 0 {
		preload = DefaultPreload
	}
	media := i.media()
	return wireItem{
		Autoplay:    true,
		PreloadTime: preload.Seconds(),
		StartTime:   i.Start.Seconds(),
		CustomData:  &customData{Item: i.ID},
		Media:       &media,
	}
}

func (i Item) media() wireMedia {
	kind := "BUFFERED"
	if i.Live {
		kind = "LIVE"
	}
	metadata := &wireMetadata{
		MetadataType: 3, Title: i.Title, Artist: i.Artist, AlbumName: i.Album, AlbumArtist: i.AlbumArtist,
		TrackNumber: i.Track, DiscNumber: i.Disc, ReleaseDate: i.Released,
	}
	if i.ImageURL != "" {
		metadata.Images = []wireImage{{URL: i.ImageURL}}
	}
	return wireMedia{
		ContentID:        i.URL,
		ContentType:      i.ContentType,
		StreamType:       kind,
		HLSSegmentFormat: string(i.HLSSegments),
		Duration:         i.Duration.Seconds(),
		Metadata:         metadata,
		Tracks:           i.Tracks,
		CustomData:       &customData{Item: i.ID},
	}
}

// item reads an item of the device's queue. ID is empty if somebody else put it
// there.
func (w wireItem) item() Item {
	i := Item{Start: seconds(w.StartTime), Preload: seconds(w.PreloadTime)}
	if w.CustomData != nil {
		i.ID = w.CustomData.Item
	}
	if w.Media == nil {
		return i
	}
	m := w.Media
	if i.ID == "" && m.CustomData != nil {
		i.ID = m.CustomData.Item
	}
	i.URL, i.ContentType, i.HLSSegments = m.ContentID, m.ContentType, HLSSegments(m.HLSSegmentFormat)
	i.Live, i.Duration, i.Tracks = m.StreamType == "LIVE", seconds(m.Duration), m.Tracks
	if d := m.Metadata; d != nil {
		i.Title, i.Artist, i.Album, i.AlbumArtist = d.Title, d.Artist, d.AlbumName, d.AlbumArtist
		i.Track, i.Disc, i.Released = d.TrackNumber, d.DiscNumber, d.ReleaseDate
		if len(d.Images) > 0 {
			i.ImageURL = d.Images[0].URL
		}
	}
	return i
}

func wireItems(items []Item) []wireItem {
	out := make([]wireItem, len(items))
	for i, item := range items {
		out[i] = item.wire()
	}
	return out
}

// roomForItems is what the items of one message may take, of the 64 KiB that
// the whole of it may.
const roomForItems = 60 << 10

// fit returns how many of the first items one message holds, at least one: a
// single item that is too large is refused when it is sent.
func fit(items []wireItem) int {
	room := roomForItems
	for n, item := range items {
		b, err := json.Marshal(item)
		if err != nil {
			return max(n, 1)
		}
		if room -= len(b) + 1; room < 0 {
			return max(n, 1)
		}
	}
	return len(items)
}
