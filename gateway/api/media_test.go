package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSigner(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := NewSigner([]byte(strings.Repeat("k", 32)), func() time.Time { return now })
	m, ok := parseMediaPath(s.Path("track", "t1", "a/b.m4s"))
	if !ok || m.kind != "track" || m.id != "t1" || m.file != "a/b.m4s" {
		t.Fatalf("%+v %v", m, ok)
	}
	if err := s.Check(m.signature, "track", "t1"); err != nil {
		t.Error(err)
	}
	other := NewSigner([]byte(strings.Repeat("o", 32)), func() time.Time { return now })
	flipped := "A" + m.signature[1:]
	if flipped == m.signature {
		flipped = "B" + m.signature[1:]
	}
	for what, err := range map[string]error{
		"another track":      s.Check(m.signature, "track", "t2"),
		"another kind":       s.Check(m.signature, "cover", "t1"),
		"a shifted border":   s.Check(m.signature, "trackt", "1"),
		"another gateway":    other.Check(m.signature, "track", "t1"),
		"another time":       s.Check(flipped, "track", "t1"),
		"half a signature":   s.Check(m.signature[:20], "track", "t1"),
		"no signature":       s.Check("", "track", "t1"),
		"padding":            s.Check(m.signature+"=", "track", "t1"),
		"a longer signature": s.Check(m.signature+"AAAA", "track", "t1"),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if again := s.Path("track", "t1", "a/b.m4s"); !strings.Contains(again, m.signature) {
		t.Error("it is another URL in the same minute: nothing could be cached")
	}
	now = now.Add(mediaValidity - 24*time.Hour)
	if err := s.Check(m.signature, "track", "t1"); err != nil {
		t.Errorf("a day before its end: %v", err)
	}
	now = now.Add(25 * time.Hour)
	if err := s.Check(m.signature, "track", "t1"); !errors.Is(err, ErrSignature) {
		t.Errorf("after its end: %v", err)
	}
}

func TestMediaIsServedToWhoeverHasTheURL(t *testing.T) {
	h := newHouse(t).claimed()
	h.token = ""
	path := h.api.Signer().Path("track", "t 1", "index.m3u8")
	get := func(path string) (int, string) {
		res, body := h.ask(http.MethodGet, path, "")
		if res.StatusCode == 200 && res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("a Chromecast's receiver could not use it")
		}
		return res.StatusCode, body
	}
	if code, body := get(strings.ReplaceAll(path, " ", "%20")); code != 200 || body != "/t 1/index.m3u8|t 1|index.m3u8" {
		t.Errorf("%d %s", code, body)
	}
	good := h.api.Signer().Path("track", "t1", "")
	for _, bad := range []string{
		strings.Replace(good, "/t1", "/t2", 1), good + "/..%2f..%2fetc/passwd", good + "/%5c..%5cx", good + "/a/%2e%2e/b",
		"/media/x/track/t1", "/media/" + strings.Repeat("A", 27) + "/track/t1", good + "/a%00b",
		strings.Replace(good, "/track/", "/cover/", 1),
	} {
		if code, body := get(bad); code == 200 {
			t.Errorf("%s: %s", bad, body)
		}
	}
	if code, _ := get(h.api.Signer().Path("unknown", "x", "")); code != http.StatusNotFound {
		t.Errorf("an unknown kind: %d", code)
	}
	req, _ := http.NewRequest(http.MethodOptions, h.server.URL+good, nil)
	req.Header.Set("Origin", "https://www.gstatic.com")
	if res, _ := h.send(req); res.StatusCode != http.StatusNoContent || res.Header.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("a preflight: %d %v", res.StatusCode, res.Header)
	}
}

func TestWhatLetsSomebodyInIsNotLogged(t *testing.T) {
	for path, want := range map[string]string{
		"/media/secret/track/t1/a.m4s":          "/media/-/track/t1/a.m4s",
		"/media/secret":                         "/media/-/",
		"/api/v1/zones/z1/whep/secret":          "/api/v1/zones/z1/whep/-",
		"/api/v1/zones/z1/whip/secret":          "/api/v1/zones/z1/whip/-",
		"/api/v1/zones/z1/queue?token=secret#x": "/api/v1/zones/z1/queue",
	} {
		r, err := http.NewRequest(http.MethodGet, "http://den.local"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := redactedPath(r); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestThePage(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		path, cache, kind string
		code              int
	}{
		{"/", "no-cache", "text/html", 200},
		{"/zones/z1", "no-cache", "text/html", 200}, // a path of the app's own
		{"/assets/app-1.js", "immutable", "javascript", 200},
		{"/assets/app-0.js", "no-store", "text/plain", 404},
		{"/app.webmanifest", "no-cache", "application/manifest+json", 200},
		{"/..%2f..%2fetc/passwd", "no-cache", "text/html", 200}, // the app
	} {
		res, body := h.ask(http.MethodGet, c.path, "")
		if res.StatusCode != c.code || !strings.Contains(res.Header.Get("Cache-Control"), c.cache) || !strings.Contains(res.Header.Get("Content-Type"), c.kind) {
			t.Errorf("%s: %d %v %.40s", c.path, res.StatusCode, res.Header, body)
		}
	}
}

func TestWithoutThePageItSaysHowToGetIt(t *testing.T) {
	h := newHouse(t)
	h.api.page = newPage(nil)
	if res, body := h.ask(http.MethodGet, "/", ""); res.StatusCode != 200 || !strings.Contains(body, "make web") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestPasswords(t *testing.T) {
	cheap := passwordCost
	passwordCost = realCost
	defer func() { passwordCost = cheap }()
	h := newHouse(t)
	hash, err := h.api.hasher.hash(t.Context(), password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", hash, err)
	}
	for _, c := range []struct {
		password, hash string
		want           bool
	}{
		{password, hash, true},
		{"Correct horse", hash, false},
		{"", hash, false},
		{password, "", false},
		{password, "$argon2id$v=19$m=9999999999,t=2,p=1$AA$AA", false},
		{"nobody's password", "", false},
	} {
		if got, err := h.api.hasher.matches(t.Context(), c.password, c.hash); got != c.want || err != nil {
			t.Errorf("%q %q: %v, %v", c.password, c.hash, got, err)
		}
	}
}

func FuzzMediaPath(f *testing.F) {
	s := NewSigner([]byte(strings.Repeat("k", 32)), func() time.Time { return time.Unix(1e9, 0) })
	for _, seed := range []string{s.Path("track", "t1", ""), s.Path("zone", "z1", "live/1.m4s"), "/media/", "/media/a/b/c/../d", "/media/a/b\\c/d", "/media//x/y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		m, ok := parseMediaPath(path)
		if !ok {
			return
		}
		whole := "/media/" + m.signature + "/" + m.kind + "/" + m.id
		if m.file != "" {
			whole += "/" + m.file
		}
		if whole != path {
			t.Errorf("%q became %q", path, whole)
		}
		for _, segment := range strings.Split(path[1:], "/") {
			if segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, "\\\x00") {
				t.Errorf("took %q", path)
			}
		}
		if s.Check(m.signature, m.kind, m.id) == nil && !strings.HasPrefix(path, s.Path(m.kind, m.id, "")) {
			t.Errorf("%q passes", path)
		}
	})
}
