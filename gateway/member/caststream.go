package member

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// castStreamFormat is what every Cast device plays, groups included.
var castStreamFormat = audio.Format{Codec: audio.FLAC, Rate: 48000, Channels: 2, Bits: 16}

// castStreamFormats are those that the zone may choose from, by its own rate: a
// CD need not be resampled.
var castStreamFormats = []audio.Format{castStreamFormat, {Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16}}

// streamItem begins the id of the item that is a run of the zone's stream.
const streamItem = "stream:"

// streamTries is how often in a row a device may lose a run before it leaves.
const streamTries = 3

// castStream is what a Cast plays as an Output, in runs: a new audio.Stream
// begins a new run, which the device is told to load. It is guarded by the
// Cast's mu.
type castStream struct {
	run   *endless // nil while the device leads or the zone is silent
	id    int      // of the run
	load  bool     // the device should be told to load it
	hush  bool     // the device should be told to be silent
	tries int      // since the device last played
	shown bool     // the device has told that it has the run
	sized bool     // the device gets a Content-Length: it did not play without
	err   error    // why Write takes no more
}

func (s *castStream) item() string { return streamItem + strconv.Itoa(s.id) }

// name is the run's in its URL. Some devices play an endless stream only with a
// Content-Length, others only without: a run that failed is tried the other way.
func (s *castStream) name() string {
	if s.sized {
		return strconv.Itoa(s.id) + "-sized"
	}
	return strconv.Itoa(s.id)
}

func (s *castStream) end() {
	if s.run != nil {
		s.run.end()
		s.run = nil
	}
	s.load = false
}

// fail has the next Write return err.
func (s *castStream) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// follow takes a report while a run goes, and tells whether the device is to be
// told to load it (again).
func (s *castStream) follow(status cast.Status, back bool) bool {
	if s.load {
		return false // of the run before
	}
	lost := back && status.Item != s.item()
	if s.shown && !lost && status.App != cast.DefaultMediaReceiver {
		s.fail(ErrStopped) // "stop casting" closes the application
	}
	if status.Item == s.item() {
		s.shown = true
		switch {
		case status.Stalled:
			lost = true
		case status.State == cast.Playing:
			s.tries = 0
		case status.State == cast.Idle && status.IdleReason == "CANCELLED":
			s.fail(ErrStopped)
		case status.State == cast.Idle && (status.IdleReason == "ERROR" || status.IdleReason == "FINISHED"):
			lost = true
		}
	}
	return lost && s.again()
}

// again has the run loaded once more, unless that was tried often enough.
func (s *castStream) again() bool {
	s.tries++
	if s.tries >= streamTries {
		s.fail(ErrRefused)
		return false
	}
	s.id++ // what it says of the load before does not count any more
	s.load, s.shown = true, false
	s.sized = !s.sized
	return true
}

// castAhead is how much of the stream a device may fetch ahead of its time: what
// it takes until it begins, and what it buffers.
const castAhead = 8 * time.Second

// Caps implements zone.Output.
func (c *Cast) Caps() zone.Caps {
	c.mu.Lock()
	defer c.mu.Unlock()
	return zone.Caps{
		Formats: castStreamFormats, Lead: 500 * time.Millisecond, Buffer: castAhead, Pulled: true, StartDelay: c.align.start,
	}
}

// Write implements zone.Output.
func (c *Cast) Write(p audio.Packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.stream
	if s.err != nil {
		return s.err
	}
	if err := c.outOfStep(); err != nil {
		return err
	}
	if s.run == nil || s.run.stream != p.Stream {
		s.end()
		s.id++
		c.align.begins()
		s.run, s.load, s.hush, s.shown, s.tries = newEndless(p.Stream), true, false, false, 0
		c.wakeStream()
	}
	s.run.write(p)
	return nil
}

// Clear implements zone.Output: the device is paused, so that it does not play
// on what it has fetched, until the next run is loaded.
func (c *Cast) Clear(audio.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.align.off = false
	if c.stream.run != nil {
		c.stream.end()
		c.stream.hush = true
		c.wakeStream()
	}
	return nil
}

func (c *Cast) wakeStream() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// keepStream tells the device what the stream asks for, and asks it how far it
// is, until ctx ends.
func (c *Cast) keepStream(ctx context.Context) {
	ask := time.NewTimer(time.Hour)
	ask.Stop()
	defer ask.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ask.C:
			if c.measure(ctx) {
				ask.Reset(askEvery)
			}
			continue
		case <-c.wake:
		}
		loaded := false
		err := c.inTurn(ctx, func() (err error) {
			err = c.tend(ctx)
			var failed error
			loaded, failed = c.tellStream(ctx)
			return errors.Join(err, failed)
		})
		if loaded {
			ask.Reset(askEvery)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		c.cfg.Log.Info("the device did not take the stream", "error", err)
		if errors.Is(err, cast.ErrOffline) {
			continue // it is told again when it is back, or it goes for good
		}
		c.mu.Lock()
		if c.stream.run != nil && c.stream.again() {
			c.wakeStream()
		}
		c.mu.Unlock()
	}
}

// tellStream has the device load the newest run, or be silent.
func (c *Cast) tellStream(ctx context.Context) (loaded bool, err error) {
	cold := c.cfg.Sender.Status().App != cast.DefaultMediaReceiver
	c.mu.Lock()
	load, hush, run, item := c.stream.load, c.stream.hush, c.stream.name(), c.stream.item()
	c.stream.load, c.stream.hush = false, false
	c.mu.Unlock()
	switch {
	case load:
		url, err := c.cfg.StreamURL(run)
		if err != nil {
			return false, err
		}
		told := c.cfg.Clock.Now()
		err = c.cfg.Sender.Load(ctx, []cast.Item{{ID: item, URL: url, ContentType: "audio/flac", Live: true, Title: "Jumpgate"}}, 0)
		if err != nil {
			return false, err
		}
		c.mu.Lock()
		c.loaded = true
		c.align.told, c.align.cold, c.align.asked = told, cold, 0
		c.mu.Unlock()
		c.cfg.Loaded(url)
		return true, nil
	case hush:
		if err := c.cfg.Sender.Pause(ctx); err != nil {
			c.cfg.Log.Debug("pause the stream", "error", err)
		}
	}
	return false, nil
}

// ServeRun serves a run of the endless stream to the device.
func (c *Cast) ServeRun(run string, w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	current, sized := c.stream.run, c.stream.sized
	if run != c.stream.name() {
		current = nil
	}
	c.mu.Unlock()
	if current == nil {
		http.NotFound(w, r)
		return
	}
	current.serve(w, r, sized)
}
