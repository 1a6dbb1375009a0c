package api

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what hashing a password takes. It stands in every hash, so that it
// can be raised later.
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

// passwordCost is OWASP's recommendation for argon2id; a Raspberry Pi 3 takes
// about 0.2 s and 19 MiB.
var passwordCost = cost{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltSize = 16
	keySize  = 32
)

var errHash = errors.New("api: not an argon2id hash that this gateway made")

// hasher hashes passwords, at most two at a time: the rest wait, so that a
// flood of sign-ins cannot take the memory that music needs.
type hasher struct {
	rand  io.Reader
	slots chan struct{}
	decoy string // what the password of a name that is not there is compared to
}

func newHasher(rand io.Reader) (*hasher, error) {
	h := &hasher{rand: rand, slots: make(chan struct{}, 2)}
	decoy, err := h.hash(context.Background(), "nobody's password")
	if err != nil {
		return nil, err
	}
	h.decoy = decoy
	return h, nil
}

// hash returns a PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.rand, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	key, err := h.derive(ctx, password, salt, passwordCost)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		passwordCost.memory, passwordCost.time, passwordCost.threads,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// HashPassword checks a new password and returns its hash, for whoever keeps
// accounts without the API.
func HashPassword(ctx context.Context, rand io.Reader, password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	h := hasher{rand: rand, slots: make(chan struct{}, 1)}
	return h.hash(ctx, password)
}

// SetPassword gives an account another password and ends its sessions; pages
// that are open are asked to sign in. The error is store.ErrNotFound for an
// account that is not there, or a *Problem. It is for who owns the data folder:
// nothing is asked of them.
func (a *API) SetPassword(ctx context.Context, account, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := a.cfg.Accounts.SetPassword(ctx, account, hash); err != nil {
		return err
	}
	a.log.Info("a password was set from the data folder", "account", account)
	a.recheck(ctx)
	return nil
}

// matches compares in constant time. It takes as long for a hash that cannot
// be read as for a wrong password.
func (h *hasher) matches(ctx context.Context, password, hash string) (bool, error) {
	c, salt, want, err := parseHash(hash)
	if err != nil {
		if c, salt, want, err = parseHash(h.decoy); err != nil {
			return false, err
		}
		want[0] ^= 0xff
	}
	got, err := h.derive(ctx, password, salt, c)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h *hasher) derive(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, keySize), nil
}

func parseHash(s string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return cost{}, nil, nil, errHash
	}
	if c.memory > 256*1024 || c.time < 1 || c.time > 16 || c.threads < 1 {
		return cost{}, nil, nil, errHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return cost{}, nil, nil, errHash
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != keySize {
		return cost{}, nil, nil, errHash
	}
	return c, salt, key, nil
}

// NewToken makes the secret of a token, for whoever keeps one without the API.
func NewToken(rand io.Reader) (string, error) { return newSecret(rand, "jg_") }

// newSecret returns 32 random bytes as text, behind a prefix that tells people
// and secret scanners what it is.
func newSecret(rand io.Reader, prefix string) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(rand, b); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString(b), nil
}
