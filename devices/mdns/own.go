package mdns

import (
	"hash/maphash"
	"time"
)

// ownPackets remembers what was just sent: the kernel hands each multicast back
// to us, and where two of our links lead to one network it comes in on the other
// as well. It must not be taken for somebody else's. An avahi or a second
// gateway on this host has the same address and port as we have, so that only
// the content tells; and where theirs is the same byte for byte, it says nothing
// that we do not know.
type ownPackets struct {
	seed maphash.Seed
	sent []sentPacket
}

type sentPacket struct {
	hash uint64
	at   time.Time
}

// ownLife is how long a packet may take to come back.
const ownLife = time.Second

func (o *ownPackets) add(data []byte, now time.Time) {
	o.trim(now)
	o.sent = append(o.sent, sentPacket{maphash.Bytes(o.seed, data), now})
}

// has tells whether a packet is one of ours.
func (o *ownPackets) has(data []byte, now time.Time) bool {
	o.trim(now)
	h := maphash.Bytes(o.seed, data)
	for _, s := range o.sent {
		if s.hash == h {
			return true
		}
	}
	return false
}

func (o *ownPackets) trim(now time.Time) {
	i := 0
	for i < len(o.sent) && now.Sub(o.sent[i].at) > ownLife {
		i++
	}
	o.sent = o.sent[i:]
}
