package store

import (
	"context"
	"time"
)

// Rated is a rating with the time when it was given.
type Rated struct {
	Taste   string // whose
	Track   string
	Value   Rating
	Changed time.Time
}

// SetRating says what the listeners of the tastes think of a track; Unrated
// takes it back.
func (s *Store) SetRating(ctx context.Context, tastes []string, track string, value Rating) error {
	return s.write(ctx, powerCut, "rate track "+track, func(ctx context.Context, t *writer) error {
		for _, taste := range tastes {
			var err error
			if value == Unrated {
				_, err = t.ExecContext(ctx, "DELETE FROM ratings WHERE taste = ? AND track = ?", taste, track)
			} else {
				_, err = t.ExecContext(ctx, `INSERT INTO ratings (taste, track, value, changed) VALUES (?, ?, ?, ?)
					ON CONFLICT (taste, track) DO UPDATE SET value = excluded.value, changed = excluded.changed`, taste, track, int(value), micros(s.now()))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Ratings returns what the tastes together say of the given tracks: those that
// none of them rated, and those on which they differ, are absent.
func (s *Store) Ratings(ctx context.Context, tastes, tracks []string) (map[string]Rating, error) {
	out := map[string]Rating{}
	for _, taste := range tastes {
		for rest := tracks; len(rest) > 0; {
			n := min(len(rest), 500)
			rated, err := list(ctx, s.r, "look up ratings", scanRated,
				selectRatings+" WHERE taste = ? AND track IN ("+marks(n)+")", append([]any{taste}, anys(rest[:n])...)...)
			if err != nil {
				return nil, err
			}
			for _, r := range rated {
				if other, ok := out[r.Track]; ok && other != r.Value {
					r.Value = Unrated
				}
				out[r.Track] = r.Value
			}
			rest = rest[n:]
		}
	}
	for track, value := range out {
		if value == Unrated {
			delete(out, track)
		}
	}
	return out, nil
}

// AllRatings returns every rating, the earliest first.
func (s *Store) AllRatings(ctx context.Context) ([]Rated, error) {
	return list(ctx, s.r, "list ratings", scanRated, selectRatings+" ORDER BY changed")
}

// RatingsOf returns the ratings of one taste, the earliest first.
func (s *Store) RatingsOf(ctx context.Context, taste string) ([]Rated, error) {
	return list(ctx, s.r, "list ratings", scanRated, selectRatings+" WHERE taste = ? ORDER BY changed", taste)
}

const selectRatings = "SELECT taste, track, value, changed FROM ratings"

func scanRated(r row) (Rated, error) {
	var out Rated
	var changed int64
	err := r.Scan(&out.Taste, &out.Track, &out.Value, &changed)
	out.Changed = fromMicros(changed)
	return out, err
}
