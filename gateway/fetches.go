package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// fetchPatience is how long a device that took a LOAD may take to ask for it.
const fetchPatience = 8 * time.Second

// maxFetches bounds what is remembered of requests for media.
const maxFetches = 256

// fetches remembers which media, as "KIND/ID/FILE?QUERY", were asked for lately,
// so that a device that was told to fetch and never did can be told from one that
// plays. The query names the device (see castLink.own): several may play the same
// track.
type fetches struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newFetches() *fetches { return &fetches{last: map[string]time.Time{}} }

// watch notes every request that comes through the handlers.
func (f *fetches) watch(handlers map[string]http.Handler) map[string]http.Handler {
	for kind, inner := range handlers {
		handlers[kind] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f.note(mediaName("/media//"+kind+r.URL.Path, r.URL.RawQuery), time.Now())
			inner.ServeHTTP(w, r)
		})
	}
	return handlers
}

func (f *fetches) note(name string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.last) >= maxFetches {
		for old, at := range f.last {
			if now.Sub(at) > 2*fetchPatience || len(f.last) >= 2*maxFetches {
				delete(f.last, old)
			}
		}
	}
	f.last[name] = now
}

func (f *fetches) since(name string, begin time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.last[name]
	return ok && !at.Before(begin)
}

// watchFetches looks whether the device asks for what it was told to load. The
// request may be here before the answer to the LOAD is.
func (l *castLink) watchFetches(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case raw := <-l.loads:
			at, err := url.Parse(raw)
			if err != nil {
				continue
			}
			begin := time.Now().Add(-fetchPatience)
			if !l.fetched(ctx, mediaName(at.Path, at.RawQuery), begin) && ctx.Err() == nil && len(l.loads) == 0 {
				l.tellFetched(unfetchedProblem(at))
				continue
			}
			l.tellFetched(phrase.Phrase{})
		}
	}
}

// mediaName is a media path, /media/SIGNATURE/KIND/ID/FILE, from its kind on, with
// its query.
func mediaName(path, query string) string {
	parts := strings.SplitN(path, "/", 4)
	return parts[len(parts)-1] + "?" + query
}

// own marks a media URL as this device's.
func (l *castLink) own(url string) string {
	sum := sha256.Sum256([]byte(l.id))
	return url + "?to=" + hex.EncodeToString(sum[:6])
}

// fetched waits for a request, and gives up early where something newer is to
// be loaded.
func (l *castLink) fetched(ctx context.Context, name string, begin time.Time) bool {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(fetchPatience)
	defer patience.Stop()
	for len(l.loads) == 0 {
		if l.house.fetches.since(name, begin) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-patience.C:
			return false
		case <-tick.C:
		}
	}
	return false
}

func (l *castLink) tellFetched(problem phrase.Phrase) {
	l.house.tell(func() {
		if s := l.house.speakers[l.id]; s != nil && s.link == l && !s.unfetched.Same(problem) {
			s.unfetched = problem
			l.house.show(s)
		}
	})
}

func unfetchedProblem(at *url.URL) phrase.Phrase {
	return phrase.New(phrase.NeverFetched, at.Host, at.Port())
}
