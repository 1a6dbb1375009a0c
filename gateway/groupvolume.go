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

// showVolume tells the players of a zone how loud their group is.
func (h *house) showVolume(zoneID string) {
	var volumes []int
	var outputs []*member.Player
	muted := true
	for _, s := range h.speakers {
		if s.attached != zoneID || s.volume < 0 {
			continue
		}
		volumes = append(volumes, s.volume)
		muted = muted && s.muted
		if link, ok := s.link.(*playerLink); ok && link.output != nil {
			outputs = append(outputs, link.output)
		}
	}
	for _, out := range outputs {
		out.SetGroupVolume(average(volumes), muted)
	}
}
