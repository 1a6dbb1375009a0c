package gateway

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// NewToken makes a token for a program and returns its secret, which is not
// kept and cannot be shown again.
func NewToken(ctx context.Context, s *store.Store, name string) (string, error) {
	secret, err := api.NewToken(rand.Reader)
	if err != nil {
		return "", err
	}
	_, err = s.AddToken(ctx, secret, name, "")
	return secret, err
}

// useToken makes the environment's token valid.
func useToken(ctx context.Context, s *store.Store, secret string) error {
	if secret == "" {
		return nil
	}
	if len(secret) < 16 {
		return errors.New("JUMPGATE_TOKEN is too short: a token has 16 characters or more")
	}
	_, err := s.Token(ctx, secret)
	if errors.Is(err, store.ErrNotFound) {
		_, err = s.AddToken(ctx, secret, "JUMPGATE_TOKEN", "")
	}
	return err
}
