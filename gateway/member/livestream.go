package member

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// Rendition is one form in which a zone's live stream is offered.
type Rendition struct {
	Name   string // its folder
	Format audio.Format
	// Peak and Average are bits a second, with what fragments add.
	Peak, Average uint32
}

// perPart is what a part's boxes add, in bits a second at five parts of ten
// frames.
const perPart = 12_000

// aacRate is what old players that know neither FLAC nor Opus are given, bits a
// second.
const aacRate = 192_000

// Renditions are what can be encoded, the lossless one first: at home there is room
// for it, and a player that finds too little goes down from there.
func Renditions(enc audio.Encoders) []Rendition {
	f := LiveFormat
	uncoded := uint32(f.Rate * f.Channels * f.Bits)
	all := []Rendition{{Name: "flac", Format: f, Peak: uncoded + perPart, Average: uncoded * 2 / 3}}
	lossy := func(name string, f audio.Format) {
		if !enc.Available(f.Codec) {
			return
		}
		all = append(all, Rendition{
			Name: name, Format: f,
			// Encoders spend up to half more on what is hard to code.
			Peak: uint32(f.Bitrate*3/2) + perPart, Average: uint32(f.Bitrate) + perPart,
		})
	}
	for _, rate := range []int{256_000, 128_000, 64_000} {
		lossy(fmt.Sprintf("opus%d", rate/1000), audio.Format{Codec: audio.Opus, Rate: 48000, Channels: 2, Bitrate: rate})
	}
	lossy(fmt.Sprintf("aac%d", aacRate/1000), audio.Format{Codec: audio.AAC, Rate: 44100, Channels: 2, Bitrate: aacRate})
	return all
}

// Variant describes the rendition for a multivariant playlist beside its folder.
func (r Rendition) Variant(playlist string) hls.Variant {
	codec := hls.CodecConfig{Codec: string(r.Format.Codec)}
	return hls.Variant{URI: r.Name + "/" + playlist, Codecs: codec.Codecs(), Peak: r.Peak, Average: r.Average}
}

// LiveStream is what the live renditions of a zone share: where time begins,
// and what is said of it.
type LiveStream struct {
	clock  audio.Clock
	origin audio.Time // heard at pts 0
	line   *hls.Line
	master *hls.Multivariant

	mu    sync.Mutex
	plays hls.DateRange // what is heard now; no ID when nothing is
	track string
	epoch uint64
	count int
}

// NewLiveStream returns a stream without any output yet; its multivariant playlist
// lists the renditions.
func NewLiveStream(clock audio.Clock, renditions []Rendition) *LiveStream {
	variants := make([]hls.Variant, 0, len(renditions))
	for _, r := range renditions {
		variants = append(variants, r.Variant("live.m3u8"))
	}
	return &LiveStream{
		clock: clock, origin: clock.Now(), line: hls.NewLine(time.Now(), liveSegment), master: hls.NewMultivariant(variants),
	}
}

// Rendition returns an output whose encoding is a rendition of the stream.
func (s *LiveStream) Rendition(r Rendition) *Live {
	return &Live{shared: s, rendition: r, begun: make(chan struct{})}
}

// ServeMaster serves the multivariant playlist.
func (s *LiveStream) ServeMaster(w http.ResponseWriter, r *http.Request) { s.master.ServeHTTP(w, r) }

// wall is when something is heard that the zone's clock says is heard at t.
func (s *LiveStream) wall(t audio.Time) time.Time {
	return s.line.Epoch().Add(time.Duration(t-s.origin) * time.Microsecond)
}

// Show implements zone.Presenter: playlists carry what plays as date ranges.
func (s *LiveStream) Show(n zone.NowPlaying) {
	s.mu.Lock()
	defer s.mu.Unlock()
	playing := n.State == zone.Playing && n.Track.ID != ""
	if playing && s.plays.ID != "" && s.track == n.Track.ID && s.epoch == n.Epoch {
		return
	}
	at := s.wall(n.At)
	if s.plays.ID != "" {
		s.plays.Duration = max(at.Sub(s.plays.Start), time.Millisecond)
		s.line.Mark(s.plays)
		s.plays.ID = ""
	}
	if !playing {
		return
	}
	s.count++
	s.track, s.epoch = n.Track.ID, n.Epoch
	s.plays = hls.DateRange{
		ID: fmt.Sprintf("play-%d", s.count), Class: "audio.jumpgate.track", Start: at,
		Planned: max(n.Track.Duration-n.Offset, 0),
		Attributes: map[string]string{
			"X-TITLE": n.Track.Title, "X-ARTIST": n.Track.Artist, "X-ALBUM": n.Track.Album,
		},
	}
	s.line.Mark(s.plays)
}

// playing tells whether the zone said that it plays.
func (s *LiveStream) playing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plays.ID != ""
}

var _ zone.Presenter = (*LiveStream)(nil)
