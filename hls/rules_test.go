package hls

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// obeys reads the playlist of a stream and holds it to the rules.
func obeys(t *testing.T, live *Live, before *listing) *listing {
	t.Helper()
	body := get(t, live, "/live.m3u8?_HLS_msn=0").Body.String()
	now := readListing(body)
	if before != nil {
		now.follows(before)
	}
	if now.broken != nil {
		t.Fatalf("%s\n%s", strings.Join(now.broken, "\n"), body)
	}
	if before == nil {
		return now
	}
	deltaBody := get(t, live, "/live.m3u8?_HLS_msn=0&_HLS_skip=YES").Body.String()
	delta := readListing(deltaBody)
	// A client whose playlist is older than half the skip boundary may not ask
	// for a delta; ours is one part old.
	whole := delta.patched(before)
	for i := range whole.segments {
		whole.segments[i].initURI = "" // a skipped EXT-X-MAP goes on to apply
		whole.segments[i].parts = nil  // old segments' parts are dropped in the full one
	}
	full := readListing(body)
	for i := range full.segments {
		full.segments[i].initURI, full.segments[i].parts = "", nil
	}
	if whole.broken != nil || !reflect.DeepEqual(whole.segments, full.segments) || whole.hint != full.hint || whole.breaks != full.breaks || !reflect.DeepEqual(whole.ranges, full.ranges) {
		t.Fatalf("a delta update gives another playlist: %v\n%s\n%s", whole.broken, deltaBody, body)
	}
	return now
}

// A stream with everything that a zone does to it (pauses, jumps that come
// before what was published has been heard, the end of a track within a part,
// lost frames) keeps the rules in every playlist that it ever shows.
func TestEveryPlaylistKeepsTheRules(t *testing.T) {
	for name, cfg := range map[string]LiveConfig{
		"seconds": {Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, HoldBack: 1500 * time.Millisecond, Window: 12},
		"plain":   {Codec: flacConfig(), FrameSamples: 4096},
		"short":   {Codec: flacConfig(), FrameSamples: 4096, Part: 100 * time.Millisecond, Segment: time.Second, Window: 20},
		"opus":    {Codec: readable()[1], FrameSamples: 960, Segment: time.Second, Window: 10},
		"aac":     {Codec: readable()[2], FrameSamples: 1024, Window: 10},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Epoch = testEpoch
			live, err := NewLive(cfg)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			var before *listing
			var shown *edition
			pts, deltas := int64(0), 0
			for i := range 25 * cfg.Codec.Rate / cfg.FrameSamples {
				dur, data := uint32(cfg.FrameSamples), []byte("frame")
				switch random.IntN(6 * cfg.Codec.Rate / cfg.FrameSamples) {
				case 0:
					pts += int64(3 * cfg.Codec.Rate) // a pause
				case 1:
					pts -= int64(random.IntN(cfg.Codec.Rate)) // a jump
				case 2:
					dur = uint32(1 + random.IntN(cfg.FrameSamples)) // the last frame of a stream
				case 3:
					data = nil // a lost one
				case 4:
					live.Mark(DateRange{ID: fmt.Sprint("track ", i), Class: "org.example", Start: live.wall(pts), Planned: time.Minute})
				}
				if err := live.WriteFrame(pts, dur, data); err != nil {
					t.Fatal(err)
				}
				pts += int64(dur)
				if dur < uint32(cfg.FrameSamples) {
					pts += 100
				}
				if e := live.now.Load(); e == shown || len(e.segments) == 0 {
					continue
				}
				shown = live.now.Load()
				before = obeys(t, live, before)
				packedObeys(t, live, live.packed.extension != "")
				if live.now.Load().delta != nil {
					deltas++
				}
				if i%100 == 99 {
					checkRetention(t, live, before)
				}
			}
			if deltas == 0 && cfg.Window > 6 {
				t.Error("no delta update was ever offered")
			}
			if err := live.Close(); err != nil {
				t.Fatal(err)
			}
			obeys(t, live, before)
			packedObeys(t, live, live.packed.extension != "")
		})
	}
}

// packedObeys holds the playlist of packed audio to what the other one says, and to
// what old players know.
func packedObeys(t *testing.T, live *Live, offered bool) {
	t.Helper()
	answer := get(t, live, "/packed.m3u8")
	if !offered {
		if answer.Code != http.StatusNotFound {
			t.Fatalf("packed audio of %s: %d", live.codec.Codec, answer.Code)
		}
		return
	}
	want := readListing(get(t, live, "/live.m3u8?_HLS_msn=0").Body.String())
	old := oldTags.ReplaceAllString(answer.Body.String(), "")
	gaps := 0
	for _, s := range want.segments {
		segment := fmt.Sprintf("#EXT-X-PROGRAM-DATE-TIME:%s\n", s.date.UTC().Format(dateFormat))
		if s.breaks {
			segment = "#EXT-X-DISCONTINUITY\n" + segment
		}
		if s.gap {
			segment += "#EXT-X-GAP\n"
			gaps++
		}
		name := strings.TrimSuffix(s.uri, ".m4s") + ".aac"
		segment += fmt.Sprintf("#EXTINF:%.6f,\n%s\n", s.duration, name)
		rest, found := strings.CutPrefix(old, segment)
		if !found {
			t.Fatalf("want\n%s\nfound\n%s", segment, old)
		}
		old = rest
		if code := get(t, live, "/"+name).Code; (code == http.StatusOK) == s.gap {
			t.Fatalf("%s (gap: %v): %d", name, s.gap, code)
		}
	}
	version := 3
	if gaps > 0 {
		version = 8
	}
	head := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-DISCONTINUITY-SEQUENCE:%d\n",
		version, want.target, want.sequence, want.breaks)
	if !strings.HasPrefix(answer.Body.String(), head) || old != "" && old != "#EXT-X-ENDLIST\n" {
		t.Fatalf("want\n%s\nfound\n%s\nleft %q", head, answer.Body, old)
	}
}

// oldTags is what stands before the first segment.
var oldTags = regexp.MustCompile(`^#EXTM3U\n(#EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE):\d+\n)*`)

// checkRetention: what slid out of the playlist is there for as long as the
// playlist lists (section 6.2.2), and everything that it names is there.
func checkRetention(t *testing.T, live *Live, l *listing) {
	t.Helper()
	late := fmt.Sprintf("/%d.%s.m4s", max(0, l.sequence-len(l.segments)), token)
	if s := live.now.Load().find(uint64(max(0, l.sequence-len(l.segments)))); s == nil || !s.gap && get(t, live, late).Code != http.StatusOK {
		t.Errorf("%s, which a late client asks for, is gone", late)
	}
	for _, s := range append(l.segments, l.open) {
		for _, p := range s.parts {
			if w := get(t, live, "/"+p.uri); (w.Code == http.StatusOK) == p.gap {
				t.Errorf("%s (gap: %v): %d", p.uri, p.gap, w.Code)
			}
		}
		if s.uri == "" {
			continue
		}
		if w := get(t, live, "/"+s.uri); (w.Code == http.StatusOK) == s.gap {
			t.Errorf("%s (gap: %v): %d", s.uri, s.gap, w.Code)
		}
	}
}

// Renditions of one line end segments at the same times and count the same
// discontinuities, also one that begins late.
func TestRenditionsAreAligned(t *testing.T) {
	line := NewLine(testEpoch, time.Second)
	make := func(name string, codec CodecConfig, frame int) *Live {
		live, err := NewLive(LiveConfig{Codec: codec, FrameSamples: frame, Line: line, Name: name, Window: 30})
		if err != nil {
			t.Fatal(err)
		}
		return live
	}
	flac, opus := make("flac", flacConfig(), 4096), make("opus", readable()[1], 960)
	var aac *Live
	write := func(live *Live, frame int, from, to time.Duration) {
		rate := int64(live.codec.Rate)
		pts := int64(from) * rate / int64(time.Second)
		for ; pts < int64(to)*rate/int64(time.Second); pts += int64(frame) {
			if err := live.WriteFrame(pts, uint32(frame), []byte("frame")); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, epoch := range []struct{ from, to time.Duration }{{0, 4500 * time.Millisecond}, {9 * time.Second, 12 * time.Second}, {12200 * time.Millisecond, 15 * time.Second}} {
		write(opus, 960, epoch.from, epoch.to)
		write(flac, 4096, epoch.from, epoch.to)
		if epoch.from > 0 {
			if aac == nil {
				aac = make("aac", readable()[2], 1024)
				write(aac, 1024, epoch.from+1300*time.Millisecond, epoch.to)
			} else {
				write(aac, 1024, epoch.from, epoch.to)
			}
		}
	}
	starts := func(live *Live) map[int][]time.Time {
		l := readListing(get(t, live, "/live.m3u8").Body.String())
		if l.broken != nil {
			t.Errorf("%s: %v", live.name, l.broken)
		}
		out, breaks := map[int][]time.Time{}, l.breaks
		for _, s := range l.segments {
			if s.breaks {
				breaks++
			}
			out[breaks] = append(out[breaks], s.date)
		}
		return out
	}
	want := starts(flac)
	for _, live := range []*Live{opus, aac} {
		got := starts(live)
		for breaks, dates := range got {
			for i, d := range dates {
				k := len(want[breaks]) - len(dates) + i
				if k < 0 {
					t.Fatalf("%s has more segments behind discontinuity %d: %v, %v", live.name, breaks, dates, want[breaks])
				}
				if off := d.Sub(want[breaks][k]).Abs(); off > 100*time.Millisecond && (live != aac || i != 0) {
					t.Errorf("%s: segment %d behind discontinuity %d is %v off", live.name, i, breaks, off)
				}
			}
		}
		if len(got) != 3 && live == opus || len(got) != 2 && live == aac {
			t.Errorf("%s has %d stretches", live.name, len(got))
		}
	}
	// Each tells how far the others are.
	write(opus, 960, 15*time.Second, 15400*time.Millisecond)
	l := readListing(get(t, opus, "/live.m3u8").Body.String())
	msn, part, _ := flac.now.Load().newest()
	if got := l.reports["../flac/live.m3u8"]; len(l.reports) != 2 || got != fmt.Sprintf("%d.%d", msn, part) {
		t.Errorf("reports %v; flac is at %d.%d", l.reports, msn, part)
	}
	_ = flac.Close()
	_ = opus.WriteFrame(int64(16*48000), 960, []byte("frame"))
	if l := readListing(get(t, opus, "/live.m3u8").Body.String()); len(l.reports) != 1 {
		t.Errorf("reports of a rendition that has ended: %v", l.reports)
	}
}

// The strict reader itself must see what is wrong.
func TestStrictReaderSeesFaults(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 200)
	good := get(t, live, "/live.m3u8").Body.String()
	if l := readListing(good); l.broken != nil {
		t.Fatal(l.broken)
	}
	for rule, edit := range map[string][2]string{
		"extm3u-first":         {"#EXTM3U\n", ""},
		"version":              {"VERSION:9", "VERSION:6"},
		"part-hold-back":       {"PART-HOLD-BACK=0.557280", "PART-HOLD-BACK=0.3"},
		"can-skip-until":       {"CAN-SKIP-UNTIL=12.0", "CAN-SKIP-UNTIL=11.0"},
		"can-block-reload":     {"CAN-BLOCK-RELOAD=YES,", ""},
		"targetduration":       {"#EXT-X-TARGETDURATION:2\n", ""},
		"extinf-within-target": {"#EXTINF:2.043356", "#EXTINF:2.7"},
		"part-within-target":   {"#EXT-X-PART:DURATION=0.185759", "#EXT-X-PART:DURATION=0.2"},
		"part-85-percent":      {"#EXT-X-PART:DURATION=0.185759", "#EXT-X-PART:DURATION=0.1"},
		"parts-sum":            {"#EXT-X-PART:DURATION=0.185759", "#EXT-X-PART:DURATION=0.18"},
		"map-before-segments":  {"#EXT-X-MAP:URI=\"init." + token + ".mp4\"\n", ""},
		"attribute-list":       {"PART-TARGET=0.185760", "PART-TARGET=0.185760,"},
		"known-tag":            {"#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-INDEPENDENT"},
		"uri-once":             {"0." + token + ".m4s", "1." + token + ".m4s"},
		"preload-hint":         {"#EXT-X-PRELOAD-HINT", "#EXT-X-ENDLIST\n#EXT-X-PRELOAD-HINT"},
		"program-date-time":    {"#EXT-X-PROGRAM-DATE-TIME:2", "#EXT-X-PROGRAM-DATE-TIME:A"},
		"tag-once":             {"#EXT-X-MEDIA-SEQUENCE", "#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-MEDIA-SEQUENCE"},
		"hint-last":            {"#EXT-X-PRELOAD-HINT", "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"a\"\n#EXT-X-GAP\n#EXT-X-PRELOAD-HINT"},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Errorf("%s: nothing was edited", rule)
		}
		if got := strings.Join(readListing(bad).broken, "\n"); !strings.Contains(got, rule+":") {
			t.Errorf("%s was not seen: %s", rule, got)
		}
	}
}
