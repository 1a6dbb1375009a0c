package api

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

func (a *API) listDevices(ctx context.Context, _ none) (any, error) {
	all, err := a.cfg.Devices.List(ctx)
	return List[Device]{mapped(all, func(d Device) Device { return d })}, err
}

type deviceArgs struct {
	Device string `json:"device"`
}

func (a *API) getDevice(ctx context.Context, in deviceArgs) (any, error) {
	d, err := a.cfg.Devices.Get(ctx, in.Device)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (a *API) addDevice(ctx context.Context, in DeviceRequest) (any, error) {
	switch in.Kind {
	case "cast", "cast-group", "player":
	default:
		return nil, invalid("kind must be cast, cast-group or player.")
	}
	in.Address = strings.TrimSpace(in.Address)
	if !isAddress(in.Address) {
		return nil, Invalid(phrase.AddressForm)
	}
	if in.Name != "" {
		var err error
		if in.Name, err = cleanName(in.Name, 100); err != nil {
			return nil, err
		}
	}
	d, err := a.cfg.Devices.Add(ctx, in)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// isAddress tells whether s looks like a host with or without a port; whether
// anything answers there is for the device's room to find out.
func isAddress(s string) bool {
	if s == "" || len(s) > 255 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	host := s
	if h, port, err := net.SplitHostPort(s); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
		host = h
	}
	return host != "" && !strings.ContainsAny(host, "/\\?#@\"'<>")
}

func (a *API) patchDevice(ctx context.Context, in struct {
	Device   string           `json:"device"`
	Name     *string          `json:"name"`
	Zone     nullable[string] `json:"zone"`
	Volume   *int             `json:"volume"`
	Muted    *bool            `json:"muted"`
	Ceiling  *int             `json:"ceiling"`
	Approved *bool            `json:"approved"`
	DelayMs  *int             `json:"delayMs"`
	Cast     *CastPatch       `json:"cast"`
},
) (any, error) {
	p := DevicePatch{Volume: in.Volume, Muted: in.Muted, Ceiling: in.Ceiling, Approved: in.Approved, Cast: in.Cast}
	if in.Name != nil {
		name, err := cleanName(*in.Name, 100)
		if err != nil {
			return nil, err
		}
		p.Name = &name
	}
	if err := in.Cast.check(); err != nil {
		return nil, err
	}
	if err := within("volume", in.Volume, 0, 100); err != nil {
		return nil, err
	}
	if err := within("ceiling", in.Ceiling, 1, 100); err != nil {
		return nil, err
	}
	if err := within("delayMs", in.DelayMs, -2000, 2000); err != nil {
		return nil, err
	}
	if in.DelayMs != nil {
		delay := time.Duration(*in.DelayMs) * time.Millisecond
		p.Delay = &delay
	}
	if in.Zone.given {
		out := ""
		p.Zone = &out
		if in.Zone.value != nil {
			if _, err := a.zone(*in.Zone.value); err != nil {
				return nil, err
			}
			p.Zone = in.Zone.value
		}
	}
	if p == (DevicePatch{}) {
		return nil, invalid("There is nothing to change.")
	}
	d, err := a.cfg.Devices.Patch(ctx, in.Device, p)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// check refuses what no Chromecast can be told; a nil patch is fine.
func (p *CastPatch) check() error {
	switch {
	case p == nil:
		return nil
	case *p == (CastPatch{}):
		return invalid("cast has nothing to change.")
	case p.Mode != nil && !slices.Contains(castModes, *p.Mode):
		return invalid("cast.mode must be one of %s.", strings.Join(castModes, ", "))
	case p.Certificate != nil && *p.Certificate != AcceptCertificate && *p.Certificate != RefuseCertificate:
		return invalid("cast.certificate must be %s or %s.", AcceptCertificate, RefuseCertificate)
	case p.Member != nil && (p.Member.ID == "" || p.Member.Volume == nil && p.Member.Muted == nil):
		return invalid("cast.member needs an id, and a volume or muted.")
	case p.Member != nil:
		return within("cast.member.volume", p.Member.Volume, 0, 100)
	}
	return nil
}

// castModes are the ways in which a Chromecast can play.
var castModes = []string{"auto", "queue", "stream"}

func within(name string, n *int, least, most int) error {
	if n != nil && (*n < least || *n > most) {
		return invalid("%s must be %d to %d.", name, least, most)
	}
	return nil
}

func (a *API) deleteDevice(ctx context.Context, in deviceArgs) (any, error) {
	return nil, a.cfg.Devices.Remove(ctx, in.Device)
}
