package library

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"io/fs"
	"math"
	"os"
	"path"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// UsualLook is how often the music folders are looked through where nobody says.
const UsualLook = 15 * time.Second

// The music folders are watched by looking through them: a kernel that tells of
// changes is silent about what others change on a network share, and has too few
// watches for a large library.
const (
	// never is how often the folders are looked through where nobody wants that.
	never time.Duration = math.MaxInt64
	// lookShare is in how many parts of the time one may go to that: a slow disk
	// or a share is looked at less often.
	lookShare = 50
	// settleTime is how long what is new has to stay as it is before it is read:
	// files are still being copied.
	settleTime = 5 * time.Second
	// patience is after how long it is read although it still changes.
	patience = 2 * time.Minute
	// failedRest is after how long a scan that had to stop is tried again.
	failedRest = 5 * time.Minute
)

// watcher decides when the music folders are scanned. It belongs to the goroutine
// of Run.
type watcher struct {
	l       *Library
	scanned uint64    // what the last scan met
	seen    uint64    // what was met since, where that is something else
	since   time.Time // when it was first met, zero if all is as it was scanned
}

// scan scans, and returns after how long to look again.
func (w *watcher) scan(ctx context.Context) time.Duration {
	w.since = time.Time{}
	var whole bool
	if w.scanned, whole = w.l.scan(ctx); !whole {
		w.scanned = 0
		return failedRest
	}
	return w.l.every
}

// pace is how often the folders are looked through, as Config.Look has it.
func pace(look time.Duration) time.Duration {
	switch {
	case look == 0:
		return UsualLook
	case look < 0:
		return never
	}
	return look
}

// look looks through the folders, scans if there is something to be read, and
// returns after how long to look again.
func (w *watcher) look(ctx context.Context) time.Duration {
	begin := w.l.now()
	seen := w.l.look(ctx)
	took := w.l.now().Sub(begin)
	switch {
	case seen == w.scanned:
		w.since = time.Time{}
		return max(w.l.every, lookShare*took)
	case w.since.IsZero():
		w.since = begin
	case seen == w.seen, begin.Sub(w.since) >= patience:
		return w.scan(ctx)
	}
	w.seen = seen
	return max(settleTime, took)
}

// look returns what is in the music folders, as one number that a scan of the
// same files gives too. A folder that cannot be reached has nothing in it.
func (l *Library) look(ctx context.Context) (seen uint64) {
	for _, dir := range l.roots {
		root, err := os.OpenRoot(dir)
		if err != nil {
			continue
		}
		w := walker{root: root, problem: func(string, phrase.Phrase, bool) {}}
		w.file = func(rel string, f *folder, e fs.DirEntry) error {
			if info, err := e.Info(); err == nil {
				seen += l.trace(path.Join(dir, rel), info.Size(), info.ModTime().UnixNano(), f.art)
			}
			return nil
		}
		// Only ctx ends it early; then nobody waits for what was seen.
		_ = w.walk(ctx, ".", nil, 0)
		_ = root.Close()
	}
	return seen
}

// trace is what one file adds to what was seen.
func (l *Library) trace(path string, size, mtime, art int64) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], uint64(size))
	binary.LittleEndian.PutUint64(b[8:], uint64(mtime))
	binary.LittleEndian.PutUint64(b[16:], uint64(art))
	_, _ = h.Write(b[:])
	_, _ = h.WriteString(path)
	return h.Sum64()
}
