package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childEnv names the data folder to the process that is going to be killed.
const childEnv = "STORE_TEST_KILL_DIR"

// childMain is that process: it writes plays, ratings, playlists and queue
// edits, and says on standard output what has been acknowledged.
func childMain() bool {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return false
	}
	ctx := context.Background()
	s := must(Open(ctx, Config{Dir: dir}))
	go func() { _ = s.Run(ctx) }()
	zones := must(s.Zones(ctx))
	start := len(must(s.Plays(ctx, 0, 0)))
	for i := start; ; i++ {
		n := strconv.Itoa(i)
		id := must(s.AddPlay(ctx, Play{Track: n}))
		fmt.Println("play", id, n)
		must(0, s.SetRating(ctx, []string{"mina"}, n, Liked))
		fmt.Println("like", n)
		at := 0
		if i%2 == 1 {
			at = i / 2
		}
		must(0, s.SaveQueue(ctx, zones[0].ID, []QueueChange{{At: at, Inserted: []QueueEntry{{ID: n, Track: n}}}}, Queue{Index: i}))
		fmt.Println("queue", n)
		must(0, s.SavePosition(ctx, zones[0].ID, i, time.Duration(i), true))
		p := must(s.CreatePlaylist(ctx, n, []string{n}))
		fmt.Println("playlist", p.ID)
	}
}

// A process that is killed at any moment loses nothing that it acknowledged.
func TestKillLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(context.Background(), Config{Dir: dir})
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	must(s.CreateZone(ctx, "z"))
	cancel()
	check(t, <-ended)
	check(t, s.Close())

	const rounds = 50
	acked := map[string]bool{}
	for range rounds {
		killOne(t, dir, acked)
		verifyAcked(t, dir, acked)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d acknowledged writes in %d rounds, none lost", len(acked), rounds)
}

// killOne runs the child and kills it a random while after its first word.
func killOne(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewScanner(out)
	timer := (*time.Timer)(nil)
	for lines.Scan() {
		acked[lines.Text()] = true
		if timer == nil {
			timer = time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	if timer == nil {
		t.Fatal("the child wrote nothing")
	}
}

func verifyAcked(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	ctx := context.Background()
	s, err := Open(ctx, Config{Dir: dir})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	have := map[string]bool{}
	for _, p := range must(s.Plays(ctx, 0, 0)) {
		have[fmt.Sprint("play ", p.ID, " ", p.Track)] = true
	}
	for _, r := range must(s.AllRatings(ctx)) {
		have["like "+r.Track] = true
	}
	for _, e := range must(s.LoadQueue(ctx, must(s.Zones(ctx))[0].ID)).Entries {
		have["queue "+e.ID] = true
	}
	rows, err := s.r.QueryContext(ctx, "SELECT id FROM playlists")
	check(t, err)
	check(t, each(rows, func(r row) error {
		var id string
		err := r.Scan(&id)
		have["playlist "+id] = true
		return err
	}))
	for what := range acked {
		if strings.Contains(what, " ") && !have[what] {
			t.Errorf("lost: %s", what)
		}
	}
	var ok string
	check(t, s.r.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&ok))
	if ok != "ok" {
		t.Errorf("integrity: %s", ok)
	}
}
