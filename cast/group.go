package cast

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Member is a device that belongs to a group.
type Member struct {
	ID           string // the device's uuid, with dashes
	Name         string
	Volume       float64 // 0 to 1
	Muted        bool
	Capabilities int // bits, as in the device's own mDNS record
}

// CastingGroup is a group that a device belongs to.
type CastingGroup struct {
	ID   string
	Name string
}

// multizone merges what a device tells of its group.
func (t *tracker) multizone(m message, h header) bool {
	switch h.Type {
	case "MULTIZONE_STATUS":
		return merge(m, func(s multizoneStatus) {
			var members []Member
			for _, w := range s.Status.Devices[:min(len(s.Status.Devices), maxMembers)] {
				members = joined(members, w)
			}
			t.members = members
			t.status.MemberChanges++
		})
	case "DEVICE_ADDED", "DEVICE_UPDATED":
		return merge(m, func(d multizoneDevice) {
			if d.Device == nil || len(t.members) >= maxMembers {
				return
			}
			t.members = joined(slices.Clone(t.members), *d.Device)
			t.status.MemberChanges++
		})
	case "DEVICE_REMOVED":
		return merge(m, func(d multizoneDevice) {
			t.members = slices.DeleteFunc(slices.Clone(t.members), func(m Member) bool { return m.ID == d.DeviceID })
			t.status.MemberChanges++
		})
	default:
		return false
	}
}

// maxMembers bounds what a device may tell of its group.
const maxMembers = 256

// joined puts a member in, in place of what was known of it. What the device
// leaves out has not changed.
func joined(members []Member, w wireMember) []Member {
	if w.DeviceID == "" {
		return members
	}
	at := slices.IndexFunc(members, func(m Member) bool { return m.ID == w.DeviceID })
	if at < 0 {
		at = len(members)
		members = append(members, Member{ID: w.DeviceID})
	}
	m := &members[at]
	if w.Name != "" {
		m.Name = w.Name
	}
	if w.Capabilities != 0 {
		m.Capabilities = w.Capabilities
	}
	if w.Volume != nil {
		if w.Volume.Level != nil {
			m.Volume = min(max(*w.Volume.Level, 0), 1)
		}
		if w.Volume.Muted != nil {
			m.Muted = *w.Volume.Muted
		}
	}
	return members
}

// Members returns the members of a group, in the order in which the device named
// them; those that are out of reach are not among them. Config.Group must be
// set. Status.MemberChanges tells when to ask again.
func (s *Sender) Members() []Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.track.members)
}

// CastingGroups asks a device for the groups that it belongs to. Not all devices
// know the question.
func (s *Sender) CastingGroups(ctx context.Context) ([]CastingGroup, error) {
	var g castingGroups
	if err := s.askReceiver(ctx, nsMultizone, &plain{header{Type: "GET_CASTING_GROUPS"}}, &g); err != nil {
		return nil, err
	}
	var out []CastingGroup
	for _, w := range append(g.Groups, g.Status.Groups...) {
		id := w.DeviceID
		if id == "" {
			id = w.GroupID
		}
		out = append(out, CastingGroup{ID: id, Name: w.Name})
	}
	return out, nil
}

// SetGroupVolume brings a group to a volume, 0 to 1, and keeps its members in
// proportion. The group's volume is the mean of its members'. No member gets to 0
// unless the group does, and what a group at 0 was before is remembered; a member
// that somebody turned to 0 beside others that play stays at 0.
//
// set brings one member to a level. A group's own connection has no message for
// that: it takes a connection to the member, by a Sender that the caller holds or
// by Once. Members that fail do not stop the others; the errors come joined. A
// device that has told of no members gets its own SetVolume.
func (s *Sender) SetGroupVolume(ctx context.Context, level float64, set func(ctx context.Context, member Member, level float64) error) error {
	s.mu.Lock()
	members := slices.Clone(s.track.members)
	levels := s.balance.levels(members, level, time.Now())
	s.mu.Unlock()
	if len(members) == 0 {
		return s.SetVolume(ctx, level)
	}
	var errs []error
	for _, m := range members {
		if err := set(ctx, m, levels[m.ID]); err != nil {
			errs = append(errs, fmt.Errorf("set the volume of %s: %w", m.Name, err))
		}
	}
	return errors.Join(errs...)
}
