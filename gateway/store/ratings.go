package store

import (
	"context"
	"time"
)

// Rated is a rating with the time when it was given.
type Rated struct {
	Track   string
	Value   Rating
	Changed time.Time
}

// SetRating says what the listener thinks of a track; Unrated takes it back.
func (s *Store) SetRating(ctx context.Context, track string, value Rating) error {
	return s.write(ctx, powerCut, "rate track "+track, func(ctx context.Context, t *writer) error {
		if value == Unrated {
			_, err := t.ExecContext(ctx, "DELETE FROM ratings WHERE track = ?", track)
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO ratings (track, value, changed) VALUES (?, ?, ?)
			ON CONFLICT (track) DO UPDATE SET value = excluded.value, changed = excluded.changed`, track, int(value), micros(s.now()))
		return err
	})
}

// Ratings returns the ratings of the given tracks; those without are absent.
func (s *Store) Ratings(ctx context.Context, tracks []string) (map[string]Rating, error) {
	out := map[string]Rating{}
	for rest := tracks; len(rest) > 0; {
		n := min(len(rest), 500)
		rated, err := list(ctx, s.r, "look up ratings", scanRated,
			"SELECT track, value, changed FROM ratings WHERE track IN ("+marks(n)+")", anys(rest[:n])...)
		if err != nil {
			return nil, err
		}
		for _, r := range rated {
			out[r.Track] = r.Value
		}
		rest = rest[n:]
	}
	return out, nil
}

// AllRatings returns every rating, the earliest first.
func (s *Store) AllRatings(ctx context.Context) ([]Rated, error) {
	return list(ctx, s.r, "list ratings", scanRated, "SELECT track, value, changed FROM ratings ORDER BY changed")
}

func scanRated(r row) (Rated, error) {
	var out Rated
	var changed int64
	err := r.Scan(&out.Track, &out.Value, &changed)
	out.Changed = fromMicros(changed)
	return out, err
}
