package cast

import (
	"slices"
	"time"
)

// tracker merges what a device reports into a Status. The Sender's mutex guards
// it.
type tracker struct {
	appID     string
	status    Status
	transport string // of the running application
	session   string
	media     int          // mediaSessionId
	current   int          // the device's id of the item that it plays
	items     map[int]Item // what is known of the device's queue, by its ids
	shown     Item         // what is loaded, as the device describes it
	loaded    []Item       // what was last given to the device, in order
	moved     time.Time    // when playback was last seen to move
	last      spot         // where ours was when it went away
	members   []Member
	edits     map[int]bool // ids of requests of ours that edit the queue

	look  bool // the application is there and what it plays is not known
	ghost bool // the application has closed our connection to it
}

// spot is a place in what was loaded.
type spot struct {
	item     string
	position time.Duration
	paused   bool
}

// apply merges one message and tells whether anything changed.
func (t *tracker) apply(m message, h header, now time.Time) bool {
	switch {
	case h.Type == "RECEIVER_STATUS" && m.namespace == nsReceiver:
		return merge(m, func(r receiverStatus) { t.receiver(r, now) })
	case m.namespace == nsMultizone:
		return t.multizone(m, h)
	case m.source == "" || m.source != t.transport:
		return false
	case h.Type == "CLOSE" && m.namespace == nsConnection:
		t.lost(now)
		t.ghost = true
		return true
	case m.namespace != nsMedia:
		return false
	}
	switch h.Type {
	case "MEDIA_STATUS":
		return merge(m, func(s mediaStatus) { t.mediaStatus(s, now) })
	case "QUEUE_CHANGE":
		return merge(m, t.queueChange)
	case "QUEUE_ITEMS":
		return merge(m, func(q queueItems) { t.learn(q.Items) })
	case "LOAD_FAILED", "ERROR":
		return merge(m, t.failed)
	default:
		return false
	}
}

// merge reads a message and takes it in. What cannot be read changes nothing.
func merge[T any](m message, take func(T)) bool {
	var v T
	if decode(m.payload, &v) != nil {
		return false
	}
	take(v)
	return true
}

func (t *tracker) receiver(r receiverStatus, now time.Time) {
	if v := r.Status.Volume; v != nil {
		if v.Level != nil {
			t.status.Volume = min(max(*v.Level, 0), 1)
		}
		if v.Muted != nil {
			t.status.Muted = *v.Muted
		}
		t.status.Fixed = v.ControlType == "fixed"
	}
	app := t.pick(r.Status.Applications)
	t.status.App, t.status.AppName = app.AppID, app.Name
	t.ghost = false
	if app.AppID != t.appID {
		t.lost(now)
		t.status.Foreign = app.AppID != "" && app.AppID != backdrop && !app.Idle
		if t.status.Foreign {
			t.status.Held, t.last = "", spot{}
		}
		return
	}
	if app.TransportID != t.transport {
		t.lost(now)
		t.transport, t.session = app.TransportID, app.SessionID
		t.status.Foreign = false
		t.look = t.transport != ""
	}
}

// pick returns our application where several run, else the first.
func (t *tracker) pick(apps []Application) Application {
	for _, app := range apps {
		if app.AppID == t.appID {
			return app
		}
	}
	if len(apps) > 0 {
		return apps[0]
	}
	return Application{}
}

// lost forgets the application's session, and remembers where ours was.
func (t *tracker) lost(now time.Time) {
	t.keep(now)
	position, at := t.status.Position, t.status.At
	t.transport, t.session = "", ""
	t.unload()
	if t.last.item != "" && t.last.paused {
		t.status.Held = t.last.item
		t.status.Position, t.status.At = position, at
	}
}

// keep remembers where ours is.
func (t *tracker) keep(now time.Time) {
	if t.status.Item != "" && (t.status.State != Idle || t.status.IdleReason == "") {
		t.last = spot{t.status.Item, t.status.PositionAt(now), t.status.State == Paused}
	}
}

// unload forgets what is loaded.
func (t *tracker) unload() {
	t.media, t.current, t.items, t.edits, t.shown = 0, 0, nil, nil, Item{}
	t.status.State, t.status.Item, t.status.IdleReason = Idle, "", ""
	t.status.Position, t.status.Duration, t.status.Rate = 0, 0, 0
	t.status.Repeat, t.status.Commands, t.status.Stalled = "", 0, false
}

func (t *tracker) mediaStatus(s mediaStatus, now time.Time) {
	if len(s.Status) == 0 {
		t.keep(now)
		t.unload()
		t.status.Foreign = false
	}
	for _, m := range s.Status {
		t.mediaSession(m, now)
	}
}

func (t *tracker) mediaSession(m mediaSession, now time.Time) {
	before, current := t.status, t.current
	if m.MediaSessionID != 0 && m.MediaSessionID != t.media {
		t.unload()
		t.media = m.MediaSessionID
		t.moved = now
		t.look = m.shows() == nil // it was begun by somebody, and is not shown yet
	}
	t.learn(m.Items)
	t.player(m)
	if m.RepeatMode != nil {
		t.status.Repeat = RepeatMode(*m.RepeatMode)
	}
	if m.PlaybackRate != nil {
		t.status.Rate = *m.PlaybackRate
	}
	if m.Commands != nil {
		t.status.Commands = *m.Commands
	}
	if m.CurrentItemID != nil {
		t.current = *m.CurrentItemID
	}
	if !t.identify(m) && t.current != current {
		t.look = true // it is an item that the device has not shown
		t.shown = Item{}
	}
	switch {
	case m.CurrentTime != nil:
		t.status.Position, t.status.At = seconds(*m.CurrentTime), now
	case t.status.Item != before.Item:
		t.status.Position, t.status.At = 0, now
	}
	t.progress(before, now)
	if t.status.Foreign || t.status.State == Idle && t.status.IdleReason != "" {
		t.last, t.status.Held = spot{}, ""
	}
	if t.status.Item != "" {
		t.status.Held = ""
	}
}

// player takes the state of the player. A device that loads says so in one of
// four ways; between two items of the queue it is idle for a moment, and names
// the next one.
func (t *tracker) player(m mediaSession) {
	t.status.IdleReason = m.IdleReason
	if m.PlayerState != nil {
		t.status.State = PlayerState(*m.PlayerState)
	}
	loading := m.LoadingItemID != 0 || m.ExtendedStatus != nil && m.ExtendedStatus.PlayerState == "LOADING"
	if t.status.State == "LOADING" || t.status.State == Idle && loading {
		t.status.State, t.status.IdleReason = Buffering, ""
	}
}

// identify tells what is loaded and whose it is, if that is known. A load inside
// our application by somebody else gives no CLOSE, only media without our mark.
func (t *tracker) identify(m mediaSession) (known bool) {
	item, known := t.items[t.current]
	if item.Duration > 0 {
		t.status.Duration = item.Duration
	}
	id := item.ID
	if media := m.shows(); media != nil {
		item, known = wireItem{Media: media}.item(), true
		t.status.Duration = item.Duration
		switch {
		case item.ID != "":
			id = item.ID
		case id == "":
			id = t.byURL(item.URL).ID
		}
	}
	if !known {
		return false
	}
	if item.URL != "" {
		t.shown, t.shown.ID = item, id
	}
	t.status.Item = id
	t.status.Foreign = id == ""
	return true
}

// byURL finds what was loaded by its address, for a device that does not echo
// our mark.
func (t *tracker) byURL(url string) Item {
	i := slices.IndexFunc(t.loaded, func(i Item) bool { return i.URL == url })
	if i < 0 {
		return Item{}
	}
	return t.loaded[i]
}

// learn takes in items that the device has shown.
func (t *tracker) learn(items []wireItem) {
	for _, w := range items {
		if w.ItemID == 0 || w.Media == nil && w.CustomData == nil {
			continue // a place in the queue, and nothing about what is there
		}
		item := w.item()
		if item.ID == "" {
			item.ID = t.byURL(item.URL).ID
		}
		if old, known := t.items[w.ItemID]; known && item.URL == "" {
			item = old
		}
		if t.items == nil {
			t.items = map[int]Item{}
		}
		if len(t.items) < maxKnown {
			t.items[w.ItemID] = item
		}
	}
}

// maxKnown bounds what is remembered of a device's queue.
const maxKnown = 4096

// queueChange counts the edits that others made.
func (t *tracker) queueChange(q queueChange) {
	if q.RequestID != 0 && t.edits[q.RequestID] {
		return
	}
	t.status.Edits++
	if q.ChangeType == "REMOVE" {
		for _, id := range q.ItemIDs {
			delete(t.items, id)
		}
	}
}

// failed takes an error about an item of the queue, or about what plays.
func (t *tracker) failed(f failure) {
	item := t.status.Item
	if known, ok := t.items[f.ItemID]; ok && f.ItemID != 0 {
		item = known.ID
	}
	if f.ItemID == 0 && (f.RequestID != 0 || f.Type == "ERROR" && f.DetailedErrorCode == 0) {
		return // about a request, which is told by its error
	}
	t.status.Failed, t.status.FailedCode = item, f.DetailedErrorCode
	t.status.Failures++
}

// progress notes whether playback has moved on.
func (t *tracker) progress(before Status, now time.Time) {
	s := &t.status
	moves := s.State == Paused || s.State == Idle && s.IdleReason != "" || s.Item != before.Item ||
		s.State == Playing && (before.State != Playing || s.Position != before.Position)
	if moves {
		t.moved = now
		s.Stalled = false
	}
}

// stalled tells whether what is loaded has not moved for the given time, and
// notes it.
func (t *tracker) stalled(now time.Time, after time.Duration) (changed bool) {
	s := &t.status
	if s.Item == "" || s.Stalled || s.State == Paused || s.State == Idle && s.IdleReason != "" {
		return false
	}
	if now.Sub(t.moved) < after {
		return false
	}
	s.Position, s.At = s.PositionAt(t.moved), now
	s.Stalled = true
	return true
}
