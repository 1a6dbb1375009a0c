package hls

import (
	"strconv"
	"time"

	"github.com/grafov/m3u8"
)

// playlistWriter appends the tags of a media playlist. The playlist library
// writes multivariant playlists; of media playlists it knows HLS version 5,
// keeps milliseconds of durations, and has no place for parts.
type playlistWriter struct{ buf []byte }

func (w *playlistWriter) text(s string) { w.buf = append(w.buf, s...) }
func (w *playlistWriter) int(n int64)   { w.buf = strconv.AppendInt(w.buf, n, 10) }

// line writes a tag that has a number, or nothing, behind it.
func (w *playlistWriter) line(tag string, n int64) {
	w.text(tag)
	w.int(n)
	w.text("\n")
}

// micros writes a number of microseconds as seconds.
func (w *playlistWriter) micros(us int64) {
	w.int(us / 1_000_000)
	w.buf = append(w.buf, '.')
	for digit := int64(100_000); digit > 0; digit /= 10 {
		w.buf = append(w.buf, byte('0'+us/digit%10))
	}
}

func (w *playlistWriter) seconds(d time.Duration) { w.micros(int64(d / time.Microsecond)) }

func (w *playlistWriter) quoted(tag, value string) {
	w.text(tag)
	w.buf = append(w.buf, '"')
	w.text(value)
	w.buf = append(w.buf, '"')
}

// dateFormat is ISO 8601 with milliseconds, as EXT-X-PROGRAM-DATE-TIME wants
// (rfc8216bis section 4.4.4.6).
const dateFormat = "2006-01-02T15:04:05.000Z"

func (w *playlistWriter) date(t time.Time) { w.buf = t.UTC().AppendFormat(w.buf, dateFormat) }

// multivariant writes the playlist of the renditions (rfc8216bis section
// 4.4.6.2). bandwidths are in bits a second.
func multivariant(variants []Variant) []byte {
	p := m3u8.NewMasterPlaylist()
	p.SetVersion(7)
	p.SetIndependentSegments(true)
	for _, v := range variants {
		p.Append(v.URI, nil, m3u8.VariantParams{Bandwidth: v.Peak, AverageBandwidth: v.Average, Codecs: v.Codecs})
	}
	return p.Encode().Bytes()
}

// Variant is what a multivariant playlist says of one rendition.
type Variant struct {
	URI    string // of its media playlist, relative to the multivariant one
	Codecs string // RFC 6381: see CodecConfig.Codecs
	// Peak is the highest rate of a segment, Average that of all; bits a
	// second. Zero leaves Average out.
	Peak, Average uint32
}
