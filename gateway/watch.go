package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
)

// scanLine is how often a scan that takes its time is told of in the terminal,
// and how long it has to take for that.
const scanLine = 5 * time.Second

// While a scan runs, the recommender is told of what it found so far: not more
// often than every refreshPause, and for at most one part in refreshRest of the
// time, however large the library is.
const (
	refreshPause = time.Second
	refreshRest  = 20
)

// A library that has grown to so many hundredths has its flows drawn anew: those
// of a new gateway began when a scan had found its first track, and would repeat
// it.
const flowsOutgrown = 150

// watchLibrary shows scans to clients and to who started the gateway, and
// brings the recommender up to date with what they changed.
func (g *Gateway) watchLibrary(ctx context.Context) error {
	var (
		revision uint64
		measured uint64    // the revision up to which the measurer was told
		told     bool      // it was told at all
		next     time.Time // not before it, while a scan runs
		drawn    int       // of how many tracks the zones' flows were drawn
	)
	counts, err := g.store.Counts(ctx)
	if err != nil {
		return fmt.Errorf("count the library: %w", err)
	}
	drawn = counts.Tracks
	lines := scanLines{folders: g.library.Roots(), say: g.cfg.Say, quietWhenEmpty: g.cfg.Demo, rarely: g.cfg.Look < 0 || g.cfg.Look > library.UsualLook}
	for p := range g.library.Watch(ctx) {
		g.api.SetScan(p)
		if begin := time.Now(); p.Revision != revision && (!p.Running || begin.After(next)) {
			revision = p.Revision
			if n := g.recommender.refresh(ctx); n > 0 && n*100 >= flowsOutgrown*drawn {
				g.zones.renewFlows(ctx)
				drawn = n
			}
			next = time.Now().Add(refreshRest * time.Since(begin)).Add(refreshPause)
		}
		if scanned := !p.Running && !p.Finished.IsZero(); scanned && (p.Revision != measured || !told) {
			measured, told = p.Revision, true
			g.measurer.Wake()
		}
		lines.tell(p, time.Now())
	}
	return nil
}

// scanLines says in the terminal how far a scan is. Those that are over in a
// moment are not worth a line.
type scanLines struct {
	folders        []string
	say            func(format string, args ...any)
	quietWhenEmpty bool
	rarely         bool // the folders are looked through less often than usual, or never

	of   time.Time // the start of the scan that was told of last
	told time.Time
	none bool // it was said that there is no music
}

func (l *scanLines) tell(p library.Progress, now time.Time) {
	switch {
	case p.Running && p.Done > 0 && now.Sub(p.Started) >= scanLine && now.Sub(l.told) >= scanLine:
		l.of, l.told = p.Started, now
		l.say("Scanning: %d of %d files, %.0f a second, %s left", p.Done, p.Total, p.Rate, p.ETA.Round(time.Second))
	case p.Running || p.Finished.IsZero():
	case l.of.Equal(p.Started) && !l.of.IsZero():
		l.of = time.Time{}
		l.say("Scanned %d files in %s; %d problems, %d tracks wait for ffmpeg: the scan report in the page names them",
			p.Done, p.Finished.Sub(p.Started).Round(time.Second), p.Problems, p.Waiting)
	case p.Total == 0 && p.Problems == 0 && !l.none && !l.quietWhenEmpty:
		l.none = true
		found := "they are found within half a minute"
		if l.rarely {
			found = "press Read again in the page"
		}
		l.say("There is no music in %s yet: put files there, and %s", strings.Join(l.folders, ", "), found)
	case p.Total > 0:
		l.none = false
	}
}
