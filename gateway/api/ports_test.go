package api

import (
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// What other rooms export fits the ports as it is.
var (
	_ Catalog  = (*store.Store)(nil)
	_ Accounts = (*store.Store)(nil)
	_ Covers   = (*library.Library)(nil)
	_ Scanner  = (*library.Library)(nil)
	_ Zone     = (*zone.Zone)(nil)
)
