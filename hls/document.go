package hls

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	playlistType = "application/vnd.apple.mpegurl"
	segmentType  = "audio/mp4"
)

// How long shared caches may keep an answer. Names of media never change what
// they mean.
var (
	cacheMedia   = []string{"public, max-age=86400, immutable"}
	cacheFixed   = []string{"public, max-age=3600"}
	cacheNothing = []string{"no-store"}
)

// document is an answer that is whole in memory and the same for everybody:
// headers are made once, and so is its compressed form, when first asked for.
type document struct {
	body               []byte
	mime, etag, length []string

	once                     sync.Once
	packed                   []byte
	packedLength, packedETag []string
}

func newDocument(mime string, body []byte) *document {
	sum := fnv.New64a()
	_, _ = sum.Write(body)
	return &document{
		body: body, mime: []string{mime}, etag: []string{fmt.Sprintf(`"%x"`, sum.Sum64())},
		length: []string{strconv.Itoa(len(body))},
	}
}

// compressed returns the body as gzip.
func (d *document) compressed() []byte {
	d.once.Do(func() {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is a constant of the package
		if _, err := z.Write(d.body); err != nil || z.Close() != nil {
			return // not with a bytes.Buffer
		}
		d.packed = b.Bytes()
		d.packedLength = []string{strconv.Itoa(len(d.packed))}
		d.packedETag = []string{strings.TrimSuffix(d.etag[0], `"`) + `-gzip"`}
	})
	return d.packed
}

var (
	gzipHeader = []string{"gzip"}
	varyHeader = []string{"Accept-Encoding"}
	bytesUnit  = []string{"bytes"}
)

// send answers with a document; it allocates nothing of its own but for ranges
// and conditions, which are net/http's work.
func (d *document) send(w http.ResponseWriter, r *http.Request, cache []string) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["Etag"] = d.mime, cache, d.etag
	body, length := d.body, d.length
	if d.mime[0] == playlistType {
		h["Vary"] = varyHeader
		if acceptsGzip(r.Header.Get("Accept-Encoding")) && r.Header.Get("Range") == "" {
			if packed := d.compressed(); packed != nil {
				body, length = packed, d.packedLength
				h["Content-Encoding"], h["Etag"] = gzipHeader, d.packedETag
			}
		}
	}
	if special(r) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		return
	}
	h["Content-Length"], h["Accept-Ranges"] = length, bytesUnit
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that left needs no answer
	}
}

// special tells whether a request has a range or a condition.
func special(r *http.Request) bool {
	h := r.Header
	return h["Range"] != nil || h["If-None-Match"] != nil || h["If-Match"] != nil ||
		h["If-Modified-Since"] != nil || h["If-Unmodified-Since"] != nil || h["If-Range"] != nil
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110 section 12.5.3).
func acceptsGzip(header string) bool {
	others := false // what is said of all codings that are not named
	for header != "" {
		var item string
		item, header, _ = strings.Cut(header, ",")
		coding, weight, _ := strings.Cut(item, ";")
		q, _ := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		taken := strings.Trim(q, "0.") != "" || q == ""
		switch strings.TrimSpace(coding) {
		case "gzip":
			return taken
		case "*":
			others = taken
		}
	}
	return others
}

// allow sets what every answer carries, and ends requests that only ask what
// is allowed or that are not.
func allow(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Range, Content-Type, Accept-Encoding")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, "only GET, HEAD and OPTIONS are served here")
	}
	return false
}

var (
	anyOrigin = []string{"*"}
	exposed   = []string{"Content-Length, Content-Range, Content-Type, Date, ETag"}
)

// refuse answers with an error that nobody keeps.
func refuse(w http.ResponseWriter, code int, text string) {
	w.Header()["Cache-Control"] = cacheNothing
	http.Error(w, text, code)
}

func notFound(w http.ResponseWriter) {
	refuse(w, http.StatusNotFound, "there is no such file in this stream")
}

// asked returns what a request names below the place where the handler is
// mounted: a ServeMux pattern that ends in a slash is taken off, so that
// http.Handle("/live/", stream) is enough. Under http.StripPrefix the path is
// what is left.
func asked(r *http.Request) string {
	pattern := r.Pattern
	if i := strings.IndexByte(pattern, '/'); i >= 0 && strings.HasSuffix(pattern, "/") {
		if rest, ok := strings.CutPrefix(r.URL.Path, pattern[i:]); ok {
			return rest
		}
	}
	return strings.TrimPrefix(r.URL.Path, "/")
}
