package mdns

import (
	"strings"
	"unicode/utf8"
)

// Inside the package a domain name is written as dnsmessage writes it: labels
// each followed by a dot, nothing escaped. A dot inside a label ("Dr. No's
// speaker") cannot be told apart in that form and dnsmessage refuses it, so it
// is masked by a byte that no UTF-8 text contains. See swapInLabels.
const (
	dot       = '.'
	maskedDot = '\xff'
)

// domain is the only domain of multicast DNS.
const domain = "local."

// enumeration is what a service browser asks to learn the kinds of services
// that there are (RFC 6763 section 9).
const enumeration = "_services._dns-sd._udp." + domain

// fold makes names comparable: ASCII letters without case, all else as it is
// (RFC 6762 section 16).
func fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			b := []byte(name)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}

// serviceDomain is the full name of a service: "_googlecast._tcp" becomes
// "_googlecast._tcp.local.".
func serviceDomain(service string) string {
	return strings.Trim(service, ".") + "." + domain
}

// instanceDomain is the full name of an instance, from its plain name.
func instanceDomain(name, service string) string {
	return maskDots(name) + "." + serviceDomain(service)
}

func maskDots(label string) string {
	return strings.ReplaceAll(label, string(rune(dot)), string([]byte{maskedDot}))
}

func unmaskDots(label string) string {
	return strings.ReplaceAll(label, string([]byte{maskedDot}), string(rune(dot)))
}

// instanceOf returns the plain name of an instance, given its full name and its
// service's domain. Some responders write a name with a dot as two labels: they
// are joined again. It refuses what is no UTF-8, is empty, has control
// characters (RFC 6763 section 4.1.1), and the "_sub" names that some devices
// list beside themselves.
func instanceOf(full, service string) (name string, ok bool) {
	head := len(full) - len(service) - 1
	if head <= 0 || full[head] != dot || fold(full[head+1:]) != fold(service) {
		return "", false
	}
	name = unmaskDots(full[:head])
	if !utf8.ValidString(name) || strings.HasSuffix(name, "_sub") {
		return "", false
	}
	for _, r := range name {
		if r < 0x20 || r == 0x7f {
			return "", false
		}
	}
	return name, true
}

// hostText writes a host's name for people: "speaker.local".
func hostText(full string) string {
	return strings.ToValidUTF8(unmaskDots(strings.TrimSuffix(full, ".")), "\uFFFD")
}

// escape writes a plain name as a label in a zone file's form, which is what
// hashicorp/mdns and miekg/dns take: anything but letters, digits, '-' and '_'
// as \DDD.
func escape(label string) string {
	var b strings.Builder
	for i := range len(label) {
		c := label[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			b.Write([]byte{'\\', '0' + c/100, '0' + c/10%10, '0' + c%10})
		}
	}
	return b.String()
}

// fitLabel cuts a name to the 63 bytes that a label can hold, keeping room for
// what will be appended, and never inside a character.
func fitLabel(name string, room int) string {
	limit := 63 - room
	if len(name) <= limit {
		return name
	}
	for limit > 0 && !utf8.RuneStart(name[limit]) {
		limit--
	}
	return strings.TrimRight(name[:limit], " ")
}
