package library

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/library/tags"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// job is one file to read.
type job struct {
	root   *os.Root
	rel    string
	size   int64
	mtime  int64 // nanoseconds
	n      int64 // the row that it has, 0 for a new file
	folder *folder
}

func (j *job) path() string { return filepath.Join(j.root.Name(), j.rel) }

// result is what came of reading a file.
type result struct {
	job     job
	track   store.ScannedTrack
	ok      bool          // the track is good to be kept
	same    bool          // the file has not changed and was not read
	walked  bool          // not of a file to be read, but of what was met on the way
	problem phrase.Phrase // for the report, zero without one
}

// readFile reads one file. Whatever is in it, this returns.
func (l *Library) readFile(j job) (r result) {
	r.job = j
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("reading a file failed", "path", j.path(), "panic", p)
			r.ok, r.problem = false, phrase.New(phrase.ScanReaderFailed)
		}
	}()
	if j.size == 0 {
		r.problem = phrase.New(phrase.ScanEmpty)
		return r
	}
	f, err := openRegular(j.root, j.rel)
	if err != nil {
		r.problem = reasonFor(err, j.path())
		return r
	}
	defer func() { _ = f.Close() }()
	sound, err := l.prober.Probe(f, j.size, j.path())
	if err != nil {
		r.problem = reasonFor(err, j.path())
		return r
	}
	t, err := tags.Read(f, j.size)
	if err != nil {
		r.problem = phrase.New(phrase.ScanTags, inner(err))
	}
	r.track = trackOf(j, sound, t)
	r.track.Cover = coverOf(t, j.folder)
	if r.track.Print, err = fingerprint(f, j.size); err != nil {
		r.problem = reasonFor(err, j.path())
		return r
	}
	r.ok = true
	return r
}

// trackOf puts together what is known of a file.
func trackOf(j job, s Sound, t tags.Tags) store.ScannedTrack {
	guess := fromName(filepath.ToSlash(j.rel))
	if t.Empty() {
		t.Artist, t.Album = guess.Artist, guess.Album
		t.Number = cmp.Or(t.Number, guess.Number)
		t.Disc = cmp.Or(t.Disc, guess.Disc)
	}
	t.Title = cmp.Or(t.Title, guess.Title)
	albumDir, _ := albumFolder(path.Dir(filepath.ToSlash(j.rel)))
	out := store.ScannedTrack{N: j.n, Art: j.folder.art, AlbumArtistID: store.ArtistID(t.AlbumArtist)}
	out.Track = store.Track{
		Path: j.path(), Root: j.root.Name(), Size: j.size, ModTime: timeOf(j.mtime),
		Title: t.Title, Artist: t.Artist, Album: t.Album, AlbumArtist: t.AlbumArtist,
		Genre: strings.Join(t.Genres, "; "), Mood: t.Mood, Year: t.Year,
		Disc: t.Disc, Discs: t.Discs, Number: t.Number, Numbers: t.Numbers,
		Duration: s.Duration, Codec: s.Codec, Rate: s.Rate, Channels: s.Channels, Bits: s.Bits,
		GainDB: t.Gain.Track, Peak: t.Gain.TrackPeak, AlbumGainDB: t.Gain.Album, AlbumPeak: t.Gain.AlbumPeak,
		Waiting: s.Waiting, RecordingID: t.RecordingID,
		Composer: t.Composer, Work: t.Work, Movement: t.Movement, ArtistSort: t.ArtistSort,
	}
	if out.Artist == "" {
		out.Artist = t.AlbumArtist
	}
	if len(t.ArtistIDs) == 1 {
		out.ArtistMBID = t.ArtistIDs[0]
	}
	out.ArtistID = store.ArtistID(out.Artist)
	out.AlbumID = store.AlbumID(t.Album, t.AlbumArtist, filepath.Join(out.Root, albumDir))
	return out
}

// fingerprint tells a file again that was moved: by its size and two pieces
// from its middle, where tags are not.
func fingerprint(r io.ReaderAt, size int64) ([]byte, error) {
	const piece = 4 << 10
	h := sha256.New()
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(size))
	h.Write(n[:])
	b := make([]byte, piece)
	for _, at := range []int64{size / 2, size / 4 * 3} {
		m, err := r.ReadAt(b, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read at %d: %w", at, err)
		}
		h.Write(b[:m])
	}
	return h.Sum(nil)[:16], nil
}

// reasonFor says in plain words why a file could not be read.
func reasonFor(err error, path string) phrase.Phrase {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return phrase.New(phrase.ScanNoPermission)
	case errors.Is(err, fs.ErrNotExist):
		return phrase.New(phrase.ScanVanished)
	default:
		cause := inner(err)
		cause.Text = strings.TrimPrefix(cause.Text, "open "+path+": ")
		return phrase.New(phrase.ScanDamaged, cause)
	}
}

// inner says the cause without the path, which stands beside it.
func inner(err error) phrase.Phrase {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, errReplaced):
		return phrase.New(phrase.FolderReplaced)
	case errors.As(err, &pathErr):
		return phrase.Cause(pathErr.Err)
	}
	return phrase.Cause(err)
}
