package hls

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/grafov/m3u8"
)

// lines carries tags that the playlist library does not know. It keeps one
// custom tag a name, so all lines of a place travel in one.
type lines struct{ text string }

func (t lines) TagName() string       { return "#EXT-X-JUMPGATE-LINES" }
func (t lines) Encode() *bytes.Buffer { return bytes.NewBufferString(t.text) }
func (t lines) String() string        { return t.text }

// multivariant writes the playlist that names the one rendition.
func multivariant(c CodecConfig, uri string, bandwidth uint32) []byte {
	p := m3u8.NewMasterPlaylist()
	p.SetVersion(7)
	p.SetIndependentSegments(true)
	p.Append(uri, nil, m3u8.VariantParams{Bandwidth: bandwidth, Codecs: c.Codecs()})
	return p.Encode().Bytes()
}

// playlist renders the media playlist as it is now (rfc8216bis section 4.4).
func (l *Live) playlist() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	listed := l.segments
	if len(listed) > l.window {
		listed = listed[len(listed)-l.window:]
	}
	p, err := m3u8.NewMediaPlaylist(0, uint(len(listed)+1))
	if err != nil {
		return nil, fmt.Errorf("make playlist: %w", err)
	}
	p.SetVersion(9)
	p.TargetDuration = float64(l.target)
	p.SetCustomTag(lines{fmt.Sprintf(
		"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%.5f\n#EXT-X-PART-INF:PART-TARGET=%.5f",
		l.holdBack.Seconds(), l.partTarget.Seconds())})
	p.SeqNo = l.open.msn
	if len(listed) > 0 {
		p.SeqNo = listed[0].msn
	}
	p.DiscontinuitySeq = l.breaks
	for i, s := range listed {
		if err := l.appendSegment(p, s, i >= len(listed)-partWindow); err != nil {
			return nil, fmt.Errorf("list segment %d: %w", s.msn, err)
		}
	}
	if l.closed {
		p.Close()
	}
	if len(listed) == 0 {
		// The library puts the map before the first segment; without one it
		// has to be the playlist's.
		p.SetDefaultMap("init.mp4", 0, 0)
	}
	out := l.exactDurations(p.Encode().Bytes(), listed)
	if !l.closed {
		out = append(out, l.edge()...)
	}
	return out, nil
}

// exactDurations writes EXTINF to 10 µs, rounded down, where the library gives
// milliseconds: a player that was told of more than a segment holds asks for
// its last part over and over.
func (l *Live) exactDurations(playlist []byte, listed []*segment) []byte {
	out := make([]byte, 0, len(playlist)+256)
	for line := range bytes.Lines(playlist) {
		if bytes.HasPrefix(line, []byte("#EXTINF:")) {
			tens := l.codec.duration(listed[0].samples) / (10 * time.Microsecond)
			line = fmt.Appendf(nil, "#EXTINF:%d.%05d,\n", tens/100_000, tens%100_000)
			listed = listed[1:]
		}
		out = append(out, line...)
	}
	return out
}

func (l *Live) appendSegment(p *m3u8.MediaPlaylist, s *segment, withParts bool) error {
	seg := &m3u8.MediaSegment{
		URI:             fmt.Sprintf("%d.m4s", s.msn),
		Duration:        l.codec.duration(s.samples).Seconds(),
		ProgramDateTime: l.wall(s.pts),
		Discontinuity:   s.breaks,
	}
	if p.Count() == 0 || s.breaks {
		seg.Map = &m3u8.Map{URI: "init.mp4"}
	}
	if err := p.AppendSegment(seg); err != nil {
		return err
	}
	if withParts {
		return p.SetCustomSegmentTag(lines{strings.TrimSuffix(l.partLines(s), "\n")})
	}
	return nil
}

func (l *Live) partLines(s *segment) string {
	var b strings.Builder
	for i, part := range s.parts {
		fmt.Fprintf(&b, "#EXT-X-PART:DURATION=%.5f,URI=\"%d.%d.m4s\",INDEPENDENT=YES\n",
			l.codec.duration(part.samples).Seconds(), s.msn, i)
	}
	return b.String()
}

// edge writes what follows the last whole segment: the parts of the one that
// is open, and where the next part will be.
func (l *Live) edge() string {
	var b strings.Builder
	if len(l.open.parts) > 0 || l.open.breaks {
		if l.open.breaks {
			b.WriteString("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init.mp4\"\n")
		}
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", l.wall(l.open.pts).Format(m3u8.DATETIME))
		b.WriteString(l.partLines(l.open))
	}
	fmt.Fprintf(&b, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%d.%d.m4s\"\n", l.open.msn, len(l.open.parts))
	return b.String()
}

// wall is when a sample is heard, by its pts; playlists carry milliseconds.
func (l *Live) wall(samples int64) time.Time {
	return l.epoch.Add(l.codec.duration(samples)).UTC().Truncate(time.Millisecond)
}
