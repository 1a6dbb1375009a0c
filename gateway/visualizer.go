package gateway

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/visual"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// How the sound is handed to those who show it.
const (
	showAhead = time.Second            // before it is to be shown
	showEvery = 100 * time.Millisecond // so often
)

// visualTypes are what can be shown, in the order of one moment's messages.
var visualTypes = []string{"loudness", "f_peak", "spectrum", "peak", "beat"}

// visualStream is what a client gets of what it asks for; false: nothing of it.
func visualStream(want wire.Visualizer) (wire.Visualizer, bool) {
	every := (visual.Rate + want.RateMax - 1) / max(want.RateMax, 1)
	got := wire.Visualizer{Types: []string{}, RateMax: visual.Rate / max(every, 1)}
	if got.RateMax < 1 {
		return got, false
	}
	for _, t := range visualTypes {
		if !slices.Contains(want.Types, t) {
			continue
		}
		switch t {
		case "spectrum":
			if want.Spectrum == nil || binsOf(*want.Spectrum).Check() != nil {
				continue
			}
			got.Spectrum = want.Spectrum
		case "beat":
			got.Downbeats = new(bool) // the tracker does not tell them
		}
		got.Types = append(got.Types, t)
	}
	return got, len(got.Types) > 0
}

func binsOf(s wire.Spectrum) visual.Bins {
	return visual.Bins{Count: s.Bins, Scale: s.Scale, Min: s.Min, Max: s.Max}
}

// illuminate has a zone's sound measured for those of its clients that show it,
// and only while there are some and it plays.
func (h *house) illuminate(zoneID string) {
	wanted := map[*sendspin.Player]wire.Visualizer{}
	for _, s := range h.speakers {
		link, ok := s.link.(*playerLink)
		if !ok || s.attached != zoneID || link.screen.zone.State != zone.Playing {
			continue
		}
		if wish := link.player.Visualizer(); wish != nil {
			if stream, ok := visualStream(*wish); ok {
				wanted[link.player] = stream
			}
		}
	}
	l := h.lights[zoneID]
	if len(wanted) == 0 {
		if l != nil {
			delete(h.lights, zoneID)
			l.serve(wanted)
			l.stop()
		}
		return
	}
	if l == nil {
		z, ok := h.cfg.Zones.get(zoneID)
		if !ok {
			return
		}
		ctx, cancel := context.WithCancel(h.ctx)
		l = &lights{clock: h.cfg.Clock, log: h.log, stop: cancel, viewers: map[*sendspin.Player]wire.Visualizer{}}
		h.lights[zoneID] = l
		h.workers.Go(func() { l.run(ctx, z) })
	}
	l.serve(wanted)
}

// lights measures one zone's sound, once, for all that show it.
type lights struct {
	clock audio.Clock
	log   *slog.Logger
	stop  context.CancelFunc

	mu      sync.Mutex
	viewers map[*sendspin.Player]wire.Visualizer // with the stream that each was told of

	// What follows belongs to run's goroutine.
	analyser *visual.Analyser
	rate     int
	origin   audio.Time // when the analyser's sample 0 is heard
	next     audio.Time // where the sound goes on
	frames   int        // measured
	waiting  []moment
}

// moment is a frame and when it is heard.
type moment struct {
	at    audio.Time
	n     int
	frame visual.Frame
}

// serve says who is to be shown what.
func (l *lights) serve(wanted map[*sendspin.Player]wire.Visualizer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Errors of what follows mean that the connection has ended, or that the role
	// has gone, which their own events tell.
	for p := range l.viewers {
		if _, stays := wanted[p]; !stays {
			_ = p.EndVisualizer()
		}
	}
	for p, stream := range wanted {
		if was, is := l.viewers[p]; is && reflect.DeepEqual(was, stream) {
			continue
		}
		if err := p.StartVisualizer(stream); err != nil {
			delete(wanted, p)
		}
	}
	l.viewers = maps.Clone(wanted)
}

func (l *lights) run(ctx context.Context, z *runningZone) {
	tap, err := z.Tap(ctx)
	if err != nil {
		return // the zone has ended
	}
	tick := time.NewTicker(showEvery)
	defer tick.Stop()
	for {
		select {
		case m, ok := <-tap:
			if !ok {
				return
			}
			l.take(m)
		case <-tick.C:
			l.show(l.clock.Now().Add(showAhead))
		}
	}
}

// take measures a piece of what the zone plays.
func (l *lights) take(m zone.Mixed) {
	if m.Cut {
		l.analyser = nil
		l.waiting = slices.DeleteFunc(l.waiting, func(w moment) bool { return w.at >= m.At })
		l.mu.Lock()
		defer l.mu.Unlock()
		for p := range l.viewers {
			_ = p.ClearVisualizer()
		}
		return
	}
	const rounding = 2 * time.Millisecond
	if l.analyser == nil || l.rate != m.Rate || m.At.Sub(l.next).Abs() > rounding {
		a, err := visual.New(m.Rate)
		if err != nil {
			l.log.Debug("sound is not shown", "error", err)
			return
		}
		l.analyser, l.rate, l.origin = a, m.Rate, m.At
	}
	for _, f := range l.analyser.Write(m.PCM) {
		at := l.origin.Add(time.Duration(f.At) * time.Second / time.Duration(l.rate))
		l.waiting = append(l.waiting, moment{at: at, n: l.frames, frame: f})
		l.frames++
	}
	l.next = m.At.Add(time.Duration(len(m.PCM)/2) * time.Second / time.Duration(m.Rate))
}

// show sends what is heard before a time.
func (l *lights) show(until audio.Time) {
	n := 0
	for n < len(l.waiting) && l.waiting[n].at < until {
		n++
	}
	due := l.waiting[:n]
	l.waiting = l.waiting[n:]
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, stream := range l.viewers {
		for i := range due {
			if !showFrame(p, stream, &due[i]) {
				break
			}
		}
	}
}

// showFrame tells whether the client takes more.
func showFrame(p *sendspin.Player, stream wire.Visualizer, m *moment) bool {
	at, f := int64(m.at), &m.frame
	periodic := m.n%(visual.Rate/stream.RateMax) == 0
	for _, t := range stream.Types {
		var message []byte
		switch {
		case t == "loudness" && periodic:
			message = wire.AppendVisual(nil, wire.VisualLoudness, at, f.Loudness)
		case t == "f_peak" && periodic:
			message = wire.AppendVisual(nil, wire.VisualPeakFreq, at, f.PeakHz, f.PeakLevel)
		case t == "spectrum" && periodic:
			message = wire.AppendVisual(nil, wire.VisualSpectrum, at, binsOf(*stream.Spectrum).Of(f)...)
		case t == "peak" && f.Onset > 0:
			message = wire.AppendVisualEvent(nil, wire.VisualPeak, at, f.Onset)
		case t == "beat" && f.Beat:
			message = wire.AppendVisualEvent(nil, wire.VisualBeat, at, 0)
		default:
			continue
		}
		if p.ShowVisual(at, message) != nil {
			return false // it is behind, or gone: the next ones find it well, or do not
		}
	}
	return true
}
