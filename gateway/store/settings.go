package store

import (
	"context"
	"fmt"
)

// Setting returns what is kept under a key; ErrNotFound if nothing is.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.r.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", key).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("look up setting %q: %w", key, mapped(err))
	}
	return value, nil
}

// SetSetting keeps a value under a key. Secrets do not belong here.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.write(ctx, powerCut, "keep setting "+key, func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return err
	})
}
