package mdns

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

type names struct{}
type speaker struct{}

func newNames(string, []Service) (*names, error)                    { return nil, nil }
func (s *speaker) readdress(*rand.Rand, time.Time)                  {}
func (s *speaker) next(*wake)                                       {}
func (n *Node) farewell()                                           {}
func (n *Node) speakLink(*link, time.Time)                          {}
func (n *Node) hearQuery(*link, message, netip.AddrPort, time.Time) {}
func (n *Node) hearClaims(*link, message, time.Time)                {}
