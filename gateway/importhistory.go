package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/history"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

const (
	// importedBy is the zone that plays heard elsewhere stand under.
	importedBy = "import"
	// importBatch is how many plays are written in one transaction.
	importBatch = 500
	// maxMissing is how many names of what the library lacks are reported.
	maxMissing = 1000
)

// ImportReport says what an import of listening history came to.
type ImportReport struct {
	Format   string            `json:"format"`
	Listens  int               `json:"listens"` // read from the file
	ByID     int               `json:"byId"`    // found by MusicBrainz ids
	ByPath   int               `json:"byPath"`  // found by their files' paths
	ByNames  int               `json:"byNames"` // found by artist and title
	Nearly   int               `json:"nearly"`  // found by names that nearly agree
	NotFound int               `json:"notFound"`
	Added    int               `json:"added"` // that were not known yet
	Playlist string            `json:"playlist,omitempty"`
	Missing  []history.Missing `json:"missing"` // the most listened to first

	Neighbours *NeighboursReport `json:"neighbours,omitempty"` // of a list of neighbours, and nothing of the above
}

// IsPlaylist tells whether the file was a playlist; Playlist is empty where nothing
// of it was found.
func (r ImportReport) IsPlaylist() bool { return r.Format == string(history.M3U) }

// Import says what is imported, and for whom.
type Import struct {
	File     string
	Listener string // whose history it is, by name; may be empty in a home of one
	Dry      bool   // only report
}

// ImportHistory reads a file of listening history, or of neighbours, into a data
// folder that no gateway uses.
func ImportHistory(ctx context.Context, data string, in Import) (ImportReport, error) {
	var report ImportReport
	err := withKept(ctx, data, func(s *store.Store) (err error) {
		report, err = importFile(ctx, s, data, in)
		return err
	})
	// What is kept of the recommender is older than what was imported.
	if gone := os.Remove(filepath.Join(data, recommenderFile)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("remove what is kept of the recommender: %w", gone))
	}
	return report, err
}

// importHistory does the same in a running gateway, whose recommender learns of
// it.
func (g *Gateway) importHistory(ctx context.Context, in Import) (ImportReport, error) {
	report, err := importFile(ctx, g.store, g.cfg.Data, in)
	if !in.Dry && (report.Added > 0 || report.Playlist != "" || report.Neighbours != nil && err == nil) {
		g.recommender.reload(ctx)
	}
	return report, err
}

// importFile imports neighbours, by their first line, or else an export, or a
// playlist by its name's ending.
func importFile(ctx context.Context, s *store.Store, data string, in Import) (ImportReport, error) {
	file := in.File
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return ImportReport{}, fmt.Errorf("there is no file %s", file)
	}
	if err != nil {
		return ImportReport{}, fmt.Errorf("open the history: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return ImportReport{}, fmt.Errorf("open the history: %w", err)
	}
	if info.IsDir() {
		return ImportReport{}, fmt.Errorf("%s is a folder: name the files in it", file)
	}
	if isNeighbours(f) {
		report, err := importNeighbours(ctx, s, data, in.Dry, f)
		if err != nil {
			err = fmt.Errorf("import %s: %w", filepath.Base(file), err)
		}
		return ImportReport{Format: "neighbours", Neighbours: &report}, err
	}
	taste, err := tasteOf(ctx, s, in.Listener)
	if err != nil {
		return ImportReport{}, err
	}
	i := importer{store: s, dry: in.Dry, taste: taste, lengths: map[string]time.Duration{}}
	if err := i.index(ctx); err != nil {
		return ImportReport{}, err
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".m3u", ".m3u8":
		err = i.playlist(ctx, f, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	default:
		err = i.listens(ctx, f, info.Size())
	}
	if err != nil {
		err = fmt.Errorf("import %s: %w", filepath.Base(file), err)
	}
	return i.result(), err
}

// importer is one import.
type importer struct {
	store   *store.Store
	dry     bool
	taste   string // that the plays teach
	tracks  *history.Index
	lengths map[string]time.Duration // by track id
	report  history.Report
	batch   []store.Play
	added   int
	list    string
}

func (i *importer) index(ctx context.Context) error {
	var tracks []history.Track
	err := i.store.EachTrack(ctx, func(t store.Track) error {
		tracks = append(tracks, history.Track{
			ID: t.ID, Title: t.Title, Artist: t.Artist, AlbumArtist: t.AlbumArtist, Album: t.Album,
			RecordingID: t.RecordingID, Path: filepath.ToSlash(t.Path), Length: t.Duration,
		})
		i.lengths[t.ID] = t.Duration
		return nil
	})
	i.tracks = history.NewIndex(tracks)
	return err
}

func (i *importer) listens(ctx context.Context, f *os.File, size int64) error {
	format, err := history.Read(f, size, func(l history.Listen) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		id, how := i.tracks.Match(l)
		i.report.Add(l, how)
		if how == history.NotFound {
			return nil
		}
		i.batch = append(i.batch, i.play(l, id))
		if len(i.batch) < importBatch {
			return nil
		}
		return i.flush(ctx)
	})
	i.report.Format = format
	return errors.Join(err, i.flush(ctx))
}

// play is what is kept of a listen. Where an export does not say how it ended, it
// lists only what was heard for the most part.
func (i *importer) play(l history.Listen, id string) store.Play {
	length := i.lengths[id]
	p := store.Play{
		Zone: importedBy, Tastes: []string{i.taste}, Track: id, By: string(zone.Picked), Started: l.At,
		Heard: l.Heard, Length: length, End: string(jump.Complete),
	}
	switch l.End {
	case history.Skipped:
		p.End = string(jump.Skipped)
	case history.Stopped:
		p.End = string(jump.Stopped)
	case history.Complete, history.Unknown:
		if p.Heard == 0 {
			p.Heard = length
		} else if l.End == history.Unknown && p.Heard < length/2 {
			p.End = string(jump.Stopped)
		}
	}
	return p
}

func (i *importer) flush(ctx context.Context) error {
	plays := i.batch
	i.batch = i.batch[:0]
	if i.dry || len(plays) == 0 {
		return nil
	}
	n, err := i.store.ImportPlays(ctx, plays)
	i.added += n
	return err
}

func (i *importer) playlist(ctx context.Context, f *os.File, name string) error {
	p, err := history.ReadPlaylist(f)
	if err != nil {
		return err
	}
	i.report.Format = history.M3U
	var ids []string
	for _, e := range p.Entries {
		id, how := i.tracks.MatchEntry(e)
		l := history.Listen{Artist: e.Artist, Title: e.Title}
		if l.Title == "" {
			l.Title = e.Path
		}
		i.report.Add(l, how)
		if how != history.NotFound {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || i.dry {
		return nil
	}
	if p.Name != "" {
		name = p.Name
	}
	if _, err := i.store.CreatePlaylist(ctx, name, ids); err != nil {
		return err
	}
	i.list, i.added = name, len(ids)
	return nil
}

func (i *importer) result() ImportReport {
	found := i.report.Found
	return ImportReport{
		Format: string(i.report.Format), Listens: i.report.Listens, ByID: found[history.ByID], ByPath: found[history.ByPath],
		ByNames: found[history.ByNames], Nearly: found[history.Nearly], NotFound: found[history.NotFound],
		Added: i.added, Playlist: i.list, Missing: i.report.Missing(maxMissing),
	}
}
