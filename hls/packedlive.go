package hls

import (
	"fmt"
	"net/http"
	"strings"
)

// pack makes packed audio of fragments, whose first frame is at base samples: the
// time stamp, then their frames one behind the other.
func (p packedFormat) pack(c CodecConfig, base int64, fragments ...[]byte) ([]byte, error) {
	out := timestampTag(c, base)
	for _, data := range fragments {
		all, err := ReadFragments(data)
		if err != nil {
			return nil, err
		}
		for _, fragment := range all {
			for _, f := range fragment.Frames {
				if f.Size+p.headSize() >= maxPackedFrame {
					return nil, fmt.Errorf("%w: %d bytes in packed audio", ErrFrame, f.Size)
				}
				out = append(p.frameHead(out, f.Size), data[f.Offset:f.Offset+f.Size]...)
			}
		}
	}
	return out, nil
}

// packedPlaylist lists the whole segments as packed audio, for players that know
// neither fragmented MP4 nor parts: nothing stands in it that is younger than RFC 8216,
// but the mark of a segment that is not there.
func (l *Live) packedPlaylist() []byte {
	listed := l.listed()
	w := &playlistWriter{buf: make([]byte, 0, 512+96*len(listed))}
	version := int64(3)
	for _, s := range listed {
		if s.gap {
			version = 8
		}
	}
	w.line("#EXTM3U\n#EXT-X-VERSION:", version)
	w.line("#EXT-X-TARGETDURATION:", int64(l.target))
	first := l.open
	if len(listed) > 0 {
		first = listed[0]
	}
	w.line("#EXT-X-MEDIA-SEQUENCE:", int64(first.msn))
	w.line("#EXT-X-DISCONTINUITY-SEQUENCE:", int64(l.slid))
	for _, s := range listed {
		if s.breaks {
			w.text("#EXT-X-DISCONTINUITY\n")
		}
		w.text("#EXT-X-PROGRAM-DATE-TIME:")
		w.date(l.wall(s.pts))
		if s.gap {
			w.text("\n#EXT-X-GAP")
		}
		w.text("\n#EXTINF:")
		w.seconds(l.codec.duration(s.samples))
		w.text(",\n")
		w.int(int64(s.msn))
		w.text("." + l.token + l.packed.extension + "\n")
	}
	if l.closed {
		w.text("#EXT-X-ENDLIST\n")
	}
	return w.buf
}

// servePacked serves the playlist of packed audio, as soon as it has a segment.
func (l *Live) servePacked(w http.ResponseWriter, r *http.Request) {
	e := l.await(r.Context(), directives{}.ready)
	if e == nil {
		l.sayLate(w, r)
		return
	}
	e.packed.send(w, r, cacheReload)
}

// sendPackedSegment answers a name that packedSegment knows.
func (l *Live) sendPackedSegment(w http.ResponseWriter, r *http.Request, msn uint64) {
	e := l.now.Load()
	s := e.find(msn)
	if s == nil || s.gap || msn == e.open.msn {
		notFound(w)
		return
	}
	fragments := make([][]byte, 0, len(s.parts))
	for _, p := range s.parts {
		fragments = append(fragments, p.body)
	}
	data, err := l.packed.pack(l.codec, s.base, fragments...)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "this segment cannot be packed")
		return
	}
	d := newDocument(l.packed.mime, data)
	d.send(w, r, cacheMedia)
}

// packedSegment reads the name of a whole segment as packed audio.
func (l *Live) packedSegment(name string) (msn uint64, ok bool) {
	name, ok = strings.CutSuffix(name, l.packed.extension)
	if l.packed.extension == "" || !ok {
		return 0, false
	}
	msn, part, ok := mediaName(name+".m4s", l.token)
	return msn, ok && part < 0
}
