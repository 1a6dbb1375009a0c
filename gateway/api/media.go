package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// checkMedia is authorise's check of a media URL.
func (a *API) checkMedia(r *http.Request) error {
	m, ok := parseMediaPath(r.URL.Path)
	// An encoded slash would be one segment here and two for the handler.
	if !ok || strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f") {
		return problem(http.StatusNotFound, "not-found", "Not found", phrase.NoMedia)
	}
	if err := a.signer.Check(m.signature, m.kind, m.id); err != nil {
		return problem(http.StatusForbidden, "forbidden", "Not signed", phrase.MediaUnsigned)
	}
	return nil
}

// serveMedia hands a checked media URL to the handler of its kind.
func (a *API) serveMedia(w http.ResponseWriter, r *http.Request) {
	m, _ := parseMediaPath(r.URL.Path) // checkMedia has
	handler, ok := a.media[m.kind]
	if !ok {
		a.fail(w, r, problem(http.StatusNotFound, "not-found", "Not found", phrase.NoMedia))
		return
	}
	// The URL itself is what lets somebody in, so any page may use it: a
	// Chromecast's receiver is one.
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Content-Range, Date")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Range, Content-Type, Accept-Encoding")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL = &url.URL{Path: "/" + m.id, RawQuery: r.URL.RawQuery}
	if m.file != "" {
		inner.URL.Path += "/" + m.file
	}
	inner.SetPathValue("id", m.id)
	inner.SetPathValue("file", m.file)
	handler.ServeHTTP(w, inner)
}
