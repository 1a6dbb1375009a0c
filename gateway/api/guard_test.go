package api

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

func TestHosts(t *testing.T) {
	h := newHosts([]string{"Den.local", "music.example.org."})
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST": true, "127.0.0.1:80": true, "192.168.1.7": true,
		"[::1]:8080": true, "[fe80::1%25eth0]": true, "[fd00::7]": true, "den.local:9000": true, "den.local.": true, "MUSIC.example.org": true,
		"": false, "evil.example": false, "localhost.evil.example": false, "den.local.evil.example": false,
		"xden.local": false, "192.168.1.7.nip.io": false, "127.0.0.1.": false, "0x7f000001": false, "example.org": false,
		"den.local:80@evil.example": false, "[evil.example]": false,
	} {
		if got := h.allows(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	for _, c := range []struct {
		host, origin, site string
		want               bool
	}{
		{"192.168.1.7:8080", "", "", true}, // a program
		{"192.168.1.7:8080", "http://192.168.1.7:8080", "same-origin", true},
		{"den.local", "https://DEN.local", "", true},
		{"192.168.1.7:8080", "http://192.168.1.7", "", false},
		{"192.168.1.7:8080", "http://192.168.1.7:9090", "same-site", false},
		{"192.168.1.7:8080", "null", "", false},
		{"192.168.1.7:8080", "http://evil.example", "cross-site", false},
		{"192.168.1.7:8080", "file://192.168.1.7:8080", "", false},
		{"192.168.1.7:8080", "", "cross-site", false},
		{"192.168.1.7:8080", "", "none", true},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://"+c.host+"/", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if got := sameOrigin(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "http://den.local/", nil)
	r.Header["Origin"] = []string{"http://den.local", "http://evil.example"}
	if sameOrigin(r) {
		t.Error("two origins pass")
	}
}

func TestTheDoor(t *testing.T) {
	h := newHouse(t).claimed()
	try := func(method, host, path string, header http.Header) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://"+host+path, nil)
		for k, v := range header {
			r.Header[k] = v
		}
		r.AddCookie(&http.Cookie{Name: h.api.cookie, Value: h.session})
		w := httptest.NewRecorder()
		h.api.Handler().ServeHTTP(w, r)
		return w
	}
	evil := http.Header{"Origin": {"http://evil.example"}}
	for _, c := range []struct {
		method, host, path string
		header             http.Header
		want               int
	}{
		{"GET", "evil.example", "/", nil, http.StatusMisdirectedRequest},
		{"GET", "evil.example", "/api/v1/zones", nil, http.StatusMisdirectedRequest},
		{"GET", "evil.example", "/media/x/track/y", nil, http.StatusMisdirectedRequest},
		{"GET", "evil.example", "/healthz", nil, http.StatusMisdirectedRequest},
		{"GET", "den.local", "/api/v1/zones", evil, http.StatusOK}, // it cannot read the answer
		{"POST", "den.local", "/api/v1/zones/z1/pause", evil, http.StatusForbidden},
		{"DELETE", "den.local", "/api/v1/session", evil, http.StatusForbidden},
		{"GET", "den.local", "/api/v1/ws", http.Header{"Origin": {"http://evil.example"}, "Upgrade": {"websocket"}}, http.StatusForbidden},
		{"GET", "den.local", "/sendspin", http.Header{"Origin": {"http://evil.example"}, "Upgrade": {"websocket"}}, http.StatusForbidden},
		{"GET", "den.local", "/api/v1/zones/z1/pause", nil, http.StatusMethodNotAllowed},
		{"GET", "den.local", "/api/v1/no-such", nil, http.StatusNotFound},
		{"GET", "den.local", "/API/v1/zones", nil, http.StatusOK}, // the page: paths have a case
		{"POST", "den.local", "/", nil, http.StatusMethodNotAllowed},
	} {
		w := try(c.method, c.host, c.path, c.header)
		if w.Code != c.want {
			t.Errorf("%s %s%s %v: %d, want %d", c.method, c.host, c.path, c.header, w.Code, c.want)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s%s: %s", c.method, c.host, c.path, w.Header().Get("Content-Type"))
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s%s: %v", c.method, c.host, c.path, w.Header())
		}
	}
}

func TestForeignPagesGetNoSocket(t *testing.T) {
	h := newHouse(t).claimed()
	url := "ws" + strings.TrimPrefix(h.server.URL, "http") + "/api/v1/ws"
	_, res, err := websocket.DefaultDialer.Dial(url, http.Header{
		"Cookie": {h.api.cookie + "=" + h.session}, "Origin": {"http://evil.example"},
	})
	if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("%v, %v", res, err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t).claimed()
	res, body := h.ask(http.MethodPost, "/api/v1/playlists", `{"name":"`+strings.Repeat("x", maxBody)+`"}`)
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %.100s", res.StatusCode, body)
	}
	for _, body := range []string{`{"name":"a","zone":"b"} {}`, `[1]`, `"x"`, `nope`} {
		if res, text := h.ask(http.MethodPost, "/api/v1/playlists", body); res.StatusCode != 400 && res.StatusCode != 422 {
			t.Errorf("%s: %d %s", body, res.StatusCode, text)
		}
	}
	// An argument of the path cannot be given another way.
	if res, text := h.ask(http.MethodPost, "/api/v1/zones/z1/pause", `{"zone":"z2"}`); res.StatusCode != 422 {
		t.Errorf("%d %s", res.StatusCode, text)
	}
}

// pipes is a listener of connections in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who announces a body that never comes does not hold a connection for ever,
// wherever the request is refused.
func TestBodiesThatNeverComeAreNotWaitedFor(t *testing.T) {
	h := newHouse(t)
	for _, head := range []string{
		"POST /api/v1/zones HTTP/1.1\r\nHost: evil.example",
		"POST /api/v1/zones HTTP/1.1\r\nHost: den.local\r\nOrigin: http://evil.example",
		"POST /api/v1/zones HTTP/1.1\r\nHost: den.local",
		"POST /nothing HTTP/1.1\r\nHost: den.local",
		"GET /page HTTP/1.1\r\nHost: den.local",
		"GET /media/x/original/t1 HTTP/1.1\r\nHost: den.local",
	} {
		synctest.Test(t, func(t *testing.T) {
			accept := make(pipes)
			server := &http.Server{Handler: h.api.Handler(), ReadHeaderTimeout: time.Second}
			go func() { _ = server.Serve(accept) }()
			ours, theirs := net.Pipe()
			accept <- theirs
			start := time.Now()
			if _, err := io.WriteString(ours, head+"\r\nContent-Length: 9\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, ours)
			if took := time.Since(start); took > 2*ordinary {
				t.Errorf("%q: held for %v", head, took)
			}
			_ = ours.Close()
			close(accept)
		})
	}
}

func TestCookies(t *testing.T) {
	h := newHouse(t).claimed()
	r := httptest.NewRequest(http.MethodPost, "https://den.local/api/v1/session", strings.NewReader(`{"name":"Min","password":"correct horse"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.api.Handler().ServeHTTP(w, r)
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if c := cookies[0]; !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("over https: %+v", c)
	}
	if _, _, err := h.store.Session(t.Context(), cookies[0].Value); err != nil {
		t.Errorf("the session is not kept: %v", err)
	}
	if cookieName([]byte(strings.Repeat("o", 32))) == h.api.cookie {
		t.Error("two gateways on one host share a cookie")
	}
}
