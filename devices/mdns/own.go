package mdns

import (
	"hash/maphash"
	"slices"
	"time"
)

// ownPackets remembers what was just sent: the kernel hands each multicast back
// to us once, and it must not be taken for somebody else's. An avahi or a second
// gateway on this host has the same address and port as we have, so that only
// the content tells; and where theirs is the same byte for byte it does not
// matter which of the two is taken for ours.
type ownPackets struct {
	seed maphash.Seed
	sent []sentPacket
}

type sentPacket struct {
	link, family int
	hash         uint64
	at           time.Time
}

// ownLife is how long a packet may take to come back.
const ownLife = time.Second

func (o *ownPackets) add(link, family int, data []byte, now time.Time) {
	o.trim(now)
	o.sent = append(o.sent, sentPacket{link, family, maphash.Bytes(o.seed, data), now})
}

// take tells whether a packet is one of ours. Where it was sent it comes back
// once; on another link it can come in as well, if both lead to one network.
func (o *ownPackets) take(link, family int, data []byte, now time.Time) bool {
	o.trim(now)
	found := false
	h := maphash.Bytes(o.seed, data)
	for i, s := range o.sent {
		if s.hash != h || s.family != family {
			continue
		}
		found = true
		if s.link == link {
			o.sent = slices.Delete(o.sent, i, i+1)
			break
		}
	}
	return found
}

func (o *ownPackets) trim(now time.Time) {
	i := 0
	for i < len(o.sent) && now.Sub(o.sent[i].at) > ownLife {
		i++
	}
	o.sent = o.sent[i:]
}
