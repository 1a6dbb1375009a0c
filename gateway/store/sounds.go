package store

import (
	"context"
	"fmt"
)

// Unmeasured is a track whose sound is not known.
type Unmeasured struct {
	Track
	Print []byte // fingerprint of the audio, to be handed back to SaveSounds
}

// MeasuredSound is what a track sounds like.
type MeasuredSound struct {
	Track    string
	Print    []byte // as Unmeasured gave it
	Version  int    // of the measures
	Features []byte // empty: nothing could be measured; it is not tried again
}

// unmeasured narrows tracks to those that can be played and have no sound of
// the version asked for, or one of other audio.
const unmeasured = ` FROM tracks t LEFT JOIN sounds s ON s.track = t.id AND s.version = ? AND s.print = t.print
	WHERE t.missing = 0 AND t.waiting = '' AND s.track IS NULL`

// Unmeasured lists tracks whose sound is to be measured: the last added first,
// at most limit.
func (s *Store) Unmeasured(ctx context.Context, version, limit int) ([]Unmeasured, error) {
	return list(ctx, s.r, "list tracks to measure", func(r row) (Unmeasured, error) {
		var u Unmeasured
		var err error
		u.Track, err = scanTrack(tails{r, []any{&u.Print}})
		return u, err
	}, "SELECT "+trackColumns+", t.print"+unmeasured+" ORDER BY t.n DESC LIMIT ?", version, limit)
}

// UnmeasuredCount counts what Unmeasured would list without a limit.
func (s *Store) UnmeasuredCount(ctx context.Context, version int) (int, error) {
	var n int
	err := s.r.QueryRowContext(ctx, "SELECT count(*)"+unmeasured, version).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count tracks to measure: %w", mapped(err))
	}
	return n, nil
}

// SaveSounds keeps what was measured, in one transaction.
func (s *Store) SaveSounds(ctx context.Context, sounds []MeasuredSound) error {
	return s.write(ctx, crash, "save sounds", func(ctx context.Context, t *writer) error {
		for _, m := range sounds {
			if m.Features == nil {
				m.Features = []byte{}
			}
			_, err := t.ExecContext(ctx, `INSERT INTO sounds (track, print, version, features) VALUES (?, ?, ?, ?)
				ON CONFLICT (track) DO UPDATE SET print = excluded.print, version = excluded.version, features = excluded.features`,
				m.Track, m.Print, m.Version, m.Features)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// EachSound calls f for every track that is there with its features of the
// given version, where they could be measured. f must not call the store.
func (s *Store) EachSound(ctx context.Context, version int, f func(track string, features []byte)) error {
	rows, err := s.r.QueryContext(ctx, `SELECT s.track, s.features FROM sounds s JOIN tracks t ON t.id = s.track AND t.print = s.print
		WHERE s.version = ? AND t.missing = 0 AND length(s.features) > 0`, version)
	if err != nil {
		return fmt.Errorf("list sounds: %w", mapped(err))
	}
	return each(rows, func(r row) error {
		var track string
		var features []byte
		if err := r.Scan(&track, &features); err != nil {
			return err
		}
		f(track, features)
		return nil
	})
}
