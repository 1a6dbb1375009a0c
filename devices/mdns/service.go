package mdns

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// Instance is one instance of a browsed service as it is seen on one interface.
// The same device on two interfaces is two Instances.
type Instance struct {
	Service   string       // as it was asked for: "_googlecast._tcp"
	Name      string       // the instance's plain name, UTF-8, nothing escaped
	Host      string       // "speaker.local"
	Addrs     []netip.Addr // IPv4 before IPv6; link-local ones with the interface as zone
	Port      uint16
	TXT       map[string]string // keys in lower case; the first of equal keys counts
	Interface string
}

func (i Instance) equal(o Instance) bool {
	return i.Service == o.Service && i.Name == o.Name && i.Host == o.Host && i.Port == o.Port &&
		i.Interface == o.Interface && slices.Equal(i.Addrs, o.Addrs) && maps.Equal(i.TXT, o.TXT)
}

// clone returns a copy that shares nothing.
func (i Instance) clone() Instance {
	i.Addrs, i.TXT = slices.Clone(i.Addrs), maps.Clone(i.TXT)
	return i
}

// Change says what became of an Instance.
type Change string

// The changes. A watcher that reads slowly sees the latest state of each
// instance, but not every step to it.
const (
	Appeared Change = "appeared"
	Changed  Change = "changed"
	Gone     Change = "gone" // said goodbye, expired, or its interface went away
)

// Event is a change of one Instance. Of a gone one it carries the last state.
type Event struct {
	Change   Change
	Instance Instance
}

// Service is one that we announce.
type Service struct {
	Name string   // the instance's plain name, UTF-8, up to 63 bytes: "Living Room"
	Type string   // "_jumpgate._tcp"
	Port uint16   // never 0
	TXT  []string // "key=value" each, up to 255 bytes
}

// ErrService is what an unusable Service is refused with.
var ErrService = errors.New("mdns: unusable service")

func (s Service) check() error {
	switch {
	case s.Name == "" || len(s.Name) > 63 || !utf8.ValidString(s.Name):
		return fmt.Errorf("%w: name %q: want 1 to 63 bytes of UTF-8", ErrService, s.Name)
	case strings.ContainsFunc(s.Name, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return fmt.Errorf("%w: name %q: control character", ErrService, s.Name)
	case s.Port == 0:
		return fmt.Errorf("%w: %q: no port", ErrService, s.Name)
	}
	for _, t := range s.TXT {
		if len(t) > 255 {
			return fmt.Errorf("%w: %q: TXT string of %d bytes", ErrService, s.Name, len(t))
		}
	}
	return checkType(s.Type)
}

// checkType accepts "_name._tcp" and "_name._udp", the name of 1 to 15 letters,
// digits and hyphens (RFC 6335 section 5.1).
func checkType(service string) error {
	name, proto, ok := strings.Cut(service, ".")
	if !ok || (proto != "_tcp" && proto != "_udp") || !strings.HasPrefix(name, "_") {
		return fmt.Errorf("%w: type %q: want _name._tcp or _name._udp", ErrService, service)
	}
	if name = name[1:]; name == "" || len(name) > 15 {
		return fmt.Errorf("%w: type %q: want a name of 1 to 15 characters", ErrService, service)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("%w: type %q: character %q", ErrService, service, c)
		}
	}
	return nil
}

// maxTXT is how many strings of a TXT record are looked at.
const maxTXT = 64

// txtMap reads a TXT record's strings (RFC 6763 section 6).
func txtMap(txt []string) map[string]string {
	m := make(map[string]string, min(len(txt), maxTXT))
	for i, s := range txt {
		if i == maxTXT {
			break
		}
		k, v, _ := strings.Cut(s, "=")
		if k = fold(strings.ToValidUTF8(k, "\uFFFD")); k == "" {
			continue
		}
		if _, dup := m[k]; !dup {
			m[k] = strings.ToValidUTF8(v, "\uFFFD")
		}
	}
	return m
}
