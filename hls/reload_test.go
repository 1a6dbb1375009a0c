package hls

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// asking makes a request in a goroutine; the answer says what came of it.
func asking(t *testing.T, live *Live, path string) <-chan *httptest.ResponseRecorder {
	t.Helper()
	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() { answer <- get(t, live, path) }()
	synctest.Wait()
	return answer
}

func held(t *testing.T, answer <-chan *httptest.ResponseRecorder, what string) {
	t.Helper()
	synctest.Wait()
	select {
	case w := <-answer:
		t.Fatalf("%s: answered too early: %d\n%s", what, w.Code, w.Body)
	default:
	}
}

// Segments of the stream are 22 frames, 11 parts of two.
func TestBlockingReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		at := feed(t, live, 0, 24)
		answer := asking(t, live, "/live.m3u8?_HLS_msn=1&_HLS_part=1")
		held(t, answer, "a part that is not there")
		at = feed(t, live, at, 2)
		if w := <-answer; w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `URI="1.1.`+token) {
			t.Errorf("got %d:\n%s", w.Code, w.Body)
		}
		answer = asking(t, live, "/live.m3u8?_HLS_msn=1")
		at = feed(t, live, at, 16)
		held(t, answer, "msn without part, before the segment is whole")
		beyond := asking(t, live, "/live.m3u8?_HLS_msn=1&_HLS_part=11")
		at = feed(t, live, at, 2)
		if w := <-answer; !strings.Contains(w.Body.String(), "\n1."+token) {
			t.Errorf("segment is not listed:\n%s", w.Body)
		}
		held(t, beyond, "a part behind a segment's last one, which is the next one's first")
		hinted := asking(t, live, "/2.0."+token+".m4s")
		held(t, hinted, "the hinted part")
		at = feed(t, live, at, 2)
		if w := <-beyond; !strings.Contains(w.Body.String(), `URI="2.0.`) {
			t.Errorf("the first part of the next segment is not listed:\n%s", w.Body)
		}
		if w := <-hinted; w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "mdat") {
			t.Errorf("hinted part: %d", w.Code)
		}
		// A hinted part that never comes, since the segment ends before it.
		hinted = asking(t, live, "/2.1."+token+".m4s")
		feed(t, live, at+44100, 1)
		if w := <-hinted; w.Code != http.StatusNotFound {
			t.Errorf("a part that never came: %d", w.Code)
		}
	})
}

// Players that know no parts give up on a playlist without a segment; whoever asks for
// parts is given the first.
func TestPlaylistWaitsForASegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		plain := asking(t, live, "/live.m3u8")
		parts := asking(t, live, "/live.m3u8?_HLS_msn=0&_HLS_part=0")
		at := feed(t, live, 0, 2)
		if w := <-parts; w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `URI="0.0.`+token) {
			t.Errorf("the first part: %d\n%s", w.Code, w.Body)
		}
		feed(t, live, at, 19)
		held(t, plain, "a playlist without a segment")
		feed(t, live, at+19*4096, 1)
		if w := <-plain; w.Code != http.StatusOK || strings.Count(w.Body.String(), "#EXTINF") != 1 {
			t.Errorf("got %d:\n%s", w.Code, w.Body)
		}
	})
}

func TestBlockedRequestsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		feed(t, live, 0, 24)
		start := time.Now()
		w := get(t, live, "/live.m3u8?_HLS_msn=1")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("got %d, %v", w.Code, w.Header())
		}
		if took := time.Since(start); took != 6*time.Second {
			t.Errorf("gave up after %v, want three target durations", took)
		}
		for _, path := range []string{"/1.1." + token + ".m4s", "/live.m3u8?_HLS_msn=1&_HLS_part=2"} {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				live.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
			}()
			synctest.Wait()
			start = time.Now()
			cancel()
			<-done
			if took := time.Since(start); took != 0 {
				t.Errorf("%s outlived its client by %v", path, took)
			}
		}
		last := asking(t, live, "/live.m3u8?_HLS_msn=1")
		if err := live.Close(); err != nil {
			t.Fatal(err)
		}
		if body := (<-last).Body.String(); !strings.HasSuffix(body, "#EXT-X-ENDLIST\n") || strings.Contains(body, "HINT") {
			t.Errorf("closed playlist has no end:\n%s", body)
		}
		if err := live.WriteFrame(0, 1, []byte("x")); err == nil {
			t.Error("a closed stream took a frame")
		}
	})
}

func TestRefusals(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 24)
	for path, code := range map[string]int{
		"/":                                            404,
		"/nothing.m3u8":                                404,
		"/99." + token + ".m4s":                        404,
		"/0.99." + token + ".m4s":                      404,
		"/-1." + token + ".m4s":                        404,
		"/0.x." + token + ".m4s":                       404,
		"/00." + token + ".m4s":                        404,
		"/0.m4s":                                       404,
		"/0.otherstream.m4s":                           404,
		"/init.mp4":                                    404,
		"/1." + token + ".m4s":                         404, // not whole yet
		"/x/live.m3u8":                                 404,
		"/../live.m3u8":                                404,
		"/live.m3u8/":                                  404,
		"/live.m3u8%2f":                                404,
		"/live.m3u8?_HLS_part=1":                       400,
		"/live.m3u8?_HLS_msn=x":                        400,
		"/live.m3u8?_HLS_msn=-1":                       400,
		"/live.m3u8?_HLS_msn=":                         400,
		"/live.m3u8?_HLS_msn=3":                        400, // 0 is whole: two ahead is the most
		"/live.m3u8?_HLS_msn=99999999999999999999":     400,
		"/live.m3u8?_HLS_msn=0&_HLS_part=-1":           400,
		"/live.m3u8?_HLS_msn=1&_HLS_part=65536":        400,
		"/live.m3u8?_HLS_msn=1&_HLS_part=30":           400,
		"/live.m3u8?_HLS_msn=2&_HLS_part=18":           400,
		"/live.m3u8?_HLS_msn=0&_HLS_part=0":            200,
		"/live.m3u8?other=1&_HLS_msn=0&_HLS_skip=what": 200,
		"/0." + token + ".m4s":                         200,
		"/0.0." + token + ".m4s":                       200,
		"/init." + token + ".mp4":                      200,
		"/master.m3u8":                                 200,
	} {
		w := get(t, live, path)
		if w.Code != code {
			t.Errorf("%s: got %d, want %d", path, w.Code, code)
		}
		if w.Body.Len() == 0 {
			t.Errorf("%s: %d without a word", path, w.Code)
		}
		if cache := w.Header().Get("Cache-Control"); (code != 200) != (cache == "no-store") {
			t.Errorf("%s: %d with Cache-Control %q", path, w.Code, cache)
		}
	}
}

// A stream may be mounted without StripPrefix, and its playlists still name
// what is there.
func TestMounting(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 24)
	mux := http.NewServeMux()
	mux.Handle("/live/", live)
	mux.Handle("GET example.com/other/", live)
	mux.Handle("/stripped/", http.StripPrefix("/stripped", live))
	mux.Handle("/wild/{id}/{file...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := r.Clone(r.Context())
		inner.URL.Path = "/" + r.PathValue("file")
		live.ServeHTTP(w, inner)
	}))
	for path, code := range map[string]int{
		"/live/live.m3u8": 200, "/live/0." + token + ".m4s": 200, "/live/x/live.m3u8": 404,
		"/other/live.m3u8": 200, "/stripped/live.m3u8": 200, "/stripped/live/live.m3u8": 404, "/wild/1/live.m3u8": 200,
	} {
		if w := get(t, mux, path); w.Code != code {
			t.Errorf("%s: %d, want %d", path, w.Code, code)
		}
	}
}

func TestHTTP(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 24)
	do := func(method, path string, header ...string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		live.ServeHTTP(w, r)
		return w
	}
	part, segment := "/0.0."+token+".m4s", "/0."+token+".m4s"
	for _, path := range []string{part, segment, "/live.m3u8", "/init." + token + ".mp4"} {
		whole := do("GET", path)
		tag := whole.Header().Get("ETag")
		if tag == "" || whole.Header().Get("Access-Control-Allow-Origin") != "*" || whole.Header().Get("Content-Length") != fmt.Sprint(whole.Body.Len()) {
			t.Errorf("%s: %v", path, whole.Header())
		}
		if w := do("HEAD", path); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != whole.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v", path, w.Code, w.Header())
		}
		if w := do("GET", path, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s with its ETag: %d", path, w.Code)
		}
		w := do("GET", path, "Range", "bytes=5-9")
		if w.Code != http.StatusPartialContent || w.Body.String() != whole.Body.String()[5:10] {
			t.Errorf("%s bytes 5 to 9: %d %q", path, w.Code, w.Body)
		}
		if w := do("GET", path, "Range", "bytes=9999999-"); w.Code != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%s from behind its end: %d", path, w.Code)
		}
		if w := do("GET", path, "Range", "bytes=5-9", "If-Range", `"other"`); w.Code != http.StatusOK {
			t.Errorf("%s if it were another: %d", path, w.Code)
		}
		if w := do("OPTIONS", path, "Origin", "https://example.org", "Access-Control-Request-Method", "GET"); w.Code != http.StatusNoContent ||
			!strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Range") {
			t.Errorf("OPTIONS %s: %d %v", path, w.Code, w.Header())
		}
		if w := do("POST", path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("POST %s: %d %v", path, w.Code, w.Header())
		}
	}
	if got := do("GET", part).Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a part may be kept: %q", got)
	}
	if got := do("GET", "/live.m3u8?_HLS_msn=0").Header().Get("Cache-Control"); got != "public, max-age=12" {
		t.Errorf("an answer to a blocking request may be kept six targets: %q", got)
	}
}

func TestPlaylistsAreCompressed(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "*": true, "*;q=0, gzip": true, "*, gzip;q=0": false, "gzip;q=0": false, "gzip;q=0.000": false, "br": false, "": false, "xgzip": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	live := newLive(t)
	feed(t, live, 0, 200)
	server := httptest.NewServer(live)
	defer server.Close()
	// net/http's client asks for gzip, and takes it off again.
	response, err := http.Get(server.URL + "/live.m3u8")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if !response.Uncompressed || response.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("not compressed: %v", response.Header)
	}
	plain, packed := get(t, live, "/live.m3u8").Body.Len(), len(live.now.Load().full.compressed())
	if packed*3 > plain {
		t.Errorf("%d bytes of %d", packed, plain)
	}
	server.CloseClientConnections()
	http.DefaultClient.CloseIdleConnections()
}
