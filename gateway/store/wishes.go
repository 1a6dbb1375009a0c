package store

import (
	"context"
	"time"
)

// Wish is a correction of a taste: more of something, none of it, or always
// there.
type Wish struct {
	Taste   string
	Kind    string // "artist", "album", "track", "genre" or "mood"
	ID      string
	Wish    string // "pin", "ban" or "more"; empty takes it back
	Name    string // as shown
	Changed time.Time
}

// SetWish keeps a wish in the place of an earlier one about the same.
func (s *Store) SetWish(ctx context.Context, w Wish) error {
	return s.write(ctx, powerCut, "keep a wish about "+w.Name, func(ctx context.Context, t *writer) error {
		if w.Wish == "" {
			_, err := t.ExecContext(ctx, "DELETE FROM wishes WHERE taste = ? AND kind = ? AND id = ?", w.Taste, w.Kind, w.ID)
			return err
		}
		_, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO wishes (taste, kind, id, wish, name, changed) VALUES (?, ?, ?, ?, ?, ?)",
			w.Taste, w.Kind, w.ID, w.Wish, w.Name, micros(s.now()))
		return err
	})
}

// AllWishes returns every wish, the earliest first.
func (s *Store) AllWishes(ctx context.Context) ([]Wish, error) {
	return list(ctx, s.r, "list wishes", scanWish, selectWishes+" ORDER BY changed")
}

// WishesOf returns the wishes about one taste, the latest first.
func (s *Store) WishesOf(ctx context.Context, taste string) ([]Wish, error) {
	return list(ctx, s.r, "list wishes", scanWish, selectWishes+" WHERE taste = ? ORDER BY changed DESC", taste)
}

const selectWishes = "SELECT taste, kind, id, wish, name, changed FROM wishes"

func scanWish(r row) (Wish, error) {
	var w Wish
	var changed int64
	err := r.Scan(&w.Taste, &w.Kind, &w.ID, &w.Wish, &w.Name, &changed)
	w.Changed = fromMicros(changed)
	return w, err
}
