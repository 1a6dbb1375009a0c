package cast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Item is one thing for the device's queue.
type Item struct {
	ID          string // ours; the device echoes it in Status.Item
	URL         string // what the device fetches: an IP literal over plain HTTP
	ContentType string
	Live        bool // an endless stream
	Duration    time.Duration
	Title       string
	Artist      string
	Album       string
	ImageURL    string
}

// preload is how long before an item's end the device fetches the next one.
const preload = 15 * time.Second

func (i Item) wire() queueItem {
	kind := "BUFFERED"
	if i.Live {
		kind = "LIVE"
	}
	mark := &customData{Item: i.ID}
	metadata := &mediaMetadata{MetadataType: 3, Title: i.Title, Artist: i.Artist, AlbumName: i.Album}
	if i.ImageURL != "" {
		metadata.Images = []image{{URL: i.ImageURL}}
	}
	return queueItem{
		Autoplay:    true,
		PreloadTime: preload.Seconds(),
		CustomData:  mark,
		Media: mediaInfo{
			ContentID:   i.URL,
			ContentType: i.ContentType,
			StreamType:  kind,
			Duration:    i.Duration.Seconds(),
			Metadata:    metadata,
			CustomData:  mark,
		},
	}
}

func wireItems(items []Item) []queueItem {
	out := make([]queueItem, len(items))
	for i, item := range items {
		out[i] = item.wire()
	}
	return out
}

// Load replaces whatever is on the device by items and plays the first from
// the given position. The application is launched when it does not run.
func (s *Sender) Load(ctx context.Context, items []Item, from time.Duration) error {
	if len(items) == 0 {
		return errors.New("cast: no items to load")
	}
	ch, transport, err := s.launch(ctx)
	if err != nil {
		return err
	}
	_, err = ch.request(ctx, nsMedia, transport, "QUEUE_LOAD", map[string]any{
		"items":       wireItems(items),
		"startIndex":  0,
		"currentTime": from.Seconds(),
		"repeatMode":  "REPEAT_OFF",
	})
	if err != nil {
		return fmt.Errorf("load %d items: %w", len(items), err)
	}
	return nil
}

// launch returns the transport of our application, started if need be.
func (s *Sender) launch(ctx context.Context) (*channel, string, error) {
	ch, transport, _, err := s.session()
	if err != nil || transport != "" {
		return ch, transport, err
	}
	var refused *RequestError
	for attempt := 0; ; attempt++ {
		_, err = ch.request(ctx, nsReceiver, receiverID, "LAUNCH", map[string]any{"appId": s.cfg.AppID})
		// A launch may be cancelled by the device's own housekeeping once.
		if errors.As(err, &refused) && refused.Type == "LAUNCH_ERROR" && attempt == 0 {
			continue
		}
		break
	}
	if err != nil {
		return nil, "", fmt.Errorf("launch the receiver application: %w", err)
	}
	ch, transport, _, err = s.session()
	if err == nil && transport == "" {
		err = fmt.Errorf("launch the receiver application: %w", ErrIdle)
	}
	return ch, transport, err
}

// session returns the connection with what our application's session is.
func (s *Sender) session() (ch *channel, transport string, media int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.channel == nil {
		return nil, "", 0, ErrOffline
	}
	return s.channel, s.track.transport, s.track.media, nil
}

// command sends a request to the media session that is loaded.
func (s *Sender) command(ctx context.Context, kind string, fields map[string]any) (reply, error) {
	ch, transport, media, err := s.session()
	if err != nil {
		return reply{}, err
	}
	if transport == "" || media == 0 {
		return reply{}, fmt.Errorf("%s: %w", kind, ErrIdle)
	}
	all := map[string]any{"mediaSessionId": media}
	for name, value := range fields {
		all[name] = value
	}
	return ch.request(ctx, nsMedia, transport, kind, all)
}

// Follow makes items what comes after the item that has the id keep; what
// stood there is removed. With cut, the first of them plays at once. An empty
// keep means the item that plays now.
func (s *Sender) Follow(ctx context.Context, keep string, items []Item, cut bool) error {
	rest, err := s.behind(ctx, keep)
	if err != nil {
		return err
	}
	if len(items) > 0 {
		fields := map[string]any{"items": wireItems(items)}
		if len(rest) > 0 {
			fields["insertBefore"] = rest[0]
		}
		if cut {
			fields["currentItemIndex"] = 0
			fields["currentTime"] = 0
		}
		if _, err := s.command(ctx, "QUEUE_INSERT", fields); err != nil {
			return fmt.Errorf("insert %d items: %w", len(items), err)
		}
	}
	if len(rest) > 0 {
		if _, err := s.command(ctx, "QUEUE_REMOVE", map[string]any{"itemIds": rest}); err != nil {
			return fmt.Errorf("remove %d items: %w", len(rest), err)
		}
	}
	return nil
}

// behind returns the device's ids of what follows an item.
func (s *Sender) behind(ctx context.Context, keep string) ([]int, error) {
	answer, err := s.command(ctx, "QUEUE_GET_ITEM_IDS", nil)
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	var queue struct {
		ItemIDs []int `json:"itemIds"`
	}
	if err := json.Unmarshal(answer.payload, &queue); err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	s.mu.Lock()
	if keep == "" {
		keep = s.track.status.Item
	}
	at := slices.IndexFunc(queue.ItemIDs, func(id int) bool { return s.track.items[id] == keep })
	s.mu.Unlock()
	if at < 0 {
		return nil, fmt.Errorf("find item %q in the device's queue: %w", keep, ErrIdle)
	}
	return queue.ItemIDs[at+1:], nil
}

// Play goes on after Pause.
func (s *Sender) Play(ctx context.Context) error { return s.simply(ctx, "PLAY", nil) }

// Pause holds what plays.
func (s *Sender) Pause(ctx context.Context) error { return s.simply(ctx, "PAUSE", nil) }

// Seek moves within the current item.
func (s *Sender) Seek(ctx context.Context, to time.Duration) error {
	return s.simply(ctx, "SEEK", map[string]any{"currentTime": to.Seconds()})
}

// Stop ends our playback. Where somebody else's is on the device, or none, it
// does nothing.
func (s *Sender) Stop(ctx context.Context) error {
	if status := s.Status(); status.Foreign || status.Item == "" {
		return nil
	}
	return s.simply(ctx, "STOP", nil)
}

func (s *Sender) simply(ctx context.Context, kind string, fields map[string]any) error {
	_, err := s.command(ctx, kind, fields)
	return err
}

// SetVolume sets the device's own volume, 0 to 1; 0 is silent, not absent.
func (s *Sender) SetVolume(ctx context.Context, level float64) error {
	return s.setVolume(ctx, map[string]any{"level": min(max(level, 0), 1)})
}

// SetMuted mutes or unmutes the device.
func (s *Sender) SetMuted(ctx context.Context, muted bool) error {
	return s.setVolume(ctx, map[string]any{"muted": muted})
}

func (s *Sender) setVolume(ctx context.Context, volume map[string]any) error {
	ch, _, _, err := s.session()
	if err != nil {
		return err
	}
	if _, err := ch.request(ctx, nsReceiver, receiverID, "SET_VOLUME", map[string]any{"volume": volume}); err != nil {
		return fmt.Errorf("set volume: %w", err)
	}
	return nil
}
