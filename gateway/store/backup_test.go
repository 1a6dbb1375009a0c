package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestMigrationsBackUpFirst(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	now := time.Unix(1_700_000_000, 0)
	conf := Config{Dir: dir, Now: func() time.Time { now = now.Add(time.Second); return now }}
	steps := migrations()[:1]
	newest := len(migrations())
	for i := range newest { // one more in all than this program has
		step := migration{fmt.Sprint(i), fmt.Sprintf("CREATE TABLE t%d (x)", i)}
		s, err := open(ctx, conf, steps)
		check(t, err)
		check(t, s.Close())
		steps = append(steps, step)
		s, err = open(ctx, conf, steps)
		check(t, err)
		check(t, s.Close())
		kept := must(os.ReadDir(filepath.Join(dir, Backups)))
		if len(kept) != min(i+1, keepBackups) {
			t.Errorf("%d backups after %d migrations", len(kept), i+1)
		}
	}
	// An older program refuses what a newer one has written.
	_, err := open(ctx, conf, steps[:4])
	if !errors.Is(err, ErrNewer) {
		t.Errorf("a newer schema: %v", err)
	}
	// A backup is a store as it was.
	kept := must(filepath.Glob(filepath.Join(dir, Backups, fmt.Sprintf("*-v%d.db", newest))))
	old := t.TempDir()
	check(t, os.Rename(kept[0], filepath.Join(old, File)))
	s, err := open(ctx, Config{Dir: old}, steps)
	check(t, err)
	check(t, s.Close())
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	steps := migrations()[:1]
	s, err := open(ctx, Config{Dir: dir}, steps)
	check(t, err)
	check(t, s.Close())
	if _, err = open(ctx, Config{Dir: dir}, append(steps, migration{"bad", "CREATE TABLE half (x); CREATE TABLE half (x)"})); err == nil {
		t.Fatal("a bad migration was carried out")
	}
	s, err = open(ctx, Config{Dir: dir}, append(steps, migration{"good", "CREATE TABLE half (x)"}))
	check(t, err)
	check(t, s.Close())
}

func TestBackupWhileWriting(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := s.AddPlay(ctx, Play{Track: "t"}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	dir := t.TempDir()
	file := filepath.Join(dir, File)
	before := 0
	for range 5 {
		check(t, s.Backup(ctx, file))
		copied, err := Open(ctx, Config{Dir: dir})
		check(t, err)
		plays := must(copied.Plays(ctx, 0, 0))
		check(t, copied.Close())
		if len(plays) < before {
			t.Errorf("%d plays after %d", len(plays), before)
		}
		before = len(plays)
	}
	close(stop)
	<-done
	if info := must(os.Stat(file)); info.Mode().Perm() != 0o600 {
		t.Errorf("the backup's mode is %v", info.Mode())
	}
	if err := s.Backup(ctx, filepath.Join(dir, "none", "x.db")); err == nil {
		t.Error("a backup into no folder")
	}
	if left := must(filepath.Glob(filepath.Join(dir, ".backup-*"))); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDataFolderIsPrivate(t *testing.T) {
	dir := t.TempDir()
	opened(t, dir)
	for _, f := range must(filepath.Glob(filepath.Join(dir, "*"))) {
		if info := must(os.Stat(f)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}
	check(t, os.WriteFile(filepath.Join(dir, "other"), []byte("this is not a database, but it is long enough to be looked at"), 0o600))
	bad := t.TempDir()
	check(t, os.Rename(filepath.Join(dir, "other"), filepath.Join(bad, File)))
	if _, err := Open(context.Background(), Config{Dir: bad}); err == nil {
		t.Error("opened what is no database")
	}
}
