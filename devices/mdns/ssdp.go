package mdns

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Renderer is a DLNA device that answered a search (UPnP Device Architecture
// 1.1, section 1.3). It is listed, never contacted.
type Renderer struct {
	Addr   netip.Addr
	Server string // what it says it is: "Linux/4.9 UPnP/1.0 Sonos/70"
}

// ssdpGroup is where UPnP devices listen.
var ssdpGroup = netip.AddrPortFrom(netip.AddrFrom4([4]byte{239, 255, 255, 250}), 1900)

const (
	rendererType = "urn:schemas-upnp-org:device:MediaRenderer:1"
	maxRenderers = 256
	searchAgain  = time.Second // a search is said twice: packets get lost
)

// searchRenderers asks for DLNA devices from the interface's IPv4 address until
// the context ends.
func searchRenderers(ctx context.Context, addrs []netip.Prefix) []Renderer {
	at := slices.IndexFunc(addrs, func(p netip.Prefix) bool { return p.Addr().Is4() })
	if at < 0 {
		return nil
	}
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, "udp4", netip.AddrPortFrom(addrs[at].Addr(), 0).String())
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	search := []byte("M-SEARCH * HTTP/1.1\r\nHOST: " + ssdpGroup.String() + "\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: " + rendererType + "\r\n\r\n")
	var found []Renderer
	buf := make([]byte, maxPacket)
	again := time.Now()
	for times := 0; ctx.Err() == nil && len(found) < maxRenderers; {
		if times < 2 && !time.Now().Before(again) {
			_, _ = conn.WriteTo(search, net.UDPAddrFromAddrPort(ssdpGroup))
			times++
			again = time.Now().Add(searchAgain)
		}
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		n, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			break
		}
		udp, ok := from.(*net.UDPAddr)
		if err != nil || !ok {
			continue
		}
		if r, ok := parseRenderer(buf[:n]); ok && addrs[at].Contains(udp.AddrPort().Addr().Unmap()) {
			r.Addr = udp.AddrPort().Addr().Unmap()
			if !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, func(a, b Renderer) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Server, b.Server)) })
	return found
}

// parseRenderer reads an answer to a search.
func parseRenderer(b []byte) (Renderer, bool) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), nil)
	if err != nil {
		return Renderer{}, false
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("St") != rendererType {
		return Renderer{}, false
	}
	server := strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(resp.Header.Get("Server"), "\uFFFD"))
	return Renderer{Server: server[:min(len(server), 128)]}, true
}
