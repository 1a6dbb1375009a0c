package hls

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var cacheReload = []string{"no-cache"}

// ServeHTTP serves the stream below where it is mounted: master.m3u8, live.m3u8, for
// AAC and MP3 packed.m3u8, and what they name. A request for a part that does not exist
// yet waits for it (rfc8216bis section 6.2.5.2) until it is there, the client leaves, or
// three target durations have passed (503).
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r) {
		return
	}
	name := asked(r)
	msn, packed := l.packedSegment(name)
	switch {
	case name == "master.m3u8":
		l.master.send(w, r, cacheFixed)
	case name == "live.m3u8":
		l.servePlaylist(w, r)
	case name == "packed.m3u8" && l.packed.extension != "":
		l.servePacked(w, r)
	case packed:
		l.sendPackedSegment(w, r, msn)
	default:
		l.serveMedia(w, r, name)
	}
}

func (l *Live) servePlaylist(w http.ResponseWriter, r *http.Request) {
	d, err := readDirectives(r.URL.RawQuery)
	if err == nil {
		err = d.plausible(l.now.Load(), l.partTarget)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	e := l.await(r.Context(), d.ready)
	if e == nil {
		l.sayLate(w, r)
		return
	}
	page, cache := e.full, cacheReload
	if d.blocking {
		cache = l.reload
	}
	if d.skip && e.delta != nil {
		page = e.delta
	}
	page.send(w, r, cache)
}

// sayLate answers a request that waited for nothing.
func (l *Live) sayLate(w http.ResponseWriter, r *http.Request) {
	if r.Context().Err() != nil {
		return // nobody is there to read it
	}
	w.Header().Set("Retry-After", "1")
	refuse(w, http.StatusServiceUnavailable, "nothing new was played")
}

// directives are what a client asks of a playlist (rfc8216bis section 6.2.5).
type directives struct {
	blocking, skip bool
	msn            uint64
	part           int // -1 for the whole segment
}

// readDirectives reads them from a query; what else stands there is passed
// over, as section 6.2.5 asks.
func readDirectives(query string) (d directives, err error) {
	d.part = -1
	hasPart := false
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "_HLS_msn":
			d.blocking = true
			if d.msn, err = strconv.ParseUint(value, 10, 62); err != nil {
				return d, fmt.Errorf("_HLS_msn=%q is not a segment number", value)
			}
		case "_HLS_part":
			n, err := strconv.ParseUint(value, 10, 16)
			if err != nil {
				return d, fmt.Errorf("_HLS_part=%q is not a part number", value)
			}
			hasPart, d.part = true, int(n)
		case "_HLS_skip":
			d.skip = value == "YES" || value == "v2"
		}
	}
	if hasPart && !d.blocking {
		return d, errors.New("_HLS_part needs _HLS_msn")
	}
	return d, nil
}

// plausible refuses to wait for what lies more than two segments, or three
// seconds of parts, ahead (rfc8216bis section 6.2.5.2).
func (d directives) plausible(e *edition, partTarget time.Duration) error {
	if !d.blocking {
		return nil
	}
	if d.msn > e.open.msn+1 {
		return fmt.Errorf("_HLS_msn=%d lies too far ahead; the newest whole segment is %d", d.msn, int64(e.open.msn)-1)
	}
	limit := 3
	if partTarget < time.Second {
		limit = int(3*time.Second/partTarget) + 1
	}
	if last := len(e.open.parts) - 1; d.msn == e.open.msn && d.part > last+limit || d.msn > e.open.msn && d.part > limit {
		return fmt.Errorf("_HLS_part=%d lies too far ahead", d.part)
	}
	return nil
}

// ready tells whether an edition has what was asked for. Without directives
// that is a whole segment: players that know no parts give up on fewer. A part
// behind a segment's last one is the first of the next.
func (d directives) ready(e *edition) bool {
	switch {
	case !d.blocking:
		return len(e.segments) > 0
	case d.msn > e.open.msn:
		return false
	case d.msn == e.open.msn:
		return d.part >= 0 && d.part < len(e.open.parts)
	case d.msn+1 == e.open.msn && len(e.open.parts) == 0:
		last := e.segments[len(e.segments)-1]
		return d.part < len(last.parts)
	}
	return true
}

// await returns the first edition that is ready, or the last one of a closed
// stream; nil when the context ended before it, or its time was over.
func (l *Live) await(ctx context.Context, ready func(*edition) bool) *edition {
	e := l.now.Load()
	if e.closed || ready(e) {
		return e
	}
	limit := waitTargets * time.Duration(l.target) * time.Second
	timer, ok := l.timers.Get().(*time.Timer)
	if !ok {
		timer = time.NewTimer(limit)
	}
	timer.Reset(limit)
	defer func() {
		timer.Stop()
		l.timers.Put(timer)
	}()
	for {
		select {
		case <-e.next:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return nil
		}
		if e = l.now.Load(); e.closed || ready(e) {
			return e
		}
	}
}

func (l *Live) serveMedia(w http.ResponseWriter, r *http.Request, name string) {
	if name == "init."+l.token+".mp4" {
		l.init.send(w, r, cacheMedia)
		return
	}
	msn, index, ok := mediaName(name, l.token)
	if !ok {
		notFound(w)
		return
	}
	e := l.now.Load()
	if !e.closed && msn == e.open.msn && index == len(e.open.parts) {
		// The part that the hint names: it is held until it is there, or
		// until the segment has ended without it.
		e = l.await(r.Context(), func(e *edition) bool { return msn < e.open.msn || index < len(e.open.parts) })
		if e == nil {
			l.sayLate(w, r)
			return
		}
	}
	s := e.find(msn)
	switch {
	case s == nil, index >= len(s.parts), index < 0 && (s.gap || msn == e.open.msn):
		notFound(w)
	case index < 0:
		l.sendSegment(w, r, s)
	case s.parts[index].gap:
		notFound(w)
	default:
		s.parts[index].send(w, r, cacheMedia)
	}
}

// sendSegment sends the parts of a segment one behind the other.
func (l *Live) sendSegment(w http.ResponseWriter, r *http.Request, s *segment) {
	b := &mediaBody{}
	for _, p := range s.parts {
		b.add(mediaPiece{head: p.body, size: int64(len(p.body))})
	}
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = segmentMime, cacheMedia
	h.Set("Etag", fmt.Sprintf(`"%s-%d"`, l.token, s.msn))
	b.send(w, r)
}

// find returns a segment that an edition still holds, or nil.
func (e *edition) find(msn uint64) *segment {
	if msn == e.open.msn {
		return &e.open
	}
	if len(e.segments) == 0 || msn < e.segments[0].msn || msn > e.open.msn {
		return nil
	}
	return e.segments[msn-e.segments[0].msn]
}

// mediaName reads "12.TOKEN.m4s" and "12.3.TOKEN.m4s"; part is -1 for a whole
// segment.
func mediaName(name, token string) (msn uint64, part int, ok bool) {
	name, ok = strings.CutSuffix(name, ".m4s")
	if !ok {
		return 0, 0, false
	}
	if name, ok = strings.CutSuffix(name, token); !ok {
		return 0, 0, false
	}
	if name, ok = strings.CutSuffix(name, "."); !ok {
		return 0, 0, false
	}
	msnText, partText, hasPart := strings.Cut(name, ".")
	msn, err := strconv.ParseUint(msnText, 10, 62)
	if err != nil || strconv.FormatUint(msn, 10) != msnText {
		return 0, 0, false
	}
	if !hasPart {
		return msn, -1, true
	}
	n, err := strconv.ParseUint(partText, 10, 16)
	return msn, int(n), err == nil && strconv.FormatUint(n, 10) == partText
}
