package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// exportFormat names what exportTaste writes; another number is another form.
const exportFormat = "jumpgate-listener-1"

// exportedPlay is a play as an export has it.
type exportedPlay struct {
	At        time.Time `json:"at"`
	Track     string    `json:"track"` // the gateway's id
	Title     string    `json:"title,omitempty"`
	Artist    string    `json:"artist,omitempty"`
	Album     string    `json:"album,omitempty"`
	Recording string    `json:"recording,omitempty"` // of MusicBrainz
	HeardMs   int64     `json:"heardMs"`
	LengthMs  int64     `json:"lengthMs"`
	End       string    `json:"end"`
	By        string    `json:"by"`
	Zone      string    `json:"zone"`
}

// exportedRating is a rating as an export has it.
type exportedRating struct {
	At     time.Time    `json:"at"`
	Track  string       `json:"track"`
	Title  string       `json:"title,omitempty"`
	Artist string       `json:"artist,omitempty"`
	Value  store.Rating `json:"value"`
}

// Export writes everything that is kept of a listener to a new file, from a data
// folder that no gateway uses. The listener may be left out in a home of one.
func Export(ctx context.Context, data, listener, file string) error {
	return withKept(ctx, data, func(s *store.Store) error { return exportFile(ctx, s, listener, file) })
}

// Forget deletes everything that is kept of a listener, but for the name, in a
// data folder that no gateway uses.
func Forget(ctx context.Context, data, listener string) error {
	return withKept(ctx, data, func(s *store.Store) error {
		taste, err := tasteOf(ctx, s, listener)
		if err != nil {
			return err
		}
		return s.ForgetTaste(ctx, taste)
	})
}

func exportFile(ctx context.Context, s *store.Store, listener, file string) (err error) {
	taste, err := tasteOf(ctx, s, listener)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name", file)
	}
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(file)) // half of it is of no use
		}
	}()
	return exportTaste(ctx, s, taste, f)
}

// exportTaste writes everything that is kept of a taste as one JSON object, as
// it is read: a history may be larger than what should be held at once.
func exportTaste(ctx context.Context, s *store.Store, taste string, w io.Writer) error {
	name := ""
	if _, ofZone := store.ZoneOfTaste(taste); !ofZone {
		who, err := s.Listener(ctx, taste)
		if err != nil {
			return err
		}
		name = who.Name
	}
	x := exporter{bufio.NewWriter(w)}
	if err := x.put(`{"format":`, exportFormat, `,"name":`, name, `,"plays":[`); err != nil {
		return fmt.Errorf("export a listener: %w", err)
	}
	between := "\n"
	err := s.PlaysOf(ctx, taste, func(p store.Play, t store.Track) error {
		defer func() { between = ",\n" }()
		return x.put(between, exportedPlay{
			At: p.Started.UTC(), Track: p.Track, Title: t.Title, Artist: t.Artist, Album: t.Album, Recording: t.RecordingID,
			HeardMs: p.Heard.Milliseconds(), LengthMs: p.Length.Milliseconds(), End: p.End, By: p.By, Zone: p.Zone,
		})
	})
	if err != nil {
		return fmt.Errorf("export the plays: %w", err)
	}
	ratings, err := exportedRatings(ctx, s, taste)
	if err != nil {
		return err
	}
	wishes, err := s.WishesOf(ctx, taste)
	if err != nil {
		return err
	}
	err = x.put("],\n\"ratings\":", ratings, ",\n\"wishes\":", wishViews(wishes), "}\n")
	if err := errors.Join(err, x.w.Flush()); err != nil {
		return fmt.Errorf("export a listener: %w", err)
	}
	return nil
}

func wishViews(wishes []store.Wish) []api.Wish {
	out := make([]api.Wish, len(wishes))
	for i, w := range wishes {
		out[i] = api.Wish{Kind: w.Kind, ID: w.ID, Name: w.Name, Wish: w.Wish}
	}
	return out
}

func exportedRatings(ctx context.Context, s *store.Store, taste string) ([]exportedRating, error) {
	ratings, err := s.RatingsOf(ctx, taste)
	if err != nil {
		return nil, err
	}
	out := make([]exportedRating, len(ratings))
	ids := make([]string, len(ratings))
	for i, r := range ratings {
		out[i], ids[i] = exportedRating{At: r.Changed.UTC(), Track: r.Track, Value: r.Value}, r.Track
	}
	tracks, err := s.TracksByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]store.Track, len(tracks))
	for _, t := range tracks {
		byID[t.ID] = t
	}
	for i := range out {
		out[i].Title, out[i].Artist = byID[out[i].Track].Title, byID[out[i].Track].Artist
	}
	return out, nil
}

// exporter writes JSON piece by piece.
type exporter struct{ w *bufio.Writer }

// put alternates between text as it is and values as JSON, text first. The
// writer keeps its first error.
func (x exporter) put(parts ...any) error {
	for i, part := range parts {
		text, raw := part.(string)
		if !raw || i%2 == 1 {
			value, err := json.Marshal(part)
			if err != nil {
				return err
			}
			text = string(value)
		}
		if _, err := x.w.WriteString(text); err != nil {
			return err
		}
	}
	return nil
}
