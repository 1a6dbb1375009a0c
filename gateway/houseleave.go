package gateway

import (
	"errors"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// released is told by a zone that it let a member go. It is called on the zone's
// goroutine.
func (h *house) released(zoneID, device string, reason error) {
	h.tell(func() {
		s := h.speakers[device]
		if s == nil || s.attached != zoneID {
			return
		}
		s.attached = ""
		h.illuminate(zoneID)
		switch {
		case errors.Is(reason, zone.ErrTaken):
			h.leaveZone(s, takenProblem(""))
		case errors.Is(reason, member.ErrStopped):
			h.leaveZone(s, phrase.New(phrase.DeviceStopped))
		case errors.Is(reason, zone.ErrGone):
			h.settle(s) // it may be back already
		case reason != nil:
			s.problem = phrase.New(phrase.DeviceLeft, explain(reason))
			h.tryAgain(s, zoneID)
		}
		h.show(s)
	})
}

// againAfter is when a device is tried again that left its zone because it could
// not play: it may have been its moment, not its nature.
const againAfter = 30 * time.Second

func (h *house) tryAgain(s *speaker, zoneID string) {
	h.workers.Go(func() {
		pause := time.NewTimer(againAfter)
		defer pause.Stop()
		select {
		case <-h.ctx.Done():
			return
		case <-pause.C:
		}
		h.tell(func() {
			if h.speakers[s.device.ID] == s && s.attached == "" && s.settings.Zone == zoneID {
				h.settle(s)
				h.show(s)
			}
		})
	})
}

// leaveZone takes a device out of its zone for a reason that its owner should
// know. Nothing brings it back by itself.
func (h *house) leaveZone(s *speaker, why phrase.Phrase) {
	h.setZone(s, "")
	s.problem = why
	h.reach(s)
}

// zoneDropped takes devices out of a zone that was deleted.
func (h *house) zoneDropped(id string) {
	h.tell(func() {
		for _, s := range h.speakers {
			if s.settings.Zone == id {
				s.attached = ""
				h.illuminate(id)
				h.setZone(s, "")
				h.reach(s)
				h.show(s)
			}
		}
	})
}
