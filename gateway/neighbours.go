package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// neighboursFile is where neighbours that were computed elsewhere are kept, in the
// data folder, as they were imported: what is not in the library yet may come.
const neighboursFile = "neighbours.txt"

// NeighboursReport says what an import of neighbours came to.
type NeighboursReport struct {
	Pairs    int `json:"pairs"` // read from the file
	Kept     int `json:"kept"`  // of tracks that are in the library, both of them
	Tracks   int `json:"tracks"`
	NotFound int `json:"notFound"` // ids that are neither a track's nor a recording's
}

// isNeighbours tells by its first line whether a file is a list of neighbours.
func isNeighbours(f io.ReaderAt) bool {
	head := make([]byte, len(jump.NeighboursHeader)+1)
	n, _ := f.ReadAt(head, 0)
	return strings.TrimRight(string(head[:n]), "\r\n") == jump.NeighboursHeader
}

// importNeighbours keeps a list of neighbours in the place of the one before.
func importNeighbours(ctx context.Context, s *store.Store, data string, dry bool, f *os.File) (NeighboursReport, error) {
	tracks := trackIDs{}
	err := s.EachTrack(ctx, func(t store.Track) error {
		tracks.add(&t)
		return nil
	})
	if err != nil {
		return NeighboursReport{}, err
	}
	_, report, err := readNeighbours(f, tracks)
	if err != nil || dry {
		return report, err
	}
	if _, err = f.Seek(0, io.SeekStart); err == nil {
		err = writeFileFrom(filepath.Join(data, neighboursFile), f)
	}
	if err != nil {
		return report, fmt.Errorf("keep the neighbours: %w", err)
	}
	return report, nil
}

// trackIDs are the tracks by their own id, and by that of their recording at
// MusicBrainz.
type trackIDs map[string][]string

// add adds a track; to nil it does nothing.
func (ids trackIDs) add(t *store.Track) {
	if ids == nil {
		return
	}
	ids[t.ID] = []string{t.ID}
	if t.RecordingID != "" {
		ids[t.RecordingID] = append(ids[t.RecordingID], t.ID)
	}
}

// readNeighbours reads a list and finds its ids among those of tracks.
func readNeighbours(f io.Reader, tracks trackIDs) (jump.Neighbours, NeighboursReport, error) {
	all, err := jump.ReadNeighbours(bufio.NewReader(f))
	if err != nil {
		return all, NeighboursReport{}, err
	}
	missing := map[string]bool{}
	found := all.Renamed(func(id string) []string {
		ids := tracks[id]
		if ids == nil {
			ids = tracks[strings.ToLower(id)]
		}
		if ids == nil {
			missing[id] = true
		}
		return ids
	})
	return found, NeighboursReport{Pairs: all.Len(), Kept: found.Len(), Tracks: found.Items(), NotFound: len(missing)}, nil
}

// hasNeighbours tells whether some are kept.
func (r *recommender) hasNeighbours() bool {
	if r.data == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(r.data, neighboursFile))
	return err == nil
}

// neighbours are those that are kept, of tracks that are in the library. A file
// that is not as it should be is told of, and does no harm.
func (r *recommender) neighbours(tracks trackIDs) (jump.Neighbours, error) {
	if r.data == "" {
		return jump.Neighbours{}, nil
	}
	f, err := os.Open(filepath.Join(r.data, neighboursFile))
	if errors.Is(err, fs.ErrNotExist) {
		return jump.Neighbours{}, nil
	}
	if err != nil {
		return jump.Neighbours{}, fmt.Errorf("open the neighbours: %w", err)
	}
	defer func() { _ = f.Close() }()
	found, _, err := readNeighbours(f, tracks)
	if errors.Is(err, jump.ErrNeighbours) {
		r.log.Error("the neighbours that were imported cannot be read any more: import them again", "error", err)
		return jump.Neighbours{}, nil
	}
	return found, err
}
