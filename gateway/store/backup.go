package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database to file, while everything
// goes on. An earlier file of that name is replaced only once the copy is
// complete and on the medium. The copy is readable for its owner only.
func (s *Store) Backup(ctx context.Context, file string) error {
	if err := s.backup(ctx, file); err != nil {
		return fmt.Errorf("back up to %s: %w", file, mapped(err))
	}
	return nil
}

func (s *Store) backup(ctx context.Context, file string) (err error) {
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, ".backup-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := s.vacuumInto(ctx, tmp.Name()); err != nil {
		return err
	}
	if err := syncPath(tmp.Name()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return err
	}
	return syncPath(dir)
}

// vacuumInto copies what is committed now into an empty file, on a connection
// of its own: those for reading may write nothing at all.
func (s *Store) vacuumInto(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", s.dsn())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	return errors.Join(err, db.Close())
}

// syncPath puts a file's content, or a folder's names, on the medium.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
