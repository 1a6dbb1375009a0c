package devices

import (
	"net/netip"
	"time"
)

// Kind is what a device speaks.
type Kind string

// The kinds that discovery tells apart. AirPlay and DLNA devices are listed so
// that nobody searches for them in vain; Jumpgate does not play on them yet.
const (
	Cast      Kind = "cast"
	CastGroup Kind = "cast-group"
	Player    Kind = "player" // a hardware or software player that speaks Sendspin
	Browser   Kind = "browser"
	AirPlay   Kind = "airplay"
	DLNA      Kind = "dlna"
)

// Origin is how a device became known.
type Origin string

// The ways to become known. A device found in two ways is one device.
const (
	Found     Origin = "mdns"
	Manual    Origin = "manual"    // somebody typed its address
	Connected Origin = "connected" // it came to us
)

// Device is one thing on the network that plays, as it is known right now. A
// Device is a value: the registry hands out copies.
type Device struct {
	// ID is stable for the device: the Cast uuid, the player's client_id, the
	// tab's own id; for a manual address that has not answered yet, the
	// address itself.
	ID       string
	Kind     Kind
	Name     string
	Model    string
	Version  string
	Addrs    []netip.AddrPort // where it can be reached, best first
	Path     string           // of a player's WebSocket, from TXT path
	Origin   Origin
	Present  bool
	LastSeen time.Time
	// Added is the "host:port" that a person typed for it, empty if nobody did.
	Added string
	// Interface it was last seen on, empty if not by mDNS.
	Interface string
	TXT       map[string]string
}
