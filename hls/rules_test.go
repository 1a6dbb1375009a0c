package hls

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// listing is a live playlist as a strict client reads it.
type listing struct {
	target               int
	partTarget, holdBack float64
	sequence, breaks     int
	segments             []listed
	open                 listed // what follows the last whole segment
	hint                 string
}

type listed struct {
	uri      string
	duration float64
	date     time.Time
	breaks   bool
	parts    []listedPart
}

type listedPart struct {
	uri      string
	duration float64
}

// attributes reads an attribute list (RFC 8216 section 4.2); none of ours has a
// comma within quotes.
func attributes(text string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		out[name] = strings.Trim(value, `"`)
	}
	return out
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readListing(t *testing.T, body string) (l listing) {
	t.Helper()
	mapped := false
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		tag, value, _ := strings.Cut(line, ":")
		switch tag {
		case "#EXT-X-TARGETDURATION":
			l.target = int(number(t, value))
		case "#EXT-X-PART-INF":
			l.partTarget = number(t, attributes(value)["PART-TARGET"])
		case "#EXT-X-SERVER-CONTROL":
			l.holdBack = number(t, attributes(value)["PART-HOLD-BACK"])
		case "#EXT-X-MEDIA-SEQUENCE":
			l.sequence = int(number(t, value))
		case "#EXT-X-DISCONTINUITY-SEQUENCE":
			l.breaks = int(number(t, value))
		case "#EXT-X-DISCONTINUITY":
			l.open.breaks = true
			mapped = false
		case "#EXT-X-MAP":
			mapped = true
		case "#EXT-X-PROGRAM-DATE-TIME":
			date, err := time.Parse(time.RFC3339Nano, value)
			if err != nil {
				t.Fatal(err)
			}
			l.open.date = date
		case "#EXT-X-PART":
			a := attributes(value)
			l.open.parts = append(l.open.parts, listedPart{uri: a["URI"], duration: number(t, a["DURATION"])})
		case "#EXT-X-PRELOAD-HINT":
			l.hint = attributes(value)["URI"]
		case "#EXTINF":
			l.open.duration = number(t, strings.TrimSuffix(value, ","))
		default:
			if strings.HasPrefix(line, "#") || line == "" {
				continue
			}
			if !mapped {
				t.Fatalf("%s stands before any EXT-X-MAP:\n%s", line, body)
			}
			l.open.uri = line
			l.segments = append(l.segments, l.open)
			l.open = listed{}
		}
	}
	return l
}

// keepsRules checks one playlist by rfc8216bis sections 4.4.3, 4.4.4 and B.1.
func (l listing) keepsRules(t *testing.T) {
	t.Helper()
	const rounding = 0.0011 // EXTINF and dates have milliseconds
	if l.holdBack < 3*l.partTarget-1e-9 {
		t.Errorf("PART-HOLD-BACK %v is less than three parts of %v", l.holdBack, l.partTarget)
	}
	for i, s := range append(l.segments, l.open) {
		whole := i < len(l.segments)
		if whole && int(math.Round(s.duration)) > l.target {
			t.Errorf("%s lasts %v, over the target of %d", s.uri, s.duration, l.target)
		}
		sum := 0.0
		for k, p := range s.parts {
			sum += p.duration
			last := whole && k == len(s.parts)-1
			if p.duration > l.partTarget || (p.duration < 0.85*l.partTarget && !last) {
				t.Errorf("%s lasts %v of %v", p.uri, p.duration, l.partTarget)
			}
			if want := fmt.Sprintf("%d.%d.m4s", l.sequence+i, k); p.uri != want {
				t.Errorf("part %s, want %s", p.uri, want)
			}
		}
		if whole && s.parts != nil && math.Abs(sum-s.duration) > rounding {
			t.Errorf("the parts of %s last %v, it %v", s.uri, sum, s.duration)
		}
		if i > 0 && !s.breaks && !s.date.IsZero() {
			before := l.segments[i-1]
			if off := s.date.Sub(before.date).Seconds() - before.duration; math.Abs(off) > 2*rounding {
				t.Errorf("segment %d is dated %v s off the one before", l.sequence+i, off)
			}
		}
	}
	if want := fmt.Sprintf("%d.%d.m4s", l.sequence+len(l.segments), len(l.open.parts)); l.hint != want {
		t.Errorf("the hint names %s, want %s", l.hint, want)
	}
}

// follows checks a playlist against one that was served before (section 6.2.1).
func (l listing) follows(t *testing.T, before listing) {
	t.Helper()
	if l.target != before.target || l.partTarget != before.partTarget || l.holdBack != before.holdBack {
		t.Errorf("targets changed from %d, %v, %v to %d, %v, %v", before.target, before.partTarget, before.holdBack, l.target, l.partTarget, l.holdBack)
	}
	if l.sequence < before.sequence {
		t.Fatalf("the media sequence went from %d to %d", before.sequence, l.sequence)
	}
	breaks := before.breaks
	for i, s := range before.segments {
		if s.breaks {
			breaks++
		}
		k := before.sequence + i - l.sequence
		if k < 0 {
			continue
		}
		now, sofar := l.segments[k], l.breaks
		for _, earlier := range l.segments[:k+1] {
			if earlier.breaks {
				sofar++
			}
		}
		if now.uri != s.uri || now.duration != s.duration || !now.date.Equal(s.date) || sofar != breaks {
			t.Errorf("segment %d was %+v behind %d discontinuities and is %+v behind %d", before.sequence+i, s, breaks, now, sofar)
		}
	}
}

// A stream with everything that a zone does to it (pauses, jumps that come
// before what was published has been heard, the end of a track within a part)
// keeps the rules in every playlist that it ever shows.
func TestEveryPlaylistKeepsTheRules(t *testing.T) {
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, HoldBack: 1500 * time.Millisecond, Epoch: time.Unix(1_800_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var before listing
	pts := int64(0)
	for i := range 600 {
		dur := uint32(4096)
		switch {
		case i%97 == 50:
			pts += 3 * 44100 // a pause
		case i%61 == 30:
			pts -= 44100 // a jump
		case i%83 == 82:
			dur = 1000 // the last frame of a stream
		}
		if err := live.WriteFrame(pts, dur, []byte("frame")); err != nil {
			t.Fatal(err)
		}
		pts += int64(dur)
		if dur < 4096 {
			pts += 100
		}
		if len(live.segments) == 0 {
			continue
		}
		now := readListing(t, get(t, live, "/live.m3u8").Body.String())
		now.keepsRules(t)
		if before.target != 0 {
			now.follows(t, before)
		}
		if t.Failed() {
			t.Fatalf("after frame %d:\n%s", i, get(t, live, "/live.m3u8").Body)
		}
		before = now
	}
	// What slid out of the playlist is there for as long as the playlist lists.
	if w := get(t, live, fmt.Sprintf("/%d.m4s", before.sequence-len(before.segments))); w.Code != http.StatusOK {
		t.Errorf("a segment that a late client asks for: %d", w.Code)
	}
}
