package gateway

import "github.com/jumpgate-audio/jumpgate/gateway/member"

// groupVolume gives the volumes, 0 to 100 and no more than each one's ceiling,
// that bring the average of a group to what is wanted: all move by the same
// amount, and what one that is at its end cannot take is shared by the others
// (Sendspin, controller role, "Setting group volume").
func groupVolume(now, ceilings []int, want int) []int {
	volumes := make([]float64, len(now))
	free := make([]bool, len(now))
	sum := 0.0
	for i, v := range now {
		volumes[i], free[i] = float64(v), true
		sum += float64(v)
	}
	if len(now) == 0 {
		return nil
	}
	// What is to be given to each one that is not at its end.
	delta := float64(want) - sum/float64(len(now))
	for delta != 0 {
		lost, movable := 0.0, 0
		for i := range volumes {
			if !free[i] {
				continue
			}
			proposed := volumes[i] + delta
			volumes[i] = min(max(proposed, 0), float64(ceilings[i]))
			if over := proposed - volumes[i]; over != 0 {
				lost += over
				free[i] = false
			} else {
				movable++
			}
		}
		if movable == 0 {
			break
		}
		delta = lost / float64(movable)
	}
	return rounded(volumes, ceilings)
}

// rounded makes whole numbers of volumes that keep their sum: what is cut off is
// given back one by one to those that lost most.
func rounded(volumes []float64, ceilings []int) []int {
	whole := make([]int, len(volumes))
	rest := 0.5
	for i, v := range volumes {
		whole[i] = int(v)
		rest += v - float64(whole[i])
	}
	for left := int(rest); left > 0; left-- {
		best := -1
		for i, v := range volumes {
			if whole[i] < ceilings[i] && (best < 0 || v-float64(whole[i]) > volumes[best]-float64(whole[best])) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		whole[best]++
	}
	return whole
}

// average is a group's volume.
func average(volumes []int) int {
	if len(volumes) == 0 {
		return 0
	}
	sum := 0
	for _, v := range volumes {
		sum += v
	}
	return (sum + len(volumes)/2) / len(volumes)
}

// takes tells whether a device can be told "volume" or "mute".
func (s *speaker) takes(command string) bool {
	switch l := s.link.(type) {
	case *playerLink:
		return l.player.Takes(command)
	case *castLink:
		return true
	default:
		return false // a browser tab, or nothing
	}
}

// loudness is a zone's, as its players are shown it (Sendspin, controller role,
// "Reading group volume").
func (h *house) loudness(zoneID string) member.Loudness {
	var volumes []int
	l := member.Loudness{Muted: true}
	for _, s := range h.speakers {
		if s.attached != zoneID {
			continue
		}
		if s.volume >= 0 && s.takes("volume") {
			volumes = append(volumes, s.volume)
		}
		if s.takes("mute") {
			l.Mutable = true
			l.Muted = l.Muted && s.muted
		}
	}
	l.Volume, l.Volumes = average(volumes), len(volumes) > 0
	l.Muted = l.Muted && l.Mutable
	return l
}

// showVolume tells the players of a zone, and its remotes, how loud it is.
func (h *house) showVolume(zoneID string) {
	now := h.loudness(zoneID)
	for _, s := range h.speakers {
		link, ok := s.link.(*playerLink)
		if !ok || s.attached != zoneID {
			continue
		}
		if link.output != nil {
			link.output.SetGroupVolume(now)
		} else if link.screenOnly() && link.screen.zone.ID == zoneID {
			h.paintText(link, link.screen.zone)
		}
	}
}
