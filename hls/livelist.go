package hls

import (
	"strings"
	"time"
)

// playlist renders the media playlist as it is now (rfc8216bis section 4.4);
// as a delta update it leaves out what a client has seen (section 6.2.5.1).
func (l *Live) playlist(delta bool) []byte {
	listed := l.listed()
	w := &playlistWriter{buf: make([]byte, 0, 512+160*len(listed))}
	w.text("#EXTM3U\n#EXT-X-VERSION:9\n")
	w.line("#EXT-X-TARGETDURATION:", int64(l.target))
	w.text("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=")
	w.seconds(l.holdBack)
	w.text(",CAN-SKIP-UNTIL=")
	w.seconds(l.skipUntil())
	w.text("\n#EXT-X-PART-INF:PART-TARGET=")
	w.seconds(l.partTarget)
	w.text("\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	first := l.open
	if len(listed) > 0 {
		first = listed[0]
	}
	w.line("#EXT-X-MEDIA-SEQUENCE:", int64(first.msn))
	w.line("#EXT-X-DISCONTINUITY-SEQUENCE:", int64(l.slid))
	l.line.marks(w, l.wall(first.pts))
	skip := 0
	if delta {
		skip = l.skippable()
		w.line("#EXT-X-SKIP:SKIPPED-SEGMENTS=", int64(skip))
	}
	l.writeSegments(w, listed, skip)
	if l.closed {
		w.text("#EXT-X-ENDLIST\n")
		return w.buf
	}
	l.writeEdge(w, len(listed) == 0)
	return w.buf
}

// listed are the whole segments that the playlist shows.
func (l *Live) listed() []*segment {
	return l.segments[max(0, len(l.segments)-l.window):]
}

func (l *Live) skipUntil() time.Duration {
	return skipTargets * time.Duration(l.target) * time.Second
}

// skippable is how many of the listed segments lie before the skip boundary:
// so far from the playlist's end.
func (l *Live) skippable() int {
	kept := l.codec.duration(l.open.samples)
	listed := l.listed()
	for i := len(listed) - 1; i >= 0; i-- {
		if kept >= l.skipUntil() {
			return i + 1
		}
		kept += l.codec.duration(listed[i].samples)
	}
	return 0
}

// writeSegments lists whole segments but the first so many.
func (l *Live) writeSegments(w *playlistWriter, listed []*segment, skip int) {
	behind := l.codec.duration(l.open.samples) // from a segment's end to the playlist's
	withParts := len(listed)
	for withParts > 0 && behind < partTargets*time.Duration(l.target)*time.Second {
		withParts--
		behind += l.codec.duration(listed[withParts].samples)
	}
	for i := skip; i < len(listed); i++ {
		s := listed[i]
		l.writeSegmentHead(w, s, i == 0)
		if s.gap {
			w.text("#EXT-X-GAP\n")
		}
		if i >= withParts {
			l.writeParts(w, s)
		}
		w.text("#EXTINF:")
		w.seconds(l.codec.duration(s.samples))
		w.text(",\n")
		w.int(int64(s.msn))
		w.text("." + l.token + ".m4s\n")
	}
}

// writeSegmentHead writes the tags that stand before a segment and its parts.
func (l *Live) writeSegmentHead(w *playlistWriter, s *segment, first bool) {
	if s.breaks {
		w.text("#EXT-X-DISCONTINUITY\n")
	}
	if first || s.breaks {
		w.text("#EXT-X-MAP:URI=\"init." + l.token + ".mp4\"\n")
	}
	w.text("#EXT-X-PROGRAM-DATE-TIME:")
	w.date(l.wall(s.pts))
	w.text("\n")
}

func (l *Live) writeParts(w *playlistWriter, s *segment) {
	for i, p := range s.parts {
		w.text("#EXT-X-PART:DURATION=")
		w.seconds(l.codec.duration(p.samples))
		w.text(",URI=\"")
		l.writePartName(w, s.msn, i)
		w.text("\",INDEPENDENT=YES")
		if p.gap {
			w.text(",GAP=YES")
		}
		w.text("\n")
	}
}

func (l *Live) writePartName(w *playlistWriter, msn uint64, i int) {
	w.int(int64(msn))
	w.text(".")
	w.int(int64(i))
	w.text("." + l.token + ".m4s")
}

// writeEdge writes what follows the last whole segment: the parts of the one
// that is open, where the next part will be, and how far the other renditions
// are.
func (l *Live) writeEdge(w *playlistWriter, first bool) {
	if len(l.open.parts) > 0 || first {
		l.writeSegmentHead(w, l.open, first)
		l.writeParts(w, l.open)
	}
	w.text("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"")
	l.writePartName(w, l.open.msn, len(l.open.parts))
	w.text("\"\n")
	for _, other := range l.line.others(l) {
		msn, part, ok := other.now.Load().newest()
		if !ok {
			continue
		}
		w.quoted("#EXT-X-RENDITION-REPORT:URI=", "../"+strings.Trim(other.name, "/")+"/live.m3u8")
		w.line(",LAST-MSN=", int64(msn))
		w.buf = w.buf[:len(w.buf)-1]
		w.line(",LAST-PART=", int64(part))
	}
}

// newest is the last part of an edition.
func (e *edition) newest() (msn uint64, part int, ok bool) {
	if n := len(e.open.parts); n > 0 {
		return e.open.msn, n - 1, true
	}
	if n := len(e.segments); n > 0 {
		last := e.segments[n-1]
		return last.msn, len(last.parts) - 1, true
	}
	return 0, 0, false
}

// wall is when a sample is heard, by its pts.
func (l *Live) wall(pts int64) time.Time { return l.line.epoch.Add(l.codec.duration(pts)) }
