package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite" // also registers the driver
	sqlite3 "modernc.org/sqlite/lib"
)

// File is the database's name in the data folder.
const File = "jumpgate.db"

// readers is how many reads may run side by side.
const readers = 4

// Errors that callers test for, beside those of model.go.
var (
	// ErrClosed: Run has ended, nothing is written any more.
	ErrClosed = errors.New("store: closed")
	// ErrNewer: the database was written by a newer Jumpgate.
	ErrNewer = errors.New("store: the data folder belongs to a newer Jumpgate")
)

// Config says where and how to keep things.
type Config struct {
	Dir string           // the data folder; made if it is not there
	Log *slog.Logger     // nil discards
	Now func() time.Time // nil is time.Now
	// Rand makes ids; nil is crypto/rand.
	Rand io.Reader
}

// Store is an open database.
type Store struct {
	dir  string
	path string // of the database, absolute
	log  *slog.Logger
	now  func() time.Time
	rand io.Reader
	w, r *sql.DB

	jobs  chan job
	ended chan struct{}

	playlistRevision atomic.Uint64
}

// Open opens the database in c.Dir, makes it if there is none, and brings its
// schema up to date. The caller runs [Store.Run] and, after it has ended, calls
// Close. Open refuses a database that a newer Jumpgate wrote (ErrNewer).
func Open(ctx context.Context, c Config) (*Store, error) {
	return open(ctx, c, migrations())
}

func open(ctx context.Context, c Config, steps []migration) (*Store, error) {
	s := &Store{
		dir: c.Dir, log: c.Log, now: c.Now, rand: c.Rand,
		jobs: make(chan job), ended: make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if err := s.openFile(); err != nil {
		return nil, fmt.Errorf("open the store in %s: %w", c.Dir, mapped(err))
	}
	if err := s.migrate(ctx, steps); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open the store in %s: %w", c.Dir, mapped(err))
	}
	return s, nil
}

func (s *Store) openFile() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var err error
	if s.path, err = filepath.Abs(filepath.Join(s.dir, File)); err != nil {
		return err
	}
	// SQLite would make the file readable for everybody, and its journals too.
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// What a listener wants forgotten must not stay in the file's free pages.
	if s.w, err = sql.Open("sqlite", s.dsn("synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)")+"&_txlock=immediate"); err != nil {
		return err
	}
	s.w.SetMaxOpenConns(1)
	if s.r, err = sql.Open("sqlite", s.dsn("query_only(1)")); err != nil {
		return errors.Join(err, s.w.Close())
	}
	s.r.SetMaxOpenConns(readers)
	s.r.SetMaxIdleConns(readers)
	return nil
}

// dsn names the database with what each of its connections begins with.
func (s *Store) dsn(pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(5000)", "journal_mode(WAL)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Path: s.path, RawQuery: q.Encode()}
	return u.String()
}

// Close closes the database. Run must have ended.
func (s *Store) Close() error {
	return errors.Join(s.r.Close(), s.w.Close())
}

// newID returns a random opaque id of 20 characters.
func (s *Store) newID() (string, error) {
	var b [12]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])), nil
}

// mapped gives database errors the sentinels that callers test for.
func mapped(err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case !errors.As(err, &e):
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w (%w)", ErrExists, err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w (%w)", ErrNotFound, err)
	}
	return err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us)
}

func fromDuration(d time.Duration) int64 { return d.Microseconds() }
func toDuration(us int64) time.Duration  { return time.Duration(us) * time.Microsecond }

// limits returns the page's bounds as SQL wants them.
func (p Page) limits() (limit, offset int) {
	limit = p.Limit
	if limit <= 0 {
		limit = 100
	}
	return min(limit, 1000), max(p.Offset, 0)
}
