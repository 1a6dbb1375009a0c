package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// whepLink is a browser that listens over WebRTC. It is a member for as long as
// its session lives.
type whepLink struct{ session *rtc.Session }

func (l *whepLink) member(_, _ string) (zone.Member, error) {
	return zone.Member{Output: member.WebRTC{Session: l.session}}, nil
}
func (l *whepLink) setVolume(int) {}
func (l *whepLink) setMuted(bool) {}
func (l *whepLink) close()        {}

// joinWHEP makes a WebRTC session a device of its zone.
func (g *Gateway) joinWHEP(ctx context.Context, zoneID string, s *rtc.Session) (func(), error) {
	if _, ok := g.zones.get(zoneID); !ok {
		return nil, fmt.Errorf("zone %q: %w", zoneID, store.ErrNotFound)
	}
	d := devices.Device{
		ID: tabID(s.ID()), Kind: devices.Browser, Name: "Browser (WebRTC)", Origin: devices.Connected,
		Present: true, LastSeen: time.Now(),
	}
	if err := g.registry.Observe(ctx, d); err != nil {
		return nil, err
	}
	if err := g.house.do(ctx, func() error { return g.house.joinTab(d, zoneID, &whepLink{session: s}) }); err != nil {
		return nil, err
	}
	return func() { g.tabs.leave(d.ID) }, nil
}
