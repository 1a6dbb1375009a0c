package api

import (
	"context"
	"slices"
	"strings"
)

// pairMethods are the ways to pair with a player.
var pairMethods = []string{"digits", "qr", "static", "token"}

func (a *API) pairDevice(ctx context.Context, in struct {
	Device string `json:"device"`
	PairRequest
},
) (any, error) {
	if !slices.Contains(pairMethods, in.Method) {
		return nil, invalid("method must be one of %s.", strings.Join(pairMethods, ", "))
	}
	if (in.Method == "token") != (in.Token != "") || len(in.Token) > 1024 {
		return nil, invalid("token goes with the method token, and only with it.")
	}
	return deviceOr(a.cfg.Devices.Pair(ctx, in.Device, in.PairRequest))
}

func (a *API) enterCode(ctx context.Context, in struct {
	Device string `json:"device"`
	Code   string `json:"code"`
},
) (any, error) {
	if in.Code == "" || len(in.Code) > 1024 {
		return nil, invalid("code must be what the device shows.")
	}
	return deviceOr(a.cfg.Devices.EnterCode(ctx, in.Device, in.Code))
}

func (a *API) cancelPairing(ctx context.Context, in deviceArgs) (any, error) {
	return deviceOr(a.cfg.Devices.CancelPairing(ctx, in.Device))
}

func (a *API) unpairDevice(ctx context.Context, in deviceArgs) (any, error) {
	return deviceOr(a.cfg.Devices.Unpair(ctx, in.Device))
}

// deviceOr keeps a device that is not there out of the answer.
func deviceOr(d Device, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (a *API) getPlayerSettings(ctx context.Context, _ none) (any, error) {
	s, err := a.cfg.Devices.PlayerSettings(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (a *API) setPlayerSettings(ctx context.Context, in struct {
	Cleartext *bool `json:"cleartext"`
},
) (any, error) {
	if in.Cleartext == nil {
		return nil, invalid("There is nothing to change.")
	}
	s := PlayerSettings{Cleartext: *in.Cleartext}
	if err := a.cfg.Devices.SetPlayerSettings(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}
