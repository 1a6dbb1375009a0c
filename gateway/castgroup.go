package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// memberLimit is how long setting one member's volume may take.
const memberLimit = 8 * time.Second

// memberID is a group's member as the registry calls it: devices announce their
// id without dashes, groups name them with.
func memberID(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }

// members is a group as clients see it; nil where it is none, or not connected.
func (l *castLink) members() []api.CastMember {
	var out []api.CastMember
	for _, m := range l.sender.Members() {
		out = append(out, api.CastMember{ID: memberID(m.ID), Name: m.Name, Volume: percent(m.Volume), Muted: m.Muted})
	}
	return out
}

// patchMember sets the volume of one device of a group. A group's own connection
// has no message for that: it is told to the device itself.
func (h *house) patchMember(s *speaker, p api.CastMemberPatch) error {
	l, ok := s.link.(*castLink)
	if !ok || !l.connected {
		return api.Invalid(phrase.GroupOffline)
	}
	for _, m := range l.sender.Members() {
		if memberID(m.ID) != p.ID {
			continue
		}
		if p.Volume != nil {
			level := float64(*p.Volume) / 100
			return h.tellMember(m, &level, p.Muted)
		}
		return h.tellMember(m, nil, p.Muted)
	}
	return fmt.Errorf("member %q of the group: %w", p.ID, store.ErrNotFound)
}

// tellMember sets what is not nil of a device of a group, by the connection that
// there is or by one that is made for it. It does not wait. The device is not
// louder than its ceiling, in a group neither.
func (h *house) tellMember(m cast.Member, level *float64, muted *bool) error {
	other := h.speakers[memberID(m.ID)]
	if other == nil {
		return api.Invalid(phrase.MemberUnknown, m.Name)
	}
	do := func(ctx context.Context, device *cast.Sender) error {
		var errs []error
		if level != nil {
			errs = append(errs, device.SetVolume(ctx, *level))
		}
		if muted != nil {
			errs = append(errs, device.SetMuted(ctx, *muted))
		}
		return errors.Join(errs...)
	}
	if level != nil {
		*level = min(*level, float64(other.settings.Ceiling)/100)
	}
	if l, ok := other.link.(*castLink); ok && l.connected {
		l.order(func(ctx context.Context) error { return do(ctx, l.sender) })
		return nil
	}
	at, known := addr(other.device)
	if !known {
		return api.Invalid(phrase.MemberUnknown, m.Name)
	}
	trust := h.trust(other.device.ID)
	h.workers.Go(func() {
		ctx, cancel := context.WithTimeout(h.ctx, memberLimit)
		defer cancel()
		if err := cast.Once(ctx, cast.Config{Trust: trust, Log: h.log}, at, do); err != nil && h.ctx.Err() == nil {
			h.log.Info("a group's member did not do what it was told", "member", m.Name, "error", err)
		}
	})
	return nil
}

// setGroupVolume brings a group to a volume; its members keep their proportion,
// so that none is left at 0. Where no member is reached by itself the group's own
// level is set.
func (l *castLink) setGroupVolume(ctx context.Context, level float64) error {
	reached := false
	err := l.sender.SetGroupVolume(ctx, level, func(ctx context.Context, m cast.Member, level float64) error {
		told := make(chan error, 1)
		l.house.tell(func() { told <- l.house.tellMember(m, &level, nil) })
		select {
		case err := <-told:
			reached = reached || err == nil
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil && !reached {
		return l.sender.SetVolume(ctx, level)
	}
	return err
}

// rewrite gives a URL that the device holds our present address.
func (l *castLink) rewrite(_, held string) string {
	at, err := url.Parse(held)
	if err != nil {
		return held
	}
	host, err := l.house.cfg.Origin.hostPort(l.at())
	if err != nil {
		return held
	}
	at.Host = host
	return at.String()
}
