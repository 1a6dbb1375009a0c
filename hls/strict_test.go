package hls

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A strict reader of live low-latency playlists. It shares nothing with the
// writer: it knows what rfc8216bis says a playlist must be, and answers every
// playlist with the rules that it breaks. docs/hls.md lists the rules under the
// names that stand in quotes here.

type listing struct {
	version, target      int
	partTarget, holdBack float64
	skipUntil            float64
	blocks               bool
	sequence, breaks     int
	skipped              int
	segments             []listed // without the skipped ones
	open                 listed   // what follows the last whole segment
	hint                 string
	reports              map[string]string
	ranges               map[string]map[string]string
	ended                bool

	broken []string
}

type listed struct {
	uri, initURI string
	duration     float64
	date         time.Time
	breaks, gap  bool
	parts        []listedPart
}

type listedPart struct {
	uri      string
	duration float64
	gap      bool
}

func (l *listing) breaksRule(rule, format string, args ...any) {
	l.broken = append(l.broken, rule+": "+fmt.Sprintf(format, args...))
}

var attributeName = regexp.MustCompile(`^[A-Z0-9-]+$`)

// attributes reads an attribute list; quotes stay on the values of strings.
func (l *listing) attributes(text string) map[string]string {
	out := map[string]string{}
	if strings.HasSuffix(text, ",") {
		l.breaksRule("attribute-list", "%q", text)
	}
	for text != "" {
		name, rest, _ := strings.Cut(text, "=")
		end := strings.IndexByte(rest, ',')
		if strings.HasPrefix(rest, `"`) {
			end = 2 + strings.IndexByte(rest[1:], '"')
		}
		if end <= 0 {
			end = len(rest)
		}
		if !attributeName.MatchString(name) || rest == "" || rest[0] == ' ' || (end < len(rest) && rest[end] != ',') {
			l.breaksRule("attribute-list", "%q", text)
			return out
		}
		if _, twice := out[name]; twice {
			l.breaksRule("attribute-once", "%s in %q", name, text)
		}
		out[name] = rest[:end]
		text = strings.TrimPrefix(rest[end:], ",")
	}
	return out
}

var decimalForm = regexp.MustCompile(`^\d+(\.\d+)?$`)

func (l *listing) float(rule, text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !decimalForm.MatchString(text) {
		l.breaksRule(rule, "%q is not a decimal number", text)
	}
	return v
}

func (l *listing) integer(rule, text string) int {
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 {
		l.breaksRule(rule, "%q is not a decimal integer", text)
	}
	return v
}

func (l *listing) quoted(rule, text string) string {
	if len(text) < 3 || text[0] != '"' {
		l.breaksRule(rule, "%s is not a quoted string", text)
	}
	return strings.Trim(text, `"`)
}

// readListing reads one playlist.
func readListing(body string) *listing {
	l := &listing{reports: map[string]string{}, ranges: map[string]map[string]string{}, version: 1}
	lines := strings.Split(body, "\n")
	if lines[0] != "#EXTM3U" || lines[len(lines)-1] != "" {
		l.breaksRule("extm3u-first", "%q", lines[0])
	}
	if strings.ContainsAny(body, "\r\x00\ufeff") {
		l.breaksRule("no-control-characters", "")
	}
	seen := map[string]bool{}
	initURI := ""
	for i, line := range lines[1 : len(lines)-1] {
		tag, value, _ := strings.Cut(line, ":")
		once := true
		switch tag {
		case "#EXT-X-VERSION":
			l.version = l.integer("version", value)
		case "#EXT-X-TARGETDURATION":
			l.target = l.integer("targetduration", value)
		case "#EXT-X-INDEPENDENT-SEGMENTS":
		case "#EXT-X-SERVER-CONTROL":
			a := l.attributes(value)
			l.blocks = a["CAN-BLOCK-RELOAD"] == "YES"
			l.holdBack = l.float("part-hold-back", a["PART-HOLD-BACK"])
			l.skipUntil = l.float("can-skip-until", a["CAN-SKIP-UNTIL"])
		case "#EXT-X-PART-INF":
			l.partTarget = l.float("part-target", l.attributes(value)["PART-TARGET"])
		case "#EXT-X-MEDIA-SEQUENCE":
			l.sequence = l.integer("media-sequence", value)
			l.before("media-sequence-first", seen)
		case "#EXT-X-DISCONTINUITY-SEQUENCE":
			l.breaks = l.integer("discontinuity-sequence", value)
			l.before("discontinuity-sequence-first", seen)
		case "#EXT-X-SKIP":
			l.skipped = l.integer("skip", l.attributes(value)["SKIPPED-SEGMENTS"])
			l.before("skip-first", seen)
			if l.skipped == 0 {
				l.breaksRule("skip", "of nothing")
			}
		case "#EXT-X-ENDLIST":
			l.ended = true
		case "#EXT-X-PRELOAD-HINT":
			a := l.attributes(value)
			l.hint = l.quoted("preload-hint", a["URI"])
			if a["TYPE"] != "PART" {
				l.breaksRule("preload-hint", "type %s", a["TYPE"])
			}
		case "#EXT-X-RENDITION-REPORT":
			once = false
			l.readReport(value)
		case "#EXT-X-DATERANGE":
			once = false
			l.readRange(value)
		default:
			once = false
			l.readSegmentLine(tag, value, line, &initURI)
		}
		if (l.hint != "" || len(l.reports) > 0) && tag != "#EXT-X-PRELOAD-HINT" && tag != "#EXT-X-RENDITION-REPORT" {
			l.breaksRule("hint-last", "line %d, %s", i, line)
		}
		if once && seen[tag] {
			l.breaksRule("tag-once", "%s", tag)
		}
		seen[tag] = true
	}
	if !seen["#EXT-X-TARGETDURATION"] {
		l.breaksRule("targetduration", "there is none")
	}
	l.judge()
	return l
}

// before demands that no segment was listed yet.
func (l *listing) before(rule string, seen map[string]bool) {
	if len(l.segments) > 0 || seen["#EXTINF"] || seen["#EXT-X-PART"] || seen["#EXT-X-DISCONTINUITY"] {
		l.breaksRule(rule, "behind a segment")
	}
}

func (l *listing) readReport(value string) {
	a := l.attributes(value)
	uri := l.quoted("rendition-report", a["URI"])
	if strings.Contains(uri, "://") || strings.HasPrefix(uri, "/") {
		l.breaksRule("rendition-report-relative", "%s", uri)
	}
	l.integer("rendition-report", a["LAST-MSN"])
	l.integer("rendition-report", a["LAST-PART"])
	l.reports[uri] = a["LAST-MSN"] + "." + a["LAST-PART"]
}

func (l *listing) readRange(value string) {
	a := l.attributes(value)
	id := l.quoted("daterange-id", a["ID"])
	if _, err := time.Parse(time.RFC3339Nano, l.quoted("daterange-start", a["START-DATE"])); err != nil {
		l.breaksRule("daterange-start", "%v", err)
	}
	if l.ranges[id] != nil {
		l.breaksRule("daterange-once", "%s", id)
	}
	for name, text := range a {
		switch {
		case name == "DURATION" || name == "PLANNED-DURATION":
			l.float("daterange-duration", text)
		case name == "ID" || name == "CLASS" || name == "START-DATE":
		case !strings.HasPrefix(name, "X-"):
			l.breaksRule("daterange-client-attributes", "%s", name)
		}
	}
	l.ranges[id] = a
}

func (l *listing) readSegmentLine(tag, value, line string, initURI *string) {
	switch tag {
	case "#EXT-X-DISCONTINUITY":
		l.open.breaks = true
		if len(l.open.parts) > 0 || !l.open.date.IsZero() {
			l.breaksRule("discontinuity-first", "behind parts of its segment")
		}
	case "#EXT-X-MAP":
		*initURI = l.quoted("map", l.attributes(value)["URI"])
	case "#EXT-X-PROGRAM-DATE-TIME":
		date, err := time.Parse("2006-01-02T15:04:05.000Z07:00", value)
		if err != nil || len(l.open.parts) > 0 {
			l.breaksRule("program-date-time", "%s: %v, behind %d parts", value, err, len(l.open.parts))
		}
		l.open.date = date
	case "#EXT-X-GAP":
		l.open.gap = true
	case "#EXT-X-PART":
		a := l.attributes(value)
		if i := a["INDEPENDENT"]; i != "YES" {
			l.breaksRule("part-independent", "%s", i)
		}
		l.open.parts = append(l.open.parts, listedPart{l.quoted("part-uri", a["URI"]), l.float("part-duration", a["DURATION"]), a["GAP"] == "YES"})
	case "#EXTINF":
		text, _, comma := strings.Cut(value, ",")
		if !comma {
			l.breaksRule("extinf-comma", "%s", line)
		}
		l.open.duration = l.float("extinf", text)
	default:
		switch {
		case strings.HasPrefix(line, "#EXT"):
			l.breaksRule("known-tag", "%s", line)
			return
		case line == "" || strings.HasPrefix(line, "#"):
			return
		case *initURI == "" && l.skipped == 0:
			l.breaksRule("map-before-segments", "%s", line)
		case l.open.duration == 0:
			l.breaksRule("extinf-for-each", "%s", line)
		}
		l.open.uri, l.open.initURI = line, *initURI
		l.segments = append(l.segments, l.open)
		l.open = listed{}
	}
}

// rounding is what dates (milliseconds) and durations (microseconds) leave out.
const rounding = 0.0011

// judge checks what can be seen in one playlist.
func (l *listing) judge() {
	if l.version < 9 || l.version > 12 {
		l.breaksRule("version", "%d: EXT-X-SKIP wants 9", l.version)
	}
	if l.holdBack < 2*l.partTarget || l.holdBack < 3*l.partTarget-1e-6 {
		l.breaksRule("part-hold-back", "%v with parts of %v", l.holdBack, l.partTarget)
	}
	if l.skipUntil < float64(6*l.target) {
		l.breaksRule("can-skip-until", "%v with a target of %d", l.skipUntil, l.target)
	}
	if !l.blocks {
		l.breaksRule("can-block-reload", "missing")
	}
	if l.partTarget <= 0 || l.partTarget > float64(l.target) {
		l.breaksRule("part-target", "%v", l.partTarget)
	}
	if l.ended == (l.hint != "") {
		l.breaksRule("preload-hint", "%q in a playlist whose end is %v", l.hint, l.ended)
	}
	uris := map[string]bool{}
	total := 0.0
	for i, s := range append(l.segments, l.open) {
		l.judgeSegment(i, s)
		for _, p := range s.parts {
			if uris[p.uri] {
				l.breaksRule("uri-once", "%s", p.uri)
			}
			uris[p.uri] = true
		}
		if uris[s.uri] && s.uri != "" {
			l.breaksRule("uri-once", "%s", s.uri)
		}
		uris[s.uri] = true
		total += s.duration
	}
	if uris[l.hint] && l.hint != "" {
		l.breaksRule("preload-hint", "%s is there already", l.hint)
	}
	l.judgeParts()
	if l.skipped > 0 && total+l.openDuration() < l.skipUntil-rounding {
		l.breaksRule("skip-boundary", "%v s are left of %v", total+l.openDuration(), l.skipUntil)
	}
	if len(l.ranges) > 0 && len(l.segments) > 0 && l.segments[0].date.IsZero() {
		l.breaksRule("daterange-needs-date", "no EXT-X-PROGRAM-DATE-TIME")
	}
}

func (l *listing) openDuration() (d float64) {
	for _, p := range l.open.parts {
		d += p.duration
	}
	return d
}

// judgeParts: the parts of the last three target durations are listed, and not
// those of much older segments.
func (l *listing) judgeParts() {
	behind := l.openDuration()
	for i := len(l.segments) - 1; i >= 0; i-- {
		if behind < float64(3*l.target) && len(l.segments[i].parts) == 0 {
			l.breaksRule("parts-near-the-end", "%s ends %v s before the end and lists no parts", l.segments[i].uri, behind)
		}
		behind += l.segments[i].duration
	}
}

func (l *listing) judgeSegment(i int, s listed) {
	whole := i < len(l.segments)
	if whole && int(math.Round(s.duration)) > l.target {
		l.breaksRule("extinf-within-target", "%s lasts %v of %d", s.uri, s.duration, l.target)
	}
	sum, gap := 0.0, false
	for k, p := range s.parts {
		sum += p.duration
		gap = gap || p.gap
		last := whole && k == len(s.parts)-1
		if p.duration > l.partTarget {
			l.breaksRule("part-within-target", "%s lasts %v of %v", p.uri, p.duration, l.partTarget)
		}
		if p.duration < 0.85*l.partTarget && !last {
			l.breaksRule("part-85-percent", "%s lasts %v of %v", p.uri, p.duration, l.partTarget)
		}
	}
	if whole && gap && !s.gap {
		l.breaksRule("gap-of-parts", "%s", s.uri)
	}
	if whole && s.parts != nil && math.Abs(sum-s.duration) > rounding {
		l.breaksRule("parts-sum", "the parts of %s last %v, it %v", s.uri, sum, s.duration)
	}
	if (whole || s.parts != nil) && s.date.IsZero() {
		l.breaksRule("program-date-time", "%s has none", s.uri)
	}
	if i > 0 && !s.breaks && !s.date.IsZero() {
		before := l.segments[i-1]
		if off := s.date.Sub(before.date).Seconds() - before.duration; math.Abs(off) > 2*rounding {
			l.breaksRule("dates-follow", "segment %d is dated %v s off the one before", l.sequence+i, off)
		}
	}
}

// follows checks a playlist against one that was served before (section 6.2.1).
func (l *listing) follows(before *listing) {
	if l.target != before.target || l.partTarget != before.partTarget || l.holdBack != before.holdBack || l.version != before.version {
		l.breaksRule("targets-frozen", "%+v and %+v", before, l)
	}
	if l.sequence < before.sequence || l.breaks < before.breaks {
		l.breaksRule("sequence-never-back", "from %d and %d to %d and %d", before.sequence, before.breaks, l.sequence, l.breaks)
		return
	}
	if before.ended && !l.ended {
		l.breaksRule("ended-is-ended", "")
	}
	if before.ended && len(l.segments) != len(before.segments) {
		l.breaksRule("ended-is-ended", "and yet it has grown")
	}
	count := before.breaks
	for i, s := range before.segments {
		if s.breaks {
			count++
		}
		k := before.sequence + i - l.sequence
		if k < 0 {
			continue
		}
		if k >= len(l.segments) {
			l.breaksRule("segments-removed-in-order", "segment %d is gone from the end", before.sequence+i)
			return
		}
		now, sofar := l.segments[k], l.breaks
		for _, earlier := range l.segments[:k+1] {
			if earlier.breaks {
				sofar++
			}
		}
		if now.uri != s.uri || now.duration != s.duration || !now.date.Equal(s.date) || now.gap != s.gap || now.initURI != s.initURI || sofar != count {
			l.breaksRule("nothing-changes", "segment %d was %+v behind %d discontinuities and is %+v behind %d", before.sequence+i, s, count, now, sofar)
		}
	}
	l.openFollows(before)
	for id, old := range before.ranges {
		if now := l.ranges[id]; now != nil && (now["START-DATE"] != old["START-DATE"] || now["CLASS"] != old["CLASS"]) {
			l.breaksRule("daterange-unchanged", "%s: %v, was %v", id, now, old)
		}
	}
}

// openFollows: parts that were shown stay, and a hint comes true unless its
// segment has ended before it.
func (l *listing) openFollows(before *listing) {
	k := before.sequence + len(before.segments) - l.sequence
	if k < 0 || k > len(l.segments) || len(before.open.parts) == 0 {
		return
	}
	now := append(append([]listed(nil), l.segments...), l.open)[k]
	if now.parts == nil {
		return // it became old
	}
	if len(now.parts) < len(before.open.parts) {
		l.breaksRule("parts-stay", "of %d are %d", len(before.open.parts), len(now.parts))
		return
	}
	for i, p := range before.open.parts {
		if now.parts[i] != p {
			l.breaksRule("parts-stay", "%+v became %+v", p, now.parts[i])
		}
	}
	if n := len(before.open.parts); len(now.parts) > n && now.parts[n].uri != before.hint {
		l.breaksRule("hint-comes-true", "%s came, %s was announced", now.parts[n].uri, before.hint)
	}
}

// patched is what a client that saw a playlist makes of a delta update to it
// (section 6.3.7).
func (l *listing) patched(seen *listing) *listing {
	out := *l
	from := l.sequence - seen.sequence
	if l.skipped == 0 {
		return &out
	}
	if from < 0 || from+l.skipped > len(seen.segments) {
		out.breaksRule("skip-only-what-was-seen", "%d segments from %d; there were %d from %d", l.skipped, l.sequence, len(seen.segments), seen.sequence)
		return &out
	}
	out.segments = append(append([]listed(nil), seen.segments[from:from+l.skipped]...), l.segments...)
	out.skipped = 0
	return &out
}
