package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Backups is the folder of backups made before migrations, in the data folder.
const Backups = "backups"

// keepBackups is how many of them are kept.
const keepBackups = 3

// migration brings the schema from one version to the next: the first step
// makes version 1.
type migration struct {
	name string
	sql  string
}

// migrations returns the steps in order: the files are numbered.
func migrations() []migration {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		steps = append(steps, migration{strings.TrimSuffix(filepath.Base(name), ".sql"), string(text)})
	}
	return steps
}

// migrate carries out the steps that the database has not seen, each in a
// transaction of its own and, when there is something to lose, after a backup.
func (s *Store) migrate(ctx context.Context, steps []migration) error {
	var version int
	if err := s.w.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if version > len(steps) {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d: update Jumpgate, or use another data folder", ErrNewer, version, len(steps))
	}
	fresh := version == 0 // nothing can be lost
	for ; version < len(steps); version++ {
		step := steps[version]
		if !fresh {
			if err := s.backupBefore(ctx, version); err != nil {
				return fmt.Errorf("back up before migration %s: %w", step.name, err)
			}
			s.log.Info("migrating the store", "step", step.name)
		}
		if err := s.carryOut(ctx, step, version+1); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

func (s *Store) carryOut(ctx context.Context, step migration, version int) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if _, err := tx.ExecContext(ctx, step.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// backupBefore keeps the database as it is at the given version.
func (s *Store) backupBefore(ctx context.Context, version int) error {
	dir := filepath.Join(s.dir, Backups)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := fmt.Sprintf("jumpgate-%s-v%d.db", s.now().UTC().Format("20060102-150405.000"), version)
	if err := s.Backup(ctx, filepath.Join(dir, name)); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "jumpgate-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(old) // by time, as they are named
	for len(old) > keepBackups {
		if err := os.Remove(old[0]); err != nil {
			return err
		}
		old = old[1:]
	}
	return nil
}
