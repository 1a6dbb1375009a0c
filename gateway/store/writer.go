package store

import (
	"context"
	"database/sql"
	"fmt"
)

// durability is what a commit survives.
type durability bool

const (
	// powerCut: the change is on the medium when the write returns.
	powerCut durability = true
	// crash: the change survives the end of the process.
	crash durability = false
)

// job is one transaction. It runs in the writer's goroutine.
type job struct {
	keep durability
	run  func(ctx context.Context, t *writer) error
	done chan error
}

// writer is what a job may use: its transaction, and what the writer's
// goroutine remembers of the queues. A job must not keep it.
type writer struct {
	*sql.Tx
	orders map[string]*order
}

// Run carries out the writes, one at a time, until ctx ends. Writes wait until
// Run is called, and fail with ErrClosed once it has ended.
func (s *Store) Run(ctx context.Context) error {
	defer close(s.ended)
	// The work on a job that was taken is finished, and its outcome told.
	work := context.WithoutCancel(ctx)
	conn, err := s.w.Conn(work)
	if err != nil {
		return fmt.Errorf("open the writer: %w", mapped(err))
	}
	defer func() { _ = conn.Close() }()
	orders := map[string]*order{}
	level := powerCut
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-s.jobs:
			if j.keep != level {
				if err := setDurability(work, conn, j.keep); err != nil {
					j.done <- err
					continue
				}
				level = j.keep
			}
			err := transact(work, conn, orders, j.run)
			if err != nil {
				// What was remembered may be of the change that did not come to be.
				clear(orders)
			}
			j.done <- err
		}
	}
}

func setDurability(ctx context.Context, conn *sql.Conn, d durability) error {
	pragma := "PRAGMA synchronous = NORMAL"
	if d == powerCut {
		pragma = "PRAGMA synchronous = FULL"
	}
	_, err := conn.ExecContext(ctx, pragma)
	return err
}

func transact(ctx context.Context, conn *sql.Conn, orders map[string]*order, run func(context.Context, *writer) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := run(ctx, &writer{Tx: tx, orders: orders}); err != nil {
		// SQLite may have rolled back by itself, as it does on a full disk.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// write hands a transaction to the writer and waits for its outcome. what says
// what is being done, for the error.
func (s *Store) write(ctx context.Context, keep durability, what string, run func(ctx context.Context, t *writer) error) error {
	j := job{keep: keep, run: run, done: make(chan error, 1)}
	select {
	case s.jobs <- j:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case <-s.ended:
		return fmt.Errorf("%s: %w", what, ErrClosed)
	}
	if err := <-j.done; err != nil {
		return fmt.Errorf("%s: %w", what, mapped(err))
	}
	return nil
}
