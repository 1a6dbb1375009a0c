package gateway

import (
	"context"
	"fmt"

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
func (l *whepLink) close()        { l.session.Close() }

// joinWHEP makes a WebRTC session a device of its zone: the tab that was given
// the session's ticket, or a WHEP client that nobody announced.
func (g *Gateway) joinWHEP(ctx context.Context, zoneID string, s *rtc.Session) (func(), error) {
	if _, ok := g.zones.get(zoneID); !ok {
		return nil, fmt.Errorf("zone %q: %w", zoneID, store.ErrNotFound)
	}
	who, ok := g.tabs.redeem(s.Ticket())
	if !ok {
		who = tab{id: tabID(s.ID()), name: "WebRTC listener"}
	}
	l := &whepLink{session: s}
	if err := g.tabs.enter(ctx, who, zoneID, l); err != nil {
		return nil, err
	}
	return func() { g.tabs.leave(who.id, l) }, nil
}
