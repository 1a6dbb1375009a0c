package hls

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Line is what the renditions of one live stream share: the wall time at which
// they begin, where segments end and discontinuities stand, so that a player
// may go from one rendition to another at any segment; and what is said of the
// sound in date ranges. It is safe for concurrent use.
type Line struct {
	epoch   time.Time
	segment time.Duration

	mu     sync.Mutex
	spans  []span // by discontinuity, the newest last
	lives  []*Live
	made   int               // renditions that were ever begun
	ended  map[string]uint64 // the first segment that a rendition's next life may have
	ranges []DateRange
}

// span is a stretch without a discontinuity. Segments end at multiples of the
// segment's duration from its start.
type span struct {
	start time.Duration // since the epoch
	count uint64        // discontinuities up to its start
	msn   uint64        // its first segment, in the rendition that found it
}

// DateRange is a stretch of a stream with a meaning, as EXT-X-DATERANGE says it
// (rfc8216bis section 4.4.5.1).
type DateRange struct {
	ID    string // unlike that of any other range of the stream
	Class string // what the attributes mean: a reversed domain name
	Start time.Time
	// Planned is how long it should last, zero where nobody knows; Duration
	// how long it did, zero while it goes on.
	Planned, Duration time.Duration
	// Attributes are the client's own: names that begin with "X-", in upper
	// case, and text.
	Attributes map[string]string
}

const (
	maxRanges = 32
	maxSpans  = 64
	// sameStart is how far apart two renditions may find one discontinuity.
	sameStart = 25 * time.Millisecond
)

// NewLine returns what the renditions of a stream share. epoch is the wall time
// of pts 0; segments last as long as segment, give or take a frame; zero means
// 2 s.
func NewLine(epoch time.Time, segment time.Duration) *Line {
	if segment <= 0 {
		segment = defaultSegment
	}
	return &Line{epoch: epoch, segment: segment}
}

// Epoch is the wall time of pts 0.
func (n *Line) Epoch() time.Time { return n.epoch }

// token names the files of the next rendition: no two of a stream, and of its
// streams, have files of one name with another content.
func (n *Line) token() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.made++
	name := strconv.FormatInt(n.epoch.UnixMilli(), 36)
	if n.made > 1 {
		name += "-" + strconv.Itoa(n.made)
	}
	return name
}

// join returns the span in which a rendition begins at a time, and the number
// of its first segment: that of the others, or what follows its own life
// before, since numbers never go back.
func (n *Line) join(l *Live, at time.Duration) (span, uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lives = append(n.lives, l)
	for _, s := range slices.Backward(n.spans) {
		if s.start <= at+sameStart {
			return s, max(s.msn+uint64(max(0, at-s.start)/n.segment), n.ended[l.name])
		}
	}
	return n.begin(at, n.ended[l.name]), n.ended[l.name]
}

// breakAt returns the span that begins at a time where a rendition finds a
// discontinuity: one that another rendition found before it, or a new one, which
// begins with a segment of the given number.
func (n *Line) breakAt(from span, at time.Duration, msn uint64) span {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.spans {
		if s.count > from.count && (s.start-at).Abs() < sameStart {
			return s
		}
	}
	return n.begin(at, msn)
}

// overtaken tells whether another rendition has found a discontinuity that a
// rendition in a span has reached without noticing.
func (n *Line) overtaken(from span, at time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	newest := n.spans[len(n.spans)-1]
	return newest.count > from.count && newest.start >= from.start && (at-newest.start).Abs() < sameStart
}

func (n *Line) begin(at time.Duration, msn uint64) span {
	s := span{start: at, msn: msn}
	if len(n.spans) > 0 {
		s.count = n.spans[len(n.spans)-1].count + 1
	}
	n.spans = append(n.spans, s)
	if len(n.spans) > maxSpans {
		n.spans = n.spans[1:]
	}
	return s
}

func (n *Line) leave(l *Live, next uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended == nil {
		n.ended = map[string]uint64{}
	}
	n.ended[l.name] = next
	n.lives = slices.DeleteFunc(n.lives, func(other *Live) bool { return other == l })
}

// others returns the renditions beside one.
func (n *Line) others(l *Live) (out []*Live) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, other := range n.lives {
		if other != l && other.name != "" {
			out = append(out, other)
		}
	}
	slices.SortFunc(out, func(a, b *Live) int { return strings.Compare(a.name, b.name) })
	return out
}

// Mark says what a stretch of the stream is. A range with the ID of one before
// takes its place: so its duration is told when it has ended. Playlists carry
// it with their next part.
func (n *Line) Mark(r DateRange) {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.ranges, func(o DateRange) bool { return o.ID == r.ID })
	if i >= 0 {
		n.ranges[i] = r
	} else {
		n.ranges = append(n.ranges, r)
	}
	if len(n.ranges) > maxRanges {
		n.ranges = slices.Delete(n.ranges, 0, 1)
	}
}

// marks writes the ranges that are not over before a time.
func (n *Line) marks(w *playlistWriter, first time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, r := range n.ranges {
		end := r.Start.Add(r.Duration)
		if r.Duration == 0 && i+1 < len(n.ranges) {
			end = n.ranges[i+1].Start
		}
		if end.Before(first) && (r.Duration > 0 || i+1 < len(n.ranges)) {
			continue
		}
		r.write(w)
	}
}

func (r DateRange) write(w *playlistWriter) {
	w.quoted("#EXT-X-DATERANGE:ID=", plain(r.ID))
	if r.Class != "" {
		w.quoted(",CLASS=", plain(r.Class))
	}
	w.text(",START-DATE=\"")
	w.date(r.Start)
	w.text("\"")
	if r.Duration > 0 {
		w.text(",DURATION=")
		w.seconds(r.Duration)
	}
	if r.Planned > 0 {
		w.text(",PLANNED-DURATION=")
		w.seconds(r.Planned)
	}
	for _, name := range sortedKeys(r.Attributes) {
		if strings.HasPrefix(name, "X-") && r.Attributes[name] != "" {
			w.quoted(","+name+"=", plain(r.Attributes[name]))
		}
	}
	w.text("\n")
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// plain leaves out what a quoted string cannot hold (rfc8216bis section 4.2).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r < 0x20 || r == 0x7f:
			return ' '
		}
		return r
	}, s)
}
