package hls

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	playlistType = "application/vnd.apple.mpegurl"
	segmentType  = "audio/mp4"
	mp3Type      = "audio/mpeg"
)

// ServeHTTP serves the stream below where it is mounted: master.m3u8,
// live.m3u8, init.mp4, and segments and parts under the names that the
// playlists give. A request for a part that does not exist yet waits for it
// (rfc8216bis section 6.2.5.2) until it is there, the client leaves, or three
// target durations have passed (503).
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r) {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch name {
	case "master.m3u8":
		send(w, r, playlistType, "max-age=60", multivariant(l.codec, "live.m3u8", l.bandwidth()))
	case "live.m3u8":
		l.servePlaylist(w, r)
	case "init.mp4":
		send(w, r, segmentType, "max-age=3600", l.init)
	default:
		l.serveMedia(w, r, name)
	}
}

// bandwidth is the highest rate that a segment may take, in bits a second:
// what the samples would take uncoded, or a lossy stream's usual ceiling.
func (l *Live) bandwidth() uint32 {
	if l.codec.Bits == 0 {
		return 320_000
	}
	return uint32(l.codec.Rate * l.codec.Channels * l.codec.Bits)
}

func (l *Live) servePlaylist(w http.ResponseWriter, r *http.Request) {
	ready, err := l.readiness(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !l.wait(w, r, ready) {
		return
	}
	body, err := l.playlist()
	if err != nil {
		http.Error(w, "the playlist could not be written", http.StatusInternalServerError)
		return
	}
	send(w, r, playlistType, "no-cache", body)
}

// readiness reads the delivery directives. Without any, a playlist is ready once
// it lists a whole segment: players that know no parts give up on fewer.
func (l *Live) readiness(r *http.Request) (func() bool, error) {
	query := r.URL.Query()
	msnText, partText := query.Get("_HLS_msn"), query.Get("_HLS_part")
	if msnText == "" {
		if partText != "" {
			return nil, errors.New("_HLS_part needs _HLS_msn")
		}
		return func() bool { return len(l.segments) > 0 }, nil
	}
	msn, err := strconv.ParseUint(msnText, 10, 63)
	if err != nil {
		return nil, fmt.Errorf("_HLS_msn=%q is not a segment number", msnText)
	}
	part := -1
	if partText != "" {
		n, err := strconv.ParseUint(partText, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("_HLS_part=%q is not a part number", partText)
		}
		part = int(n)
	}
	l.mu.Lock()
	last := l.open.msn
	l.mu.Unlock()
	if msn > last+1 {
		return nil, fmt.Errorf("_HLS_msn=%d lies too far ahead; the newest segment is %d", msn, last)
	}
	return func() bool { return l.has(msn, part) }, nil
}

// wait answers the request itself, and returns false, when ready did not come.
func (l *Live) wait(w http.ResponseWriter, r *http.Request, ready func() bool) bool {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Duration(l.target)*time.Second)
	defer cancel()
	if err := l.await(ctx, ready); err != nil {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "nothing new was played", http.StatusServiceUnavailable)
		return false
	}
	return true
}

func (l *Live) serveMedia(w http.ResponseWriter, r *http.Request, name string) {
	msn, part, ok := mediaName(name)
	if !ok {
		http.NotFound(w, r)
		return
	}
	data, found := l.find(msn, part)
	if !found && l.hinted(msn, part) {
		if !l.wait(w, r, func() bool { return l.has(msn, part) }) {
			return
		}
		data, found = l.find(msn, part)
	}
	if !found {
		http.NotFound(w, r)
		return
	}
	send(w, r, segmentType, "max-age=60", data)
}

// hinted tells whether a part is the one that the playlist's hint names.
func (l *Live) hinted(msn uint64, part int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return msn == l.open.msn && part == len(l.open.parts)
}

// mediaName reads "12.m4s" and "12.3.m4s"; part is -1 for a whole segment.
func mediaName(name string) (msn uint64, part int, ok bool) {
	name, ok = strings.CutSuffix(name, ".m4s")
	if !ok {
		return 0, 0, false
	}
	msnText, partText, hasPart := strings.Cut(name, ".")
	msn, err := strconv.ParseUint(msnText, 10, 63)
	if err != nil {
		return 0, 0, false
	}
	if !hasPart {
		return msn, -1, true
	}
	n, err := strconv.ParseUint(partText, 10, 16)
	return msn, int(n), err == nil
}

// allow sets what every answer carries, and ends requests that only ask what
// is allowed or that are not.
func allow(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", "Range, Content-Type, Accept-Encoding")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Content-Range, Content-Type")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "only GET, HEAD and OPTIONS are served here", http.StatusMethodNotAllowed)
	}
	return false
}

// send answers with a body that is whole in memory; ranges and HEAD are
// net/http's.
func send(w http.ResponseWriter, r *http.Request, contentType, cache string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", cache)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
