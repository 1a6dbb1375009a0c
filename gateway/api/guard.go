package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// hosts are the names that requests may be addressed to. A page of somebody
// else's whose name was pointed at the gateway's address (DNS rebinding) does
// not get past it: that needs a name, and an IP address is none.
type hosts struct{ names []string }

func newHosts(names []string) hosts {
	h := hosts{names: []string{"localhost"}}
	for _, n := range names {
		h.names = append(h.names, strings.ToLower(strings.TrimSuffix(n, ".")))
	}
	return h
}

// allows tells whether a Host header may pass.
func (h hosts) allows(host string) bool {
	name := hostOnly(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return slices.Contains(h.names, name)
}

// hostOnly takes the port and an IPv6 address's brackets away; nothing is left
// of what is neither.
func hostOnly(host string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
			return ""
		}
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// sameOrigin tells whether a request may change something: it comes from a
// program, or from the gateway's own page. Browsers send Origin with every
// request that changes something and with every WebSocket handshake.
func sameOrigin(r *http.Request) bool {
	if origins := r.Header.Values("Origin"); len(origins) > 0 {
		if len(origins) > 1 {
			return false
		}
		u, err := url.Parse(origins[0])
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return false
		}
		// Not the scheme: a proxy in front may speak https for us.
		return strings.EqualFold(u.Host, r.Host)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// changes tells whether the Origin check applies.
func changes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return r.Header.Get("Upgrade") != ""
	}
	return true
}

// contentPolicy lets the page load what the gateway serves, and nothing else.
// blob: is how hls.js feeds an <audio> element and starts its worker.
const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; connect-src 'self'; script-src 'self'; style-src 'self'; " +
	"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// guard is the door: it stands before routing, on every listener.
func (a *API) guard(next http.Handler) http.Handler {
	allowed := newHosts(a.cfg.Names)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=()")
		if !allowed.allows(r.Host) {
			a.fail(w, r, problem(http.StatusMisdirectedRequest, "wrong-host", "Not called by that name",
				phrase.WrongHost))
			return
		}
		if changes(r) && !sameOrigin(r) {
			a.fail(w, r, problem(http.StatusForbidden, "cross-origin", "From another site",
				phrase.CrossOrigin))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// remote is who sent a request; the zero Addr where that is not known.
func remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// fromHere tells whether a program on this machine sent the request, and not
// for somebody else as a reverse proxy does.
func fromHere(r *http.Request) bool {
	return remote(r).IsLoopback() &&
		r.Header.Get("Forwarded") == "" && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Via") == ""
}
