package library

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// watched runs a library over a folder in simulated time. The prober counts the
// files that are read.
func watched(t *testing.T, root string, asked *counter, during func(l *Library)) {
	watchedEvery(t, 0, root, asked, during)
}

func watchedEvery(t *testing.T, look time.Duration, root string, asked *counter, during func(l *Library)) {
	data := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		s := must(store.Open(ctx, store.Config{Dir: data}))
		l := must(New(Config{Store: s, Roots: []string{root}, Look: look, Data: data, Prober: wavProber{asked}}))
		ended := make(chan error, 2)
		go func() { ended <- s.Run(ctx) }()
		go func() { ended <- l.Run(ctx) }()
		synctest.Wait()
		during(l)
		cancel()
		check(t, <-ended)
		check(t, <-ended)
		check(t, s.Close())
	})
}

func held(t *testing.T, l *Library) (n int) {
	t.Helper()
	check(t, l.store.EachTrack(context.Background(), func(store.Track) error { n++; return nil }))
	return n
}

// soon is after how long a change has certainly been taken over.
const soon = UsualLook + settleTime + time.Second

func TestFoldersAreWatched(t *testing.T) {
	root := t.TempDir()
	var asked counter
	one := put(t, root, "one.wav", wav("One", 10))
	watched(t, root, &asked, func(l *Library) {
		time.Sleep(time.Hour)
		if p := l.Progress(); asked.n() != 1 || p.Revision != 1 || time.Since(p.Finished) < time.Hour-time.Minute {
			t.Errorf("an hour without a change: %d files were read, %+v", asked.n(), p)
		}
		put(t, root, "new album/two.wav", wav("Two", 10))
		time.Sleep(soon)
		if n := held(t, l); n != 2 || asked.n() != 2 {
			t.Errorf("a new file: %d tracks, %d were read", n, asked.n())
		}
		check(t, os.WriteFile(one, wav("Uno", 20), 0o644))
		time.Sleep(soon)
		if asked.n() != 3 {
			t.Errorf("a changed file: %d were read", asked.n())
		}
		check(t, os.Remove(one))
		time.Sleep(soon)
		if n := held(t, l); n != 1 || asked.n() != 3 {
			t.Errorf("a removed file: %d tracks, %d were read", n, asked.n())
		}
	})
}

// Disks that sleep are left alone for as long as their owner wants.
func TestFoldersAreLookedThroughAsOftenAsAskedFor(t *testing.T) {
	for _, c := range []struct {
		look, before, by time.Duration // a new file is not there before, but by then
	}{
		{time.Hour, 59 * time.Minute, time.Hour + 10*time.Second},
		{-1, 100 * 24 * time.Hour, 0},
	} {
		root := t.TempDir()
		var asked counter
		put(t, root, "one.wav", wav("One", 10))
		watchedEvery(t, c.look, root, &asked, func(l *Library) {
			synctest.Wait()
			put(t, root, "two.wav", wav("Two", 10))
			time.Sleep(c.before)
			if n := held(t, l); n != 1 {
				t.Errorf("every %v: after %v there are %d tracks", c.look, c.before, n)
			}
			if c.by == 0 {
				l.Rescan()
			} else {
				time.Sleep(c.by - c.before)
			}
			synctest.Wait()
			if n := held(t, l); n != 2 {
				t.Errorf("every %v: the new one was not found: %d tracks", c.look, n)
			}
		})
	}
}

// A file that grows is read when it is whole; but others do not wait for ever for
// one that never is.
func TestFilesThatAreBeingCopiedAreWaitedFor(t *testing.T) {
	root := t.TempDir()
	var asked counter
	put(t, root, "one.wav", wav("One", 10))
	watched(t, root, &asked, func(l *Library) {
		time.Sleep(time.Second / 2) // the folders are looked through on the full second: not while a file is written here
		whole := wav("Two", 1000)
		path := filepath.Join(root, "two.wav")
		for n := len(whole) / 60; n < len(whole); n += len(whole) / 60 {
			check(t, os.WriteFile(path, whole[:n], 0o644))
			time.Sleep(time.Second)
		}
		if asked.n() != 1 {
			t.Errorf("while it was copied it was read %d times", asked.n()-1)
		}
		check(t, os.WriteFile(path, whole, 0o644))
		time.Sleep(soon)
		if n := held(t, l); n != 2 || asked.n() != 2 {
			t.Errorf("once it is whole: %d tracks, %d were read", n, asked.n()-1)
		}
		for i := range int(patience/time.Second) + 60 {
			put(t, root, "log.wav", append(wav("Log", 10), make([]byte, i)...))
			time.Sleep(time.Second)
		}
		if n := held(t, l); n != 3 {
			t.Errorf("with a file that does not stop changing: %d tracks", n)
		}
	})
}
