package gateway

import (
	"context"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// accounts is the store as the API sees it for signing in: with the first
// account comes a listener.
type accounts struct {
	*store.Store
	audience *audience
}

// Claim implements api.Accounts.
func (a accounts) Claim(ctx context.Context, name, passwordHash string) error {
	if err := a.Store.Claim(ctx, name, passwordHash); err != nil {
		return err
	}
	return a.audience.load(ctx)
}
