//go:build e2e

package main

import (
	"bytes"
	bin "encoding/binary" // binary is the program under test
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ffmpeg makes a file, or fails the test.
func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg (Debian's package ffmpeg): %v\n%s", err, out)
	}
}

// tone makes a tagged file of a tone; options choose the codec.
func tone(t *testing.T, file string, hertz int, tags map[string]string, options ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{"-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=%d:duration=12", hertz), "-ac", "2"}
	for key, value := range tags {
		args = append(args, "-metadata", key+"="+value)
	}
	ffmpeg(t, append(append(args, options...), file)...)
}

// id3 is an ID3v2.3 tag whose text claims to be Latin-1.
func id3(frames ...string) []byte {
	var body []byte
	for i := 0; i < len(frames); i += 2 {
		body = append(body, frames[i]...)
		body = bin.BigEndian.AppendUint32(body, uint32(len(frames[i+1])+1))
		body = append(append(body, 0, 0, 0), frames[i+1]...)
	}
	n := len(body)
	return append([]byte{'I', 'D', '3', 3, 0, 0, byte(n >> 21 & 127), byte(n >> 14 & 127), byte(n >> 7 & 127), byte(n & 127)}, body...)
}

// household is a music folder as people have it.
func household(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	tone(t, at("kr/01.flac"), 300, map[string]string{
		"title": "봄날", "artist": "방탄소년단", "album": "You Never Walk Alone", "track": "3/12", "disc": "1/2", "date": "2017",
		"REPLAYGAIN_TRACK_GAIN": "-6.00 dB", "REPLAYGAIN_TRACK_PEAK": "0.5",
	})
	tone(t, at("kr/02.mp3"), 320, map[string]string{"title": "신라의 달밤", "artist": "현인"}, "-c:a", "libmp3lame")
	tone(t, at("jp/01.opus"), 340, map[string]string{"title": "夜に駆ける", "artist": "YOASOBI"}, "-c:a", "libopus")
	tone(t, at("jp/02.m4a"), 360, map[string]string{"title": "Lemon", "artist": "米津玄師"}, "-c:a", "aac")
	tone(t, at("eu/01.ogg"), 380, map[string]string{"title": "Café Déjà Vu", "artist": "Beyoncé"}, "-c:a", "libvorbis")
	tone(t, at("eu/02.m4a"), 400, map[string]string{"title": "Ágætis byrjun", "artist": "Sigur Rós"}, "-c:a", "alac")
	tone(t, at("eu/03.wav"), 420, map[string]string{"title": "One", "artist": "U2"})
	tone(t, at("hd/01.flac"), 500, map[string]string{"title": "High", "artist": "HD"}, "-ar", "96000", "-sample_fmt", "s32")
	tone(t, at("bare/07 - Nameless.mp3"), 440, nil, "-c:a", "libmp3lame", "-id3v2_version", "0", "-write_xing", "0")
	ffmpeg(t, "-f", "lavfi", "-i", "color=c=red:s=300x300", "-frames:v", "1", at("kr/folder.png"))

	bare, flac := contents(t, at("bare/07 - Nameless.mp3")), contents(t, at("kr/01.flac"))
	// 김광석 and 사랑했지만 as old Korean programs wrote them.
	put(t, at("old/cp949.mp3"), append(id3("TIT2", "\xbb\xe7\xb6\xfb\xc7\xdf\xc1\xf6\xb8\xb8", "TPE1", "\xb1\xe8\xb1\xa4\xbc\xae"), bare...))
	put(t, at("bad/empty.flac"), nil)
	put(t, at("bad/lying.mp3"), flac)
	put(t, at("bad/text.flac"), []byte(strings.Repeat("this is no music\n", 200)))
	put(t, at("bad/noise.mp3"), noise(50_000))
	put(t, at("bad/broken.flac"), append(slices.Clone(flac[:len(flac)-len(flac)/10*9]), noise(20_000)...))
	return dir
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func put(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

// serve runs the binary on a music folder, with the player's options.
func serve(t *testing.T, music, data, player string) *running {
	t.Helper()
	return start(t, "serve", "--music", music, "--data", data, "--listen", "127.0.0.1:0", "--player", player, "--no-discovery", "--no-autoplay")
}

type track struct {
	ID, Title, Artist, Album, Waiting string
	Disc, Number, DurationMs          int
	Cover                             *string
}

func (r *running) tracks() map[string]track {
	r.t.Helper()
	var page struct{ Items []track }
	r.call("GET", "/tracks?limit=500", nil, &page)
	all := map[string]track{}
	for _, t := range page.Items {
		all[t.Title] = t
	}
	return all
}

// scanned waits until the present scan has ended.
func (r *running) scanned() {
	r.t.Helper()
	eventually(r.t, "the scan's end", 20*time.Second, func() bool {
		var scan struct {
			Running  bool
			Finished string
		}
		r.call("GET", "/scan", nil, &scan)
		return !scan.Running && scan.Finished != ""
	})
}

// rescan asks for a scan and waits for what it should bring.
func (r *running) rescan(what string, holds func(map[string]track) bool) {
	r.t.Helper()
	r.call("POST", "/scan", nil, nil)
	eventually(r.t, what, 20*time.Second, func() bool { return holds(r.tracks()) })
}

func (r *running) play(ids ...string) {
	r.t.Helper()
	r.call("POST", "/zones/"+r.zone().ID+"/queue", map[string]any{"tracks": ids, "at": "now", "clear": true}, nil)
}

func TestMusicOfAHousehold(t *testing.T) {
	t.Parallel()
	g := serve(t, household(t), t.TempDir(), filepath.Join(t.TempDir(), "heard.wav"))
	g.scanned()
	all := g.tracks()
	if s := all["봄날"]; s.Number != 3 || s.Disc != 1 || s.Cover == nil && all["신라의 달밤"].Cover == nil {
		t.Errorf("봄날: %+v", s)
	}
	if old := all["사랑했지만"]; old.Artist != "김광석" {
		t.Errorf("the tags of an old Korean program: %+v", all)
	}
	if n := all["Nameless"].Number; n != 7 {
		t.Errorf("a file without tags has number %d", n)
	}
	var report struct {
		Items []struct{ Path, Reason string }
	}
	g.call("GET", "/scan/report", nil, &report)
	reported := map[string]string{}
	for _, p := range report.Items {
		reported[filepath.Base(p.Path)] = p.Reason
	}
	for _, bad := range []string{"empty.flac", "text.flac", "noise.mp3"} {
		if reported[bad] == "" {
			t.Errorf("%s is not in the scan report: %v", bad, reported)
		}
	}
	for query, title := range map[string]string{
		"봄": "봄날", "봄날": "봄날", "ㅂㄴ": "봄날", "ㅅㄹ": "신라의 달밤", "夜に": "夜に駆ける", "U2": "One",
		"cafe deja": "Café Déjà Vu", "sigur": "Ágætis byrjun", "l": "Lemon",
	} {
		var found struct{ Tracks []track }
		g.call("GET", "/search?q="+url.QueryEscape(query), nil, &found)
		if !slices.ContainsFunc(found.Tracks, func(t track) bool { return t.Title == title }) {
			t.Errorf("%q does not find %s: %v", query, title, found.Tracks)
		}
	}
	// Each plays, one after another, at rates of 44.1, 48 and 96 kHz into one
	// WAV file; the broken one is gone past and the flow takes over.
	for _, s := range all {
		g.play(s.ID)
		eventually(t, s.Title, 15*time.Second, func() bool {
			z := g.zone()
			return z.State == "playing" && z.Track != nil && z.OffsetMs > 300 && (z.Track.ID == s.ID || z.Problem != "")
		})
	}
	if strings.Contains(g.output(), "does not play") {
		t.Errorf("the player gave up:\n%s", g.output())
	}
}

// Two halves of one recording join without a sample too many or too few, with
// the gain that the tags ask for.
func TestGaplessThroughTheWholeProgram(t *testing.T) {
	for name, gain := range map[string]float64{"as it is": 0, "ReplayGain": -6} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			whole, music, heard := filepath.Join(dir, "whole.wav"), filepath.Join(dir, "music"), filepath.Join(dir, "heard.wav")
			ffmpeg(t, "-f", "lavfi", "-i", "anoisesrc=c=pink:d=8:r=44100:a=0.3:seed=7", "-ac", "2", "-c:a", "pcm_s16le", whole)
			const cut = 161803 // frames
			tags := []string{"-metadata", "artist=Halves"}
			if gain != 0 {
				tags = append(tags, "-metadata", fmt.Sprintf("REPLAYGAIN_TRACK_GAIN=%.2f dB", gain), "-metadata", "REPLAYGAIN_TRACK_PEAK=0.5")
			}
			if err := os.Mkdir(music, 0o755); err != nil {
				t.Fatal(err)
			}
			for title, trim := range map[string]string{
				"first": fmt.Sprintf("atrim=end_sample=%d", cut), "second": fmt.Sprintf("atrim=start_sample=%d,asetpts=PTS-STARTPTS", cut),
			} {
				args := append([]string{"-i", whole, "-af", trim, "-metadata", "title=" + title}, tags...)
				ffmpeg(t, append(args, filepath.Join(music, title+".flac"))...)
			}
			g := serve(t, music, t.TempDir(), heard)
			var devices struct{ Items []struct{ ID string } }
			eventually(t, "the player and two tracks", 10*time.Second, func() bool {
				g.call("GET", "/devices", nil, &devices)
				return len(devices.Items) == 1 && len(g.tracks()) == 2 && len(g.zone().Members) == 1
			})
			g.call("PATCH", "/devices/"+devices.Items[0].ID, map[string]any{"volume": 100}, nil)
			all := g.tracks()
			g.play(all["first"].ID, all["second"].ID)
			eventually(t, "the second half", 20*time.Second, func() bool {
				z := g.zone()
				return z.Track != nil && z.Track.Title == "second" && z.OffsetMs > 3000
			})
			g.end(syscall.SIGTERM)
			compareJoin(t, contents(t, whole)[44:], contents(t, heard)[44:], cut, math.Pow(10, gain/20))
		})
	}
}

// compareJoin finds what stands before the cut in what was heard, and compares
// what is around it.
func compareJoin(t *testing.T, whole, heard []byte, cut int, factor float64) {
	t.Helper()
	sample := func(b []byte, frame int) float64 { return float64(int16(bin.LittleEndian.Uint16(b[frame*4:]))) }
	near := func(at, frame int) bool { return math.Abs(sample(heard, at)-sample(whole, frame)*factor) <= 0.51 }
	// Where the machine is busy the player shifts a frame now and then to stay in
	// step: that is as unlikely to fall in here as this is short. A join with a
	// sample too many or too few shows at once.
	const around = 441
	for at := range len(heard)/4 - 2*around {
		n := 0
		for n < 64 && near(at+n, cut-around+n) {
			n++
		}
		if n < 64 {
			continue
		}
		for i := range 2 * around {
			if !near(at+i, cut-around+i) {
				t.Fatalf("frame %d from the join: heard %v, recorded %v times %.3f", i-around, sample(heard, at+i), sample(whole, cut-around+i), factor)
			}
		}
		return
	}
	t.Fatal("the end of the first half was not heard")
}

func TestMusicFolderChangesWhilePlaying(t *testing.T) {
	music := filepath.Join(t.TempDir(), "music")
	for i := range 3 {
		tone(t, filepath.Join(music, "a", fmt.Sprint(i, ".flac")), 300+40*i, map[string]string{"title": fmt.Sprint("T", i)})
	}
	g := serve(t, music, t.TempDir(), "meter")
	g.scanned()
	before := g.tracks()
	g.play(before["T0"].ID)
	playing := func() bool {
		z := g.zone()
		return z.State == "playing" && z.OffsetMs > 200
	}
	eventually(t, "music", 10*time.Second, playing)

	tone(t, filepath.Join(music, "b", "3.flac"), 500, map[string]string{"title": "T3"})
	g.rescan("the new file", func(all map[string]track) bool { return len(all) == 4 })
	if err := os.Rename(filepath.Join(music, "a", "1.flac"), filepath.Join(music, "renamed.flac")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(music, "a", "2.flac")); err != nil {
		t.Fatal(err)
	}
	g.rescan("the file that was removed to be gone", func(all map[string]track) bool { return all["T2"].ID == "" })
	if now := g.tracks()["T1"].ID; now != before["T1"].ID {
		t.Errorf("a renamed file became another track: %s, was %s", now, before["T1"].ID)
	}

	// The disk goes, and comes back.
	if err := os.Rename(music, music+".away"); err != nil {
		t.Fatal(err)
	}
	g.call("POST", "/scan", nil, nil)
	g.call("POST", "/zones/"+g.zone().ID+"/next", nil, nil)
	eventually(t, "a word on the folder", 20*time.Second, func() bool {
		return strings.Contains(g.zone().Problem, "music folder cannot be reached")
	})
	if n := len(g.tracks()); n != 3 {
		t.Errorf("%d tracks are left of 3, while their disk is away", n)
	}
	if err := os.Rename(music+".away", music); err != nil {
		t.Fatal(err)
	}
	g.call("POST", "/zones/"+g.zone().ID+"/play", nil, nil)
	eventually(t, "music again", 30*time.Second, playing)
}

// tryCall is a call to a gateway that may be gone before it answers.
func (r *running) tryCall(method, path string, body, result any) bool {
	r.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
	if result == nil {
		return true
	}
	return json.NewDecoder(answer.Body).Decode(result) == nil
}

// entries are those of a zone's whole queue.
func (r *running) entries(zone string) map[string]bool {
	r.t.Helper()
	all := map[string]bool{}
	for offset := 0; ; offset += 500 {
		var page struct {
			Length int
			Items  []struct{ ID string }
		}
		r.call("GET", fmt.Sprintf("/zones/%s/queue?offset=%d&limit=500", zone, offset), nil, &page)
		for _, e := range page.Items {
			all[e.ID] = true
		}
		if offset+500 >= page.Length {
			return all
		}
	}
}

// Killed at random moments in the middle of edits, fifty times: what was
// acknowledged is there after the next start.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	music, data := filepath.Join(t.TempDir(), "music"), t.TempDir()
	for i := range 3 {
		tone(t, filepath.Join(music, fmt.Sprint(i, ".flac")), 300+40*i, map[string]string{"title": fmt.Sprint("T", i)})
	}
	random := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano())))
	entries, lists := map[string]bool{}, map[string]bool{}
	rating := map[int]bool{0: true} // what it may be: an answer may have been lost
	for round := range 50 {
		g := serve(t, music, data, "off")
		if round == 0 {
			g.scanned()
		}
		all, zone := g.tracks(), g.zone().ID
		var rated struct{ Rating int }
		g.call("GET", "/tracks/"+all["T1"].ID, nil, &rated)
		if !rating[rated.Rating] {
			t.Fatalf("round %d: the rating is %d, it was set to one of %v", round, rated.Rating, rating)
		}
		kept := g.entries(zone)
		for id := range entries {
			if !kept[id] {
				t.Fatalf("round %d: entry %s was acknowledged and is lost", round, id)
			}
		}
		for id := range lists {
			g.call("GET", "/playlists/"+id, nil, nil)
		}
		killed := make(chan struct{})
		time.AfterFunc(time.Duration(random.IntN(80))*time.Millisecond, func() {
			defer close(killed)
			_ = g.cmd.Process.Kill()
		})
		for i := 0; ; i++ {
			var added struct{ Entries []string }
			if !g.tryCall("POST", "/zones/"+zone+"/queue", map[string]any{"tracks": []string{all["T0"].ID}, "at": "end"}, &added) {
				break
			}
			for _, id := range added.Entries {
				entries[id] = true
			}
			value := (round+i)%3 - 1
			rating[value] = true
			if !g.tryCall("PUT", "/tracks/"+all["T1"].ID+"/rating", map[string]any{"value": value}, nil) {
				break
			}
			rating = map[int]bool{value: true}
			var list struct{ ID string }
			if !g.tryCall("POST", "/playlists", map[string]any{"name": fmt.Sprint(round, "-", i), "tracks": []string{all["T2"].ID}}, &list) {
				break
			}
			lists[list.ID] = true
		}
		<-killed
		<-g.done
	}
	t.Logf("%d queue entries and %d playlists were acknowledged, and kept", len(entries), len(lists))
}

// A new gateway plays as soon as it has found music; one that somebody stopped
// stays as it was left.
func TestNewGatewayPlaysByItself(t *testing.T) {
	music, data := tones(t), t.TempDir()
	args := []string{"serve", "--music", music, "--data", data, "--listen", "127.0.0.1:0", "--player", "meter", "--no-discovery"}
	g := start(t, args...)
	g.await("first sound", `first sound after`, 30*time.Second, nil)
	g.call("POST", "/zones/"+g.zone().ID+"/stop", nil, nil)
	g.end(syscall.SIGTERM)
	g = start(t, args...)
	eventually(t, "the built-in player", 10*time.Second, func() bool { return len(g.zone().Members) == 1 })
	if z := g.zone(); z.State == "playing" {
		t.Errorf("it plays again though it was stopped: %+v", z)
	}
}
