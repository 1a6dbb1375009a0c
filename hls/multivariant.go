package hls

import "net/http"

// Multivariant serves the playlist that names the renditions of a stream or a
// track, at whatever path it is asked for.
type Multivariant struct{ page *document }

// NewMultivariant makes the playlist; the first variant is where players begin.
func NewMultivariant(variants []Variant) *Multivariant {
	return &Multivariant{page: newDocument(playlistType, multivariant(variants))}
}

// ServeHTTP implements http.Handler.
func (m *Multivariant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if allow(w, r) {
		m.page.send(w, r, cacheFixed)
	}
}
