//go:build e2e

package main

import (
	"crypto/tls"
	"crypto/x509"
	le "encoding/binary"
	"io"
	"math"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// decoded returns the checksum of what ffmpeg decodes of an input.
func decoded(t *testing.T, input string, options ...string) string {
	t.Helper()
	args := append([]string{"-v", "error", "-i", input}, options...)
	out, err := exec.Command("ffmpeg", append(args, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg (Debian's package ffmpeg): %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// samples decodes an input to 48 kHz, both channels, from its time 0 on.
func samples(t *testing.T, input string) []int16 {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-copyts", "-i", input, "-af", "atrim=start_pts=0,aresample=48000", "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg (Debian's package ffmpeg): %v", err)
	}
	pcm := make([]int16, len(out)/2)
	for i := range pcm {
		pcm[i] = int16(le.LittleEndian.Uint16(out[2*i:]))
	}
	return pcm
}

// signalToNoise is in dB.
func signalToNoise(want, got []int16) float64 {
	signal, noise := 1.0, 1.0
	for i, w := range want {
		signal += float64(w) * float64(w)
		noise += (float64(w) - float64(got[i])) * (float64(w) - float64(got[i]))
	}
	if signal < float64(len(want))*100 {
		return 99 // silence
	}
	return 10 * math.Log10(signal/noise)
}

// A track's playlist holds the very samples of its file, and the zone's live
// playlist is one that ffmpeg can follow.
func TestFFmpegHearsTheStreams(t *testing.T) {
	g := demo(t, t.TempDir())
	g.await("first sound", `first sound after`, 30*time.Second, nil)
	var tracks struct{ Items []struct{ ID string } }
	g.call("GET", "/tracks?limit=1", nil, &tracks)
	var track struct{ HLS, Packed, Original string }
	g.call("GET", "/tracks/"+tracks.Items[0].ID+"/stream", nil, &track)
	if original, vod := decoded(t, g.url+track.Original), decoded(t, g.url+track.HLS); original != vod {
		t.Errorf("the playlist decodes to %s, the file to %s", vod, original)
	}
	vodFolder := g.url + strings.TrimSuffix(track.HLS, "index.m3u8")
	if n := strings.Count(string(get(t, http.DefaultClient, vodFolder+"master.m3u8", 1)), "#EXT-X-STREAM-INF"); n < 5 {
		t.Errorf("%d renditions of a track", n)
	}
	original := samples(t, g.url+track.Original)
	for name, least := range map[string]float64{"opus64": 8, "opus128": 12, "opus256": 20, "aac192": 12} {
		got := samples(t, vodFolder+name+"/index.m3u8")
		// The end of what is encoded in whole packets is silence.
		if extra := len(got) - len(original); extra < 0 || extra > 2*960 {
			t.Errorf("%s: %d samples, the file has %d", name, len(got)/2, len(original)/2)
		}
		for at := 0; at+48000 < len(original); at += 48000 {
			if snr := signalToNoise(original[at:at+48000], got[at:at+48000]); snr < least {
				t.Errorf("%s: %.1f dB of signal to noise at %.1f s", name, snr, float64(at)/96000)
			}
		}
	}

	// Packed, also the encoder's delay and what fills its last frame are heard.
	if extra := len(samples(t, g.url+track.Packed)) - len(original); extra < 0 || extra > 2*3*1200 {
		t.Errorf("packed, the track is %d samples longer", extra/2)
	}

	var live struct{ HLS, Packed, WHEP string }
	g.call("GET", "/zones/"+g.zone().ID+"/stream", nil, &live)
	master, folder := string(get(t, http.DefaultClient, g.url+live.HLS, 1)), g.url+strings.TrimSuffix(live.HLS, "master.m3u8")
	if n := strings.Count(master, "#EXT-X-STREAM-INF"); n < 5 {
		t.Fatalf("%d renditions:\n%s", n, master)
	}
	var dates []time.Time
	for _, variant := range regexp.MustCompile(`BANDWIDTH=(\d+).*CODECS="([\w.]+)".*\n(\S+)`).FindAllStringSubmatch(master, -1) {
		t.Run(variant[3], func(t *testing.T) {
			checkMusic(t, folder+variant[3])
			checkRendition(t, folder+variant[3], variant[1], &dates)
		})
	}
	t.Run("packed", func(t *testing.T) { checkMusic(t, g.url+live.Packed) })
}

// checkMusic has ffmpeg follow a live playlist for 4 s.
func checkMusic(t *testing.T, url string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "quiet", "-i", url, "-t", "4",
		"-af", "astats=metadata=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("follow the live playlist: %v\n%s", err, out)
	}
	loud := regexp.MustCompile(`RMS_level=-(\d+)`).FindAllStringSubmatch(string(out), -1)
	if len(loud) == 0 || len(loud[len(loud)-1][1]) > 2 || loud[len(loud)-1][1] > "60" {
		t.Errorf("the live playlist is not music: %.300s", out)
	}
}

// checkRendition demands that segments keep to the bandwidth that was
// announced, and that renditions cut at the same times.
func checkRendition(t *testing.T, url, bandwidth string, dates *[]time.Time) {
	t.Helper()
	list := string(get(t, http.DefaultClient, url, 1))
	if !strings.Contains(list, "#EXT-X-DATERANGE:ID=\"play-") || !strings.Contains(list, "X-TITLE=") {
		t.Errorf("what plays is not told:\n%s", list)
	}
	peak, _ := strconv.ParseFloat(bandwidth, 64)
	most, starts := 0.0, []time.Time(nil)
	for _, s := range regexp.MustCompile(`DATE-TIME:(\S+)\n(?:#EXT-X-PART:.*\n)*#EXTINF:([\d.]+),\n(\S+)`).FindAllStringSubmatch(list, -1) {
		seconds, _ := strconv.ParseFloat(s[2], 64)
		body := get(t, http.DefaultClient, url[:strings.LastIndex(url, "/")+1]+s[3], 1)
		if seconds >= 0.5 { // RFC 8216bis, 4.4.6.2: not over less than half the target duration
			most = max(most, float64(len(body))*8/seconds)
		}
		date, err := time.Parse(time.RFC3339Nano, s[1])
		if err != nil {
			t.Fatal(err)
		}
		starts = append(starts, date)
	}
	if len(starts) == 0 {
		t.Fatalf("no segments:\n%s", list)
	}
	for _, d := range starts[1:] { // the first may have begun in the middle
		if n := len(*dates); n == 0 || d.After((*dates)[n-1]) {
			break
		}
		if !slices.ContainsFunc(*dates, func(o time.Time) bool { return d.Sub(o).Abs() < 100*time.Millisecond }) {
			t.Errorf("a segment begins at %s, those of another rendition at %s", d, *dates)
		}
	}
	*dates = starts
	if most > peak {
		t.Errorf("segments take %.0f bits a second, announced are %s", most, bandwidth)
	}
}

// The same page by HTTP/1.1, 2 and 3 on one port, with the local CA.
func TestEveryHTTP(t *testing.T) {
	g := demo(t, t.TempDir())
	ca := string(get(t, http.DefaultClient, g.url+"/ca.crt", 1))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca)) {
		t.Fatalf("no certificate at /ca.crt: %.60q", ca)
	}
	secure := strings.Replace(g.url, "http:", "https:", 1)
	trust := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
	h2 := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true}
	defer h2.CloseIdleConnections()
	h3 := &http3.Transport{TLSClientConfig: trust.Clone()}
	defer h3.Close()
	for version, transport := range map[int]http.RoundTripper{2: h2, 3: h3} {
		body := get(t, &http.Client{Transport: transport, Timeout: 10 * time.Second}, secure+"/api/v1/server", version)
		if !strings.Contains(string(body), `"claimed":false`) {
			t.Errorf("HTTP/%d: %s", version, body)
		}
	}
}

func get(t *testing.T, client *http.Client, url string, version int) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatalf("HTTP/%d: %v", version, err)
	}
	defer answer.Body.Close()
	if answer.ProtoMajor != version {
		t.Errorf("asked by HTTP/%d, answered by %s", version, answer.Proto)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, answer.Status, err)
	}
	return body
}
