package devices

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// The services that a Registry understands. A Sighting of any other is ignored.
const (
	CastService    = "_googlecast._tcp"
	PlayerService  = "_sendspin._tcp"
	AirPlayService = "_airplay._tcp"
	RAOPService    = "_raop._tcp" // AirPlay's older half: audio only
)

// Services lists what to browse for.
func Services() []string {
	return []string{CastService, PlayerService, AirPlayService, RAOPService}
}

// Sighting is one instance of a service as it was seen on one interface.
type Sighting struct {
	Service   string       // "_googlecast._tcp"
	Name      string       // the instance's plain name
	Addrs     []netip.Addr // link-local IPv6 ones with a zone
	Port      uint16
	TXT       map[string]string // keys in lower case
	Interface string
	Gone      bool // it is not there any more; Addrs, Port and TXT do not count
}

// key tells which instance it is, on whatever interface.
func (s *Sighting) key() string { return s.Service + "|" + strings.ToLower(s.Name) }

func (s *Sighting) addrPorts() []netip.AddrPort {
	out := make([]netip.AddrPort, 0, len(s.Addrs))
	for _, a := range s.Addrs {
		out = append(out, netip.AddrPortFrom(a, s.Port))
	}
	return out
}

// identity is who a Sighting is of.
type identity struct {
	id      string
	kind    Kind
	name    string
	model   string
	version string
	path    string
}

// playerByName begins the id of a player whose client_id is not known yet.
const playerByName = "player:"

// groupBit is set in a Cast device's capabilities when it is a group. It is
// inferred from what public senders do, not documented.
const groupBit = 1 << 5

// castPort is where every Cast device listens that is not a group.
const castPort = 8009

// identify tells which device a Sighting is of. It is false for what is no
// device that we know.
func identify(s *Sighting) (identity, bool) {
	txt := func(key string) string { return clean(s.TXT[key]) }
	i := identity{name: clean(s.Name), path: webPath(s.TXT["path"])}
	if i.name == "" || strings.HasSuffix(s.Name, "_sub") {
		return identity{}, false
	}
	switch s.Service {
	case CastService:
		i.kind, i.model, i.version = Cast, txt("md"), txt("ve")
		if ca, err := strconv.ParseUint(s.TXT["ca"], 10, 32); (err == nil && ca&groupBit != 0) || s.Port != castPort {
			i.kind = CastGroup
		}
		// Groups write their id with dashes, devices without.
		if i.id = strings.ToLower(strings.ReplaceAll(txt("id"), "-", "")); i.id == "" {
			i.id = "cast:" + strings.ToLower(i.name)
		}
		i.name = first(txt("fn"), i.name)
	case PlayerService:
		// Its client_id comes with the connection; until then its name stands.
		i.kind, i.id = Player, playerByName+i.name
		i.name, i.model, i.version = first(txt("name"), i.name), txt("model"), txt("version")
	case AirPlayService:
		i.kind, i.model, i.version = AirPlay, txt("model"), txt("srcvers")
		i.id = "airplay:" + first(hex(txt("deviceid")), strings.ToLower(i.name))
	case RAOPService:
		// "A1B2C3D4E5F6@Kitchen"
		mac, name, ok := strings.Cut(i.name, "@")
		if !ok || name == "" {
			return identity{}, false
		}
		i.kind, i.model, i.version = AirPlay, txt("am"), txt("vs")
		i.id, i.name = "airplay:"+hex(mac), name
	default:
		return identity{}, false
	}
	return i, true
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func hex(mac string) string {
	return strings.ToLower(strings.NewReplacer(":", "", "-", "").Replace(mac))
}

// webPath returns the path that a device names for its WebSocket, or nothing if
// it would be more than that in a URL.
func webPath(s string) string {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }
	if !strings.HasPrefix(s, "/") || len(s) > 256 || strings.ContainsFunc(s, odd) {
		return ""
	}
	return s
}

// maxText bounds what a device says about itself, in characters.
const maxText = 128

// clean makes a text that a device sent fit to be shown.
func clean(text string) string {
	n := 0
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if n++; n > maxText || unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text))
}
