package cast

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Load replaces whatever is on the device by items and plays the first from
// the given position. The application is launched when it does not run.
func (s *Sender) Load(ctx context.Context, items []Item, from time.Duration) error {
	return s.LoadQueue(ctx, QueueLoad{Items: items, Position: from})
}

// QueueLoad is what LoadQueue loads.
type QueueLoad struct {
	Items    []Item
	Index    int           // of the item to begin with
	Position time.Duration // within that item
	Paused   bool          // do not play yet
	Repeat   RepeatMode    // empty means RepeatOff
}

// LoadQueue is Load with everything that QUEUE_LOAD knows. Items that do not
// fit into one message are queued behind it.
func (s *Sender) LoadQueue(ctx context.Context, q QueueLoad) error {
	if err := checkAll(q.Items); err != nil {
		return err
	}
	if q.Index < 0 || q.Index >= len(q.Items) {
		return fmt.Errorf("cast: index %d of %d items", q.Index, len(q.Items))
	}
	if q.Repeat == "" {
		q.Repeat = RepeatOff
	}
	wire := wireItems(q.Items)
	wire[q.Index].Autoplay = !q.Paused
	wire[q.Index].StartTime = 0 // Position counts
	n := fit(wire)
	if q.Index >= n {
		return fmt.Errorf("%w: item %d does not fit into a load", ErrTooLarge, q.Index)
	}
	r := &queueLoadRequest{header{Type: "QUEUE_LOAD"}, wire[:n], q.Index, q.Position.Seconds(), q.Repeat}
	ch, transport, err := s.load(ctx, r, q.Items)
	if err != nil {
		return fmt.Errorf("load %d items: %w", len(q.Items), err)
	}
	if n == len(wire) {
		return nil
	}
	s.mu.Lock()
	e := editor{s, ch, transport, s.track.media}
	s.mu.Unlock()
	if err := e.insert(ctx, q.Items[n:], 0, false); err != nil {
		return fmt.Errorf("load the items from %d on: %w", n, err)
	}
	return nil
}

// MediaLoad is what LoadMedia loads.
type MediaLoad struct {
	Item     Item
	Position time.Duration
	Paused   bool
	Rate     float64 // 0 means 1
	Tracks   []int   // ids of the Tracks to select
}

// LoadMedia loads a single item by LOAD, which knows a rate and tracks. It makes
// a queue of one, which takes further items.
func (s *Sender) LoadMedia(ctx context.Context, m MediaLoad) error {
	if err := m.Item.check(); err != nil {
		return err
	}
	r := &loadRequest{
		header: header{Type: "LOAD"}, Media: m.Item.media(), Autoplay: !m.Paused, CurrentTime: m.Position.Seconds(),
		PlaybackRate: m.Rate, ActiveTrackIDs: m.Tracks, CustomData: &customData{Item: m.Item.ID},
	}
	if _, _, err := s.load(ctx, r, []Item{m.Item}); err != nil {
		return fmt.Errorf("load %q: %w", m.Item.ID, err)
	}
	return nil
}

// load sends a load to our application, started if need be.
func (s *Sender) load(ctx context.Context, r request, items []Item) (*channel, string, error) {
	ch, transport, err := s.launch(ctx)
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	before := s.track.loaded
	s.track.loaded = slices.Clone(items)
	s.track.status.Failed, s.track.status.FailedCode, s.track.status.Failures = "", 0, 0
	s.mu.Unlock()
	if _, err := ch.ask(ctx, nsMedia, transport, r, loadLimit); err != nil {
		var refused *RequestError
		if errors.As(err, &refused) {
			s.mu.Lock()
			s.track.loaded = before
			s.mu.Unlock()
		}
		return nil, "", err
	}
	return ch, transport, nil
}

// command sends a request to the media session that is loaded, if it is ours.
func (s *Sender) command(ctx context.Context, r sessionRequest) error {
	e, err := s.editor(r.head().Type)
	if err != nil {
		return err
	}
	_, err = e.ask(ctx, r)
	return err
}

// Play goes on after Pause. Where the device has ended the playback meanwhile,
// as it does after 20 minutes of pause or a restart, what was loaded last is
// loaded again at its position.
func (s *Sender) Play(ctx context.Context) error {
	err := s.command(ctx, &mediaRequest{header: header{Type: "PLAY"}})
	var refused *RequestError
	ended := errors.Is(err, ErrIdle) ||
		errors.As(err, &refused) && (refused.Type == "INVALID_PLAYER_STATE" || refused.Type == "INVALID_REQUEST")
	if !ended {
		return err
	}
	s.mu.Lock()
	s.track.keep(time.Now())
	last := s.track.last
	at := slices.IndexFunc(s.track.loaded, func(i Item) bool { return i.ID == last.item })
	var items []Item
	if at >= 0 && last.item != "" {
		items = slices.Clone(s.track.loaded[at:])
	}
	s.mu.Unlock()
	if items == nil {
		return err
	}
	return s.Load(ctx, items, last.position)
}

// Pause holds what plays.
func (s *Sender) Pause(ctx context.Context) error {
	return s.command(ctx, &mediaRequest{header: header{Type: "PAUSE"}})
}

// Stop ends our playback. Where somebody else's is on the device, or none, it
// does nothing.
func (s *Sender) Stop(ctx context.Context) error {
	s.mu.Lock()
	status := s.track.status
	s.forget()
	s.mu.Unlock()
	if status.Foreign || status.Item == "" {
		return nil
	}
	err := s.command(ctx, &mediaRequest{header: header{Type: "STOP"}})
	if errors.Is(err, ErrIdle) || errors.Is(err, ErrTaken) {
		return nil // it ended by itself meanwhile
	}
	return err
}

// forget gives up what Play would load again. The caller holds mu.
func (s *Sender) forget() {
	s.track.last, s.track.loaded = spot{}, nil
	if s.track.status.Held != "" {
		s.track.status.Held = ""
		s.publish()
	}
}

// ResumeState says what a seek leaves behind.
type ResumeState string

// What to do after a seek. Empty goes on as before.
const (
	ResumePlaying ResumeState = "PLAYBACK_START"
	ResumePaused  ResumeState = "PLAYBACK_PAUSE"
)

// Seek moves within the current item.
func (s *Sender) Seek(ctx context.Context, to time.Duration) error {
	return s.SeekAnd(ctx, to, "")
}

// SeekAnd moves within the current item, and plays or pauses there.
func (s *Sender) SeekAnd(ctx context.Context, to time.Duration, then ResumeState) error {
	at := max(to, 0).Seconds()
	return s.command(ctx, &seekRequest{mediaRequest{header: header{Type: "SEEK"}}, &at, nil, then})
}

// SeekBy moves within the current item from where the device is, back where by
// is negative.
func (s *Sender) SeekBy(ctx context.Context, by time.Duration, then ResumeState) error {
	relative := by.Seconds()
	return s.command(ctx, &seekRequest{mediaRequest{header: header{Type: "SEEK"}}, nil, &relative, then})
}

// SetRate sets how fast is played: 1 is normal. Devices take 0.5 to 2.
func (s *Sender) SetRate(ctx context.Context, rate float64) error {
	if rate <= 0 {
		return fmt.Errorf("cast: a rate of %v", rate)
	}
	return s.command(ctx, &rateRequest{mediaRequest{header: header{Type: "SET_PLAYBACK_RATE"}}, rate})
}

// SelectTracks chooses which tracks of the current item are played, by the ids
// of Item.Tracks; none switches texts off.
func (s *Sender) SelectTracks(ctx context.Context, ids ...int) error {
	if ids == nil {
		ids = []int{}
	}
	return s.command(ctx, &tracksRequest{mediaRequest{header: header{Type: "EDIT_TRACKS_INFO"}}, ids})
}

// Refresh asks the device for its whole status; Status has it when this
// returns.
func (s *Sender) Refresh(ctx context.Context) error {
	s.mu.Lock()
	ch, transport := s.channel, s.track.transport
	s.mu.Unlock()
	switch {
	case ch == nil:
		return ErrOffline
	case transport == "":
		return ErrIdle
	}
	_, err := ch.ask(ctx, nsMedia, transport, &plain{header{Type: "GET_STATUS"}}, requestLimit)
	return err
}
