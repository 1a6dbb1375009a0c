package library

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// Progress is how far a scan is, or how the last one ended.
type Progress struct {
	Running  bool
	Done     int           // files looked at
	Total    int           // files found; grows while they are still being counted
	Rate     float64       // files a second, lately
	ETA      time.Duration // time left, 0 when not known
	Started  time.Time
	Finished time.Time // zero while the first scan runs
	Problems int       // entries of the scan report
	Waiting  int       // tracks that cannot be played yet
	// Unmeasured is how many tracks are still to be listened to in the
	// background, as SetUnmeasured said last.
	Unmeasured int
	// Revision counts the changes to the library that scans have made since
	// the program started.
	Revision uint64
}

// Problem is a file or folder that could not be read as it should, and why.
type Problem struct {
	Path   string
	Reason phrase.Phrase
}

// Progress returns the present state of scanning.
func (l *Library) Progress() Progress { return l.progress.get() }

// Watch returns a channel that gives the present state and then the latest
// one after each change, until ctx ends and it is closed. A reader that is slow
// misses states in between; nobody waits for it.
func (l *Library) Watch(ctx context.Context) <-chan Progress { return l.progress.watch(ctx) }

// SetUnmeasured says how many tracks there are whose sound is not known yet, for
// those who watch. It may be called from any goroutine.
func (l *Library) SetUnmeasured(n int) {
	l.progress.change(func(p *Progress) { p.Unmeasured = n })
}

// Report returns what the last scan, or the one that runs, could not read: at
// most 10,000 entries; Progress counts them all.
func (l *Library) Report() []Problem {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.report)
}

// latest holds a value and hands its newest state to whoever watches.
type latest struct {
	mu       sync.Mutex
	value    Progress
	watchers map[chan Progress]struct{}
}

func (l *latest) get() Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value
}

// set takes over the state of a scan, which knows nothing of what is measured.
func (l *latest) set(p Progress) {
	l.change(func(was *Progress) {
		p.Unmeasured = was.Unmeasured
		*was = p
	})
}

func (l *latest) change(f func(*Progress)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.value)
	for c := range l.watchers {
		replace(c, l.value)
	}
}

// replace puts a value into a channel of one, over what was not taken yet.
func replace(c chan Progress, p Progress) {
	select {
	case <-c:
	default:
	}
	c <- p
}

func (l *latest) watch(ctx context.Context) <-chan Progress {
	c := make(chan Progress, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watchers == nil {
		l.watchers = map[chan Progress]struct{}{}
	}
	l.watchers[c] = struct{}{}
	c <- l.value
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watchers, c)
		close(c)
	})
	return c
}
