package mdns

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Verdict is how good a Finding is.
type Verdict string

// The verdicts.
const (
	Fine    Verdict = "ok"
	Note    Verdict = "note"    // worth knowing; nothing has to be done
	Problem Verdict = "problem" // devices are missing for this reason
)

// Finding is one sentence of a diagnosis.
type Finding struct {
	Verdict Verdict
	Text    string
	Do      string // what to do about it, empty if nothing
}

// kinds are what the services are called, in the order of being listed.
// title is the TXT key with the name that its owner gave a device.
var kinds = []struct{ service, title, one, many string }{
	{"_googlecast._tcp", "fn", "Chromecast or Cast group", "Chromecasts and Cast groups"},
	{"_sendspin._tcp", "name", "player", "players"},
	{"_sendspin-server._tcp", "name", "Sendspin server", "Sendspin servers"},
	{"_jumpgate._tcp", "", "Jumpgate", "Jumpgates"},
	{"_airplay._tcp", "", "AirPlay device (Jumpgate does not play on it yet)", "AirPlay devices (Jumpgate does not play on them yet)"},
	{"_raop._tcp", "", "AirPlay audio service (Jumpgate does not play on it yet)", "AirPlay audio services (Jumpgate does not play on them yet)"},
}

// Findings are about the whole machine.
func (r Report) Findings() []Finding {
	if r.Socket != "" {
		return []Finding{{
			Problem, "UDP port 5353 cannot be opened: " + r.Socket,
			"another program holds the port for itself: find it with `ss -lunp 'sport = :5353'`, and stop it or let it share the port",
		}}
	}
	out := []Finding{{Fine, "UDP port 5353 is open and shared", ""}}
	if !slices.ContainsFunc(r.Interfaces, func(i InterfaceReport) bool { return i.Used && !i.Loopback }) {
		out = append(out, Finding{
			Problem, "no interface leads to a network",
			"plug in the cable or switch the Wi-Fi on; in a container, give it the host's network, or add devices by address",
		})
	}
	return out
}

// Findings say what works on the interface, what is missing or blocked, and what
// to do about it.
func (i InterfaceReport) Findings() []Finding {
	switch {
	case i.Loopback && !i.Used:
		return []Finding{{Note, "is this machine itself, and not searched", ""}}
	case !i.Up:
		return []Finding{{Note, "is down or not connected", "plug in its cable or switch it on, if devices are to be found there"}}
	case len(i.Addrs) == 0:
		return []Finding{{Problem, "has no address", "look whether the router gives addresses (DHCP) on this network"}}
	case !i.Multicast && !i.Loopback:
		return []Finding{{Note, "cannot multicast, as it is with VPNs and tunnels", "add the devices behind it by address"}}
	case !i.Used:
		return []Finding{{Problem, "is not in use", "it came up while we looked, or was left out: run the diagnosis again"}}
	}
	out := i.seen()
	out = append(out, i.blocked()...)
	if i.State.Bad > 0 {
		out = append(out, Finding{Note, fmt.Sprintf("%s malformed, and left out", count(i.State.Bad, "packet or record was", "packets or records were")), ""})
	}
	if len(i.Second) > 0 {
		out = append(out, Finding{
			Problem, "a second look found what we did not: " + strings.Join(i.Second, ", "),
			"run the diagnosis again, and report it if it stays so",
		})
	}
	return out
}

// seen lists what was found.
func (i InterfaceReport) seen() []Finding {
	var out []Finding
	for _, k := range kinds {
		var names []string
		for _, s := range i.Seen {
			if s.Service == k.service && len(s.Addrs) > 0 {
				names = append(names, fmt.Sprintf("%s (%s)", titled(s, k.title), netip.AddrPortFrom(s.Addrs[0], s.Port)))
			}
		}
		if len(names) > 0 {
			out = append(out, Finding{Fine, count(len(names), k.one, k.many) + ": " + strings.Join(names, ", "), ""})
		}
	}
	if len(i.Renderers) > 0 {
		var names []string
		for _, r := range i.Renderers {
			names = append(names, strings.TrimSpace(r.Server+" ("+r.Addr.String()+")"))
		}
		out = append(out, Finding{Fine, count(len(names), "DLNA renderer (Jumpgate does not play on it yet)",
			"DLNA renderers (Jumpgate does not play on them yet)") + ": " + strings.Join(names, ", "), ""})
	}
	return out
}

// titled is what people call an instance: a Chromecast's own name is a number.
func titled(s Instance, key string) string {
	if title := s.TXT[key]; title != "" && utf8.ValidString(title) && !strings.ContainsFunc(title, unicode.IsControl) {
		return title
	}
	return s.Name
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

// blocked guesses what keeps packets from passing.
func (i InterfaceReport) blocked() []Finding {
	var out []Finding
	s := i.State
	if s.JoinErr != "" {
		out = append(out, Finding{
			Problem, "cannot listen: " + s.JoinErr,
			"with many interfaces raise net.ipv4.igmp_max_memberships; otherwise look at the system's log",
		})
	}
	families := [2]string{"IPv4", "IPv6"}
	for f, name := range families {
		switch {
		case s.SendErr[f] != "":
			out = append(out, Finding{
				Problem, name + " queries cannot be sent: " + s.SendErr[f],
				"look for a firewall on this machine that drops outgoing UDP to port 5353",
			})
		case s.Sent[f] > 0 && s.Own[f] == 0:
			out = append(out, Finding{
				Problem, name + " queries went out, but did not come back to us as multicasts do",
				"a firewall on this machine drops incoming UDP to port 5353: allow it, with `ufw allow 5353/udp` or what your system has",
			})
		}
	}
	sent, own, heard := s.Sent[v4]+s.Sent[v6], s.Own[v4]+s.Own[v6], s.Packets[v4]+s.Packets[v6]
	switch {
	case own == 0 || len(out) > 0:
	case heard == 0 && i.Loopback:
		out = append(out, Finding{Note, "no other program on this machine answers", ""})
	case heard == 0:
		out = append(out, Finding{
			Problem, fmt.Sprintf("nobody answered %s", count(sent, "query", "queries")),
			"no device is on, or the network keeps multicasts back: look for client or AP isolation, a guest network, or IGMP snooping without a querier on the access point or switch; devices in another subnet or VLAN are added by address",
		})
	case len(i.Seen) == 0 && len(i.Renderers) == 0:
		out = append(out, Finding{
			Note, fmt.Sprintf("%s of others came in, but none of a device that plays", count(heard, "packet", "packets")),
			"multicasts pass here: look whether the device is on, and in this network rather than in a guest network",
		})
	case i.SecondErr != "":
		out = append(out, Finding{Note, "a second look could not be taken: " + i.SecondErr, ""})
	case !i.HeardBack:
		out = append(out, Finding{Note, "what we announce was not heard by a second program on this machine", "other programs on this machine may not find Jumpgate; devices on the network can"})
	default:
		out = append(out, Finding{Fine, "what we announce is heard", ""})
	}
	return out
}

// WriteText writes the report for people, the same for the same findings.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString("Discovery by multicast DNS\n")
	write := func(findings []Finding) {
		for _, f := range findings {
			fmt.Fprintf(&b, "  %-8s %s\n", f.Verdict, f.Text)
			if f.Do != "" {
				fmt.Fprintf(&b, "  %8s -> %s\n", "", f.Do)
			}
		}
	}
	write(r.Findings())
	for _, i := range r.Interfaces {
		b.WriteString("\n" + i.Name)
		for _, a := range i.Addrs {
			b.WriteString("  " + a.String())
		}
		b.WriteString("\n")
		write(i.Findings())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
