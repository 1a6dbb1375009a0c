package library

import (
	"context"
	"errors"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// A tree with everything that goes wrong: what is good is found, what is bad
// is told, nothing ends the scan.
func TestScanOfABadTree(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	put(t, root, "good.wav", wav("Good", 1000))
	put(t, root, "tagged.flac", flacFile([]string{"TITLE=Tagged", "ARTIST=Ann", "ALBUM=First"}, nil, 1))
	put(t, root, "Bob - Second/02 - Untagged.wav", wav("", 1000))
	put(t, root, "empty.mp3", nil)
	put(t, root, "text.flac", []byte("this is only a text that pretends to be music"))
	put(t, root, "header.flac", []byte("fLaC\x00\x00\x00\x22"))
	put(t, root, "zeros.mp3", make([]byte, 5000))
	put(t, root, "lying.flac", flacFile([]string{"TITLE=Lying"}, nil, 1)[:60])
	put(t, root, "._good.wav", []byte("a fork of macOS"))
	put(t, root, ".hidden/a.wav", wav("Hidden", 10))
	put(t, root, "@eaDir/a.wav", wav("Thumb", 10))
	put(t, root, "spoken/.nomedia", nil)
	put(t, root, "spoken/a.wav", wav("Spoken", 10))
	put(t, root, "...And Oceans/a.wav", wav("Oceans", 10))
	put(t, root, "notes.txt", []byte("no music"))
	put(t, outside, "secret.wav", wav("Secret", 10))
	check(t, os.Symlink(filepath.Join(outside, "secret.wav"), filepath.Join(root, "out.wav")))
	check(t, os.Symlink("nowhere", filepath.Join(root, "dangling.wav")))
	check(t, os.Symlink(outside, filepath.Join(root, "outdir")))
	check(t, os.Symlink("spoken", filepath.Join(root, "linked")))
	check(t, os.Symlink("good.wav", filepath.Join(root, "linked.wav")))
	check(t, syscall.Mkfifo(filepath.Join(root, "fifo.mp3"), 0o644))
	check(t, os.Mkdir(filepath.Join(root, "dir.mp3"), 0o755))

	f := newFixture(t, root)
	tracks := f.again()
	for _, title := range []string{"Good", "Tagged", "Untagged", "Oceans"} {
		if _, ok := tracks[title]; !ok {
			t.Errorf("%q was not found", title)
		}
	}
	for _, title := range []string{"Hidden", "Thumb", "Spoken", "Secret", "Lying"} {
		if _, ok := tracks[title]; ok {
			t.Errorf("%q was found", title)
		}
	}
	if u := tracks["Untagged"]; u.Artist != "Bob" || u.Album != "Second" || u.Number != 2 || u.Duration == 0 {
		t.Errorf("untagged: %+v", u)
	}
	if g := tracks["Tagged"]; g.Duration != time.Second/5 || g.Codec != "flac" || g.Bits != 16 {
		t.Errorf("tagged: %+v", g)
	}
	got := f.reasons(root)
	for rel, want := range map[string]string{
		"empty.mp3": "empty", "text.flac": "not what its name says", "header.flac": "damaged", "zeros.mp3": "not what its name says",
		"lying.flac": "damaged", "out.wav": "out of the music folder", "dangling.wav": "leads nowhere", "linked": "not followed",
		"fifo.mp3": "not a regular file",
	} {
		if !strings.Contains(got[rel], want) {
			t.Errorf("%s: %q, want something with %q", rel, got[rel], want)
		}
		delete(got, rel)
	}
	if len(got) != 0 {
		t.Errorf("further problems: %v", got)
	}
	p := f.Progress()
	if p.Running || p.Done != p.Total || p.Problems != 9 || p.Finished.IsZero() {
		t.Errorf("progress: %+v", p)
	}
}

func TestRescanReadsOnlyWhatChanged(t *testing.T) {
	root := t.TempDir()
	var asked counter
	put(t, root, "a/one.wav", wav("One", 10))
	put(t, root, "a/two.wav", wav("Two", 10))
	changed := put(t, root, "b/three.wav", wav("Three", 10))
	f := fixtureIn(t, t.TempDir(), wavProber{&asked}, root)
	before := f.again()
	if asked.n() != 3 {
		t.Fatalf("%d files were read", asked.n())
	}
	revision := f.Progress().Revision
	f.again()
	if asked.n() != 3 || f.Progress().Revision != revision || f.Progress().Done != 3 {
		t.Errorf("an unchanged tree: %d files were read, %+v", asked.n()-3, f.Progress())
	}
	check(t, os.WriteFile(changed, wav("Changed", 11), 0o644))
	after := f.again()
	if asked.n() != 4 || after["Changed"].ID != before["Three"].ID || len(after) != 3 {
		t.Errorf("a changed file: %d were read, %v", asked.n()-3, after)
	}
	put(t, root, "a/cover.png", picture(8, color.White, true))
	f.again()
	if asked.n() != 6 {
		t.Errorf("a new picture: %d files were read, want 2", asked.n()-4)
	}
	check(t, os.WriteFile(changed, []byte("broken"), 0o644))
	if after = f.again(); len(after) != 2 || f.Progress().Problems != 1 {
		t.Errorf("a file that broke: %v", after)
	}
	check(t, os.WriteFile(changed, wav("Mended", 12), 0o644))
	if after = f.again(); after["Mended"].ID != before["Three"].ID {
		t.Errorf("a file that was mended: %v", after)
	}
}

func TestMovedFilesKeepTheirID(t *testing.T) {
	root, second := t.TempDir(), t.TempDir()
	put(t, root, "a/one.wav", wav("One", 500))
	put(t, root, "a/two.wav", wav("Two", 500))
	put(t, root, "a/three.wav", wav("Three", 500))
	f := newFixture(t, root, second)
	before := f.again()
	check(t, os.Rename(filepath.Join(root, "a"), filepath.Join(root, "b")))
	after := f.again()
	if len(after) != 3 {
		t.Fatalf("%d tracks after a folder was renamed", len(after))
	}
	for title, was := range before {
		if after[title].ID != was.ID || !strings.HasPrefix(after[title].Path, filepath.Join(root, "b")) {
			t.Errorf("%s: %+v", title, after[title])
		}
	}
	check(t, os.Rename(filepath.Join(root, "b", "one.wav"), filepath.Join(second, "first.wav")))
	put(t, root, "copy/two.wav", wav("Two", 500)) // a copy is another track
	f.again()
	count := must(f.store.Counts(context.Background()))
	if one := must(f.store.Track(context.Background(), before["One"].ID)); one.Root != second || one.Missing {
		t.Errorf("moved to another folder: %+v", one)
	}
	if count.Tracks != 4 || count.Missing != 0 {
		t.Errorf("counts: %+v", count)
	}
}

func TestGoneFilesAreMarkedAndComeBack(t *testing.T) {
	ctx := context.Background()
	root := t.TempDir()
	gone := put(t, root, "gone.wav", wav("Gone", 500))
	put(t, root, "here.wav", wav("Here", 500))
	f := newFixture(t, root)
	id := f.again()["Gone"].ID
	check(t, os.Remove(gone))
	if after := f.again(); len(after) != 1 {
		t.Errorf("tracks: %v", after)
	}
	if tr := must(f.store.Track(ctx, id)); !tr.Missing {
		t.Error("the track is not marked missing")
	}
	if _, _, err := f.Open(ctx, id); !errors.Is(err, ErrGone) {
		t.Errorf("opening it: %v", err)
	}
	put(t, root, "gone.wav", wav("Gone", 500))
	if got := f.again()["Gone"]; got.ID != id {
		t.Errorf("back as %+v", got)
	}
}

// A disk that is not there must not wipe the library.
func TestVanishedRoot(t *testing.T) {
	ctx := context.Background()
	base := t.TempDir()
	root := filepath.Join(base, "disk")
	put(t, root, "a.wav", wav("A", 500))
	put(t, root, "b.wav", wav("B", 500))
	f := newFixture(t, root)
	id := f.again()["A"].ID
	away := filepath.Join(base, "away")

	check(t, os.Rename(root, away))
	for _, mount := range []bool{false, true} { // no folder, then an empty mount point
		if mount {
			check(t, os.Mkdir(root, 0o755))
		}
		if after := f.again(); len(after) != 2 {
			t.Errorf("%d tracks without the disk", len(after))
		}
		if got := f.reasons(root)["."]; !strings.Contains(got, "cannot be reached") || !strings.Contains(got, "its 2 tracks stay") {
			t.Errorf("report: %q", got)
		}
		want := ErrUnreachable
		if mount {
			want = ErrGone
		}
		if _, _, err := f.Open(ctx, id); !errors.Is(err, want) {
			t.Errorf("opening a track: %v", err)
		}
	}
	check(t, os.Remove(root))
	check(t, os.Rename(away, root))
	after := f.again()
	if after["A"].ID != id || f.Progress().Problems != 0 {
		t.Errorf("after it came back: %+v, %v", after["A"], f.Report())
	}
	file, _, err := f.Open(ctx, id)
	check(t, err)
	check(t, file.Close())

	// A folder that is no longer a music folder takes its tracks along.
	other := t.TempDir()
	l := must(New(Config{Store: f.store, Roots: []string{other}, Data: f.data, Prober: AudioProber{}}))
	l.scan(ctx)
	if n := must(f.store.Counts(ctx)); n.Tracks != 0 || n.Missing != 2 {
		t.Errorf("counts: %+v", n)
	}
	if _, _, err := l.Open(ctx, id); !errors.Is(err, ErrUnreachable) {
		t.Errorf("opening a track of another folder: %v", err)
	}
}

// A folder that comes back is found without being asked for.
func TestVanishedRootComesBackByItself(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "disk")
	data := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		s := must(store.Open(ctx, store.Config{Dir: data}))
		l := must(New(Config{Store: s, Roots: []string{root}, Data: data, Prober: AudioProber{}}))
		ended := make(chan error, 2)
		go func() { ended <- s.Run(ctx) }()
		go func() { ended <- l.Run(ctx) }()
		time.Sleep(2 * UsualLook)
		if p := l.Progress(); p.Problems != 1 || p.Running {
			t.Errorf("without its folder: %+v", p)
		}
		put(t, root, "a.wav", wav("A", 10))
		time.Sleep(2 * UsualLook)
		if p := l.Progress(); p.Problems != 0 || p.Done != 1 || p.Running {
			t.Errorf("once it is back: %+v", p)
		}
		cancel()
		check(t, <-ended)
		check(t, <-ended)
		check(t, s.Close())
	})
}

func TestUnreadableFolderKeepsItsTracks(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a/a.wav", wav("A", 500))
	put(t, root, "b/b.wav", wav("B", 500))
	f := newFixture(t, root)
	f.again()
	// Root may read everything, so the folder becomes a link that leads out.
	check(t, os.Rename(filepath.Join(root, "a"), filepath.Join(root, ".a")))
	r := must(os.OpenRoot(root))
	defer func() { _ = r.Close() }()
	s := &scan{l: f.Library, roots: map[string]*os.Root{root: r}, held: map[string]int{root: 2}, moved: map[int64]bool{}}
	c := must(s.compare(context.Background(), root, r))
	c.blind = []string{filepath.Join(root, "a")}
	check(t, s.collect(context.Background(), c))
	check(t, s.markGone(context.Background(), root, r, c))
	if n := must(f.store.Counts(context.Background())); n.Tracks != 2 {
		t.Errorf("counts: %+v", n)
	}
}

// brokenProber fails in every way that a prober may.
type brokenProber struct{}

func (brokenProber) Probe(_ io.ReaderAt, _ int64, name string) (Sound, error) {
	switch filepath.Base(name) {
	case "panic.wav":
		panic("out of range")
	case "denied.wav":
		return Sound{}, &os.PathError{Op: "read", Path: name, Err: syscall.EACCES}
	case "waits.wav":
		return Sound{Codec: "aac", Waiting: NeedsFFmpeg}, nil
	}
	return Sound{Codec: "pcm"}, nil
}

func TestWhateverTheProberDoes(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"panic.wav", "denied.wav", "waits.wav", "fine.wav"} {
		put(t, root, name, wav(name, 10))
	}
	f := fixtureIn(t, t.TempDir(), brokenProber{}, root)
	if tracks := f.again(); len(tracks) != 2 || tracks["waits.wav"].Waiting != NeedsFFmpeg {
		t.Errorf("tracks: %v", tracks)
	}
	got := f.reasons(root)
	if !strings.Contains(got["panic.wav"], "reader failed") || !strings.Contains(got["denied.wav"], "permission") {
		t.Errorf("report: %v", got)
	}
	if f.Progress().Waiting != 1 {
		t.Errorf("progress: %+v", f.Progress())
	}
}

func TestRunScansWhenAsked(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a.wav", wav("A", 10))
	f := newFixture(t, root)
	ctx, cancel := context.WithCancel(context.Background())
	watch := f.Watch(ctx)
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	wait := func(n int) {
		for p := range watch {
			if !p.Running && !p.Finished.IsZero() && p.Done == n {
				return
			}
		}
	}
	wait(1)
	put(t, root, "b.wav", wav("B", 10))
	f.Rescan()
	wait(2)
	cancel()
	check(t, <-ended)
	for range watch { // closed once ctx has ended
	}
}

func TestNoMusicFolders(t *testing.T) {
	f := newFixture(t)
	if tracks := f.again(); len(tracks) != 0 || f.Progress().Problems != 0 {
		t.Errorf("no folders: %v, %+v", tracks, f.Progress())
	}
	empty := newFixture(t, t.TempDir())
	if tracks := empty.again(); len(tracks) != 0 || empty.Progress().Problems != 0 {
		t.Errorf("an empty folder: %v, %+v", tracks, empty.Progress())
	}
}

func TestRootsWithinRoots(t *testing.T) {
	got := must(cleanRoots([]string{"/music/b", "/music", "/musical", "/music/"}))
	if strings.Join(got, " ") != "/music /musical" {
		t.Errorf("roots: %v", got)
	}
	// A folder that was scanned as a part of another keeps its tracks.
	root := t.TempDir()
	put(t, root, "sub/a.wav", wav("A", 10))
	f := newFixture(t, root)
	id := f.again()["A"].ID
	l := must(New(Config{Store: f.store, Roots: []string{filepath.Join(root, "sub")}, Data: f.data, Prober: AudioProber{}}))
	l.scan(context.Background())
	if tr := must(f.store.Track(context.Background(), id)); tr.Missing || tr.Root != filepath.Join(root, "sub") {
		t.Errorf("track: %+v", tr)
	}
}

// A store that is full ends the scan with a reason, and the next one goes on.
func TestScanWithAStoreThatEnded(t *testing.T) {
	root, data := t.TempDir(), t.TempDir()
	put(t, root, "a.wav", wav("A", 10))
	s := must(store.Open(context.Background(), store.Config{Dir: data}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	check(t, s.Run(ctx))
	l := must(New(Config{Store: s, Roots: []string{root}, Data: data, Prober: AudioProber{}}))
	w := watcher{l: l}
	if rest := w.scan(context.Background()); rest != failedRest || w.scanned != 0 {
		t.Errorf("the next look is after %v, at %x", rest, w.scanned)
	}
	if r := l.Report(); len(r) != 1 || !strings.Contains(r[0].Reason.String(), "had to stop") {
		t.Errorf("report: %v", r)
	}
	check(t, s.Close())
}
