package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// Account is somebody who may sign in.
type Account struct {
	Name     string
	Password string // a hash made elsewhere (argon2id, PHC form); never the password
	Created  time.Time
}

// Token lets a program in; its secret is not kept.
type Token struct {
	ID      string
	Name    string
	Account string
	Created time.Time
}

// Accounts counts the accounts: none means that the gateway is not claimed.
func (s *Store) Accounts(ctx context.Context) (int, error) {
	var n int
	err := s.r.QueryRowContext(ctx, "SELECT count(*) FROM accounts").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count accounts: %w", mapped(err))
	}
	return n, nil
}

// AccountNames returns the names of all accounts, the oldest first.
func (s *Store) AccountNames(ctx context.Context) ([]string, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT name FROM accounts ORDER BY created, name")
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", mapped(err))
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list accounts: %w", mapped(err))
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list accounts: %w", mapped(err))
	}
	return names, nil
}

// Account returns one account.
func (s *Store) Account(ctx context.Context, name string) (Account, error) {
	a := Account{Name: name}
	var created int64
	err := s.r.QueryRowContext(ctx, "SELECT password, created FROM accounts WHERE name = ?", name).Scan(&a.Password, &created)
	if err != nil {
		return Account{}, fmt.Errorf("look up account %q: %w", name, mapped(err))
	}
	a.Created = fromMicros(created)
	return a, nil
}

// Claim makes the first account, and a listener of that name. It fails with ErrExists once there is one.
func (s *Store) Claim(ctx context.Context, name, passwordHash string) error {
	return s.write(ctx, powerCut, "claim the gateway", func(ctx context.Context, t *writer) error {
		var n int
		if err := t.QueryRowContext(ctx, "SELECT count(*) FROM accounts").Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return ErrExists
		}
		if err := addAccount(ctx, t, name, passwordHash, s.now()); err != nil {
			return err
		}
		return s.moveIn(ctx, t, name)
	})
}

// AddAccount makes an account; ErrExists if there is one of that name.
func (s *Store) AddAccount(ctx context.Context, name, passwordHash string) error {
	return s.write(ctx, powerCut, "add account "+name, func(ctx context.Context, t *writer) error {
		return addAccount(ctx, t, name, passwordHash, s.now())
	})
}

func addAccount(ctx context.Context, t *writer, name, hash string, now time.Time) error {
	_, err := t.ExecContext(ctx, "INSERT INTO accounts (name, password, created) VALUES (?, ?, ?)", name, hash, micros(now))
	return err
}

// SetPassword gives an account another password and ends its sessions.
func (s *Store) SetPassword(ctx context.Context, name, passwordHash string) error {
	return s.write(ctx, powerCut, "set the password of "+name, func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "UPDATE accounts SET password = ? WHERE name = ?", passwordHash, name)
		if err != nil {
			return err
		}
		if err := changedOne(res); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "DELETE FROM sessions WHERE account = ?", name)
		return err
	})
}

// AddSession keeps a session until expires. Sessions that are over go.
func (s *Store) AddSession(ctx context.Context, secret, account string, expires time.Time) error {
	return s.write(ctx, powerCut, "add a session", func(ctx context.Context, t *writer) error {
		now := micros(s.now())
		if _, err := t.ExecContext(ctx, "DELETE FROM sessions WHERE expires <= ?", now); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, "INSERT INTO sessions (hash, account, created, expires) VALUES (?, ?, ?, ?)",
			hashed(secret), account, now, micros(expires))
		return err
	})
}

// Session returns whose session a secret belongs to, and until when it lasts;
// ErrNotFound if there is none or it is over.
func (s *Store) Session(ctx context.Context, secret string) (account string, expires time.Time, err error) {
	var until int64
	err = s.r.QueryRowContext(ctx, "SELECT account, expires FROM sessions WHERE hash = ? AND expires > ?", hashed(secret), micros(s.now())).
		Scan(&account, &until)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("look up a session: %w", mapped(err))
	}
	return account, fromMicros(until), nil
}

// ExtendSession lets a session last longer.
func (s *Store) ExtendSession(ctx context.Context, secret string, expires time.Time) error {
	return s.change(ctx, "extend a session", "UPDATE sessions SET expires = ? WHERE hash = ?", micros(expires), hashed(secret))
}

// DeleteSession ends a session; one that is not there is no error.
func (s *Store) DeleteSession(ctx context.Context, secret string) error {
	return s.write(ctx, powerCut, "end a session", func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "DELETE FROM sessions WHERE hash = ?", hashed(secret))
		return err
	})
}

// AddToken keeps a token with the given secret.
func (s *Store) AddToken(ctx context.Context, secret, name, account string) (Token, error) {
	id, err := s.newID()
	if err != nil {
		return Token{}, err
	}
	k := Token{ID: id, Name: name, Account: account, Created: s.now()}
	err = s.write(ctx, powerCut, "add a token", func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "INSERT INTO tokens (id, hash, name, account, created) VALUES (?, ?, ?, ?, ?)",
			k.ID, hashed(secret), k.Name, k.Account, micros(k.Created))
		return err
	})
	if err != nil {
		return Token{}, err
	}
	return k, nil
}

const programColumns = "id, name, account, created"

func scanToken(r row) (Token, error) {
	var k Token
	var created int64
	err := r.Scan(&k.ID, &k.Name, &k.Account, &created)
	k.Created = fromMicros(created)
	return k, err
}

// Token returns the token that a secret belongs to.
func (s *Store) Token(ctx context.Context, secret string) (Token, error) {
	k, err := scanToken(s.r.QueryRowContext(ctx, "SELECT "+programColumns+" FROM tokens WHERE hash = ?", hashed(secret)))
	if err != nil {
		return Token{}, fmt.Errorf("look up a token: %w", mapped(err))
	}
	return k, nil
}

// Tokens lists the tokens, the first made first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	return list(ctx, s.r, "list tokens", scanToken, "SELECT "+programColumns+" FROM tokens ORDER BY created, id")
}

// DeleteToken takes a token back.
func (s *Store) DeleteToken(ctx context.Context, id string) error {
	return s.change(ctx, "delete token "+id, "DELETE FROM tokens WHERE id = ?", id)
}

// hashed is how secrets are kept: they are long and random, so a plain SHA-256
// tells nothing about them.
func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
