package gateway

import (
	"context"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// standing is what the switch cycle must know of one zone.
type standing struct {
	id      string
	others  int // devices in it beside the one that switches
	playing bool
}

// nextGroup is the zone that a player's "switch" leads to, empty for none: it is
// then alone (Sendspin, controller role, "Switch command cycle"). The cycle is
// the zones of several devices that play, those where another device is alone,
// and, for one that plays audio, being alone; the order within is that of zones.
// from is the zone that the player left, or was taken out of by another source, if
// it has been alone since.
func nextGroup(zones []standing, plays bool, now, from string) string {
	if from != "" && now == "" {
		return from
	}
	var cycle []string
	for _, z := range zones {
		if z.others > 1 && z.playing {
			cycle = append(cycle, z.id)
		}
	}
	for _, z := range zones {
		if z.others == 1 {
			cycle = append(cycle, z.id)
		}
	}
	if plays {
		cycle = append(cycle, "")
	} else if len(cycle) == 0 {
		return now
	}
	for i, id := range cycle {
		if id == now {
			return cycle[(i+1)%len(cycle)]
		}
	}
	return cycle[0] // it is in a zone that the cycle does not hold
}

// switchGroup moves a player on in the switch cycle.
func (h *house) switchGroup(s *speaker) {
	ctx, cancel := context.WithTimeout(h.ctx, 5*time.Second)
	defer cancel()
	others := map[string]int{}
	for _, o := range h.speakers {
		if o != s && o.attached != "" && o.device.Kind != devices.Browser {
			others[o.attached]++
		}
	}
	var all []standing
	for _, z := range h.cfg.Zones.List() {
		running, ok := z.(*runningZone)
		if !ok {
			continue
		}
		st, err := running.State(ctx)
		if err != nil {
			continue // it is being deleted
		}
		all = append(all, standing{id: running.id, others: others[running.id], playing: st.State == zone.Playing})
	}
	link, ok := s.link.(*playerLink)
	next := nextGroup(all, !ok || !link.screenOnly(), s.settings.Zone, s.before)
	s.before = ""
	h.setZone(s, next)
	h.reach(s)
	h.show(s)
}
