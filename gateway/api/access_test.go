package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

var pageAll = store.Page{Limit: 1000}

// needsOfDescription is what openapi.yaml says that an operation needs.
func needsOfDescription(t *testing.T) map[string]need {
	t.Helper()
	doc := description(t)
	out := make(map[string]need)
	for path, item := range doc.Paths.Map() {
		if item.Servers == nil {
			path = "/api/v1" + path
		}
		for method, op := range item.Operations() {
			n := signedIn
			if op.Security != nil {
				n = nothing
				for _, scheme := range *op.Security {
					if _, ok := scheme["cookie"]; ok {
						n = person
					}
				}
			}
			out[method+" "+path] = n
		}
	}
	return out
}

// The table and the description name the same routes with the same needs.
func TestTableAndDescriptionAgree(t *testing.T) {
	h := newHouse(t)
	said := needsOfDescription(t)
	for _, r := range h.api.routes() {
		n, ok := said[r.pattern]
		delete(said, r.pattern)
		switch {
		case r.pattern == "GET /metrics":
			if r.need != signedInOrHere {
				t.Errorf("%s needs %v", r.pattern, r.need)
			}
		case strings.Contains(r.pattern, " /media/"):
			if r.need != signedURL {
				t.Errorf("%s needs %v", r.pattern, r.need)
			}
		case r.pattern == "GET /ca.crt" || r.pattern == "GET /sendspin":
		case !ok:
			t.Errorf("%s is not in openapi.yaml", r.pattern)
		case n != r.need:
			t.Errorf("%s needs %v, openapi.yaml says %v", r.pattern, r.need, n)
		}
	}
	for pattern := range said {
		t.Errorf("%s is in openapi.yaml only", pattern)
	}
}

// role is somebody who sends requests.
type role struct {
	name string
	// let tells which needs it fulfils.
	let   map[need]bool
	dress func(*http.Request)
}

func roles(h *house) []role {
	bearer := func(secret string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
	}
	cookie := func(name, secret string) func(*http.Request) {
		return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: secret}) }
	}
	nobody := map[need]bool{nothing: true}
	person := map[need]bool{nothing: true, signedIn: true, person: true, signedInOrHere: true}
	program := map[need]bool{nothing: true, signedIn: true, signedInOrHere: true}
	return []role{
		{"nobody", nobody, func(*http.Request) {}},
		{"a person", person, cookie(h.api.cookie, h.session)},
		{"a program", program, bearer(h.token)},
		{"a program on this machine", map[need]bool{nothing: true, signedInOrHere: true}, func(r *http.Request) { r.RemoteAddr = "127.0.0.1:5000" }},
		{"somebody behind a proxy on this machine", nobody, func(r *http.Request) {
			r.RemoteAddr = "[::1]:5000"
			r.Header.Set("X-Forwarded-For", "192.0.2.1")
		}},
		{"a session as a token", nil, bearer(h.session)},
		{"a token as a session", nobody, cookie(h.api.cookie, h.token)},
		{"a token nobody made", nil, bearer("jg_made-up")},
		{"an old session", nobody, cookie(h.api.cookie, "old-session")},
		{"a cookie of https over http", nobody, cookie("__Host-"+h.api.cookie, h.session)},
		{"a name and password in the header", nil, func(r *http.Request) { r.SetBasicAuth("Min", password) }},
	}
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// Every role asks every route; only the needs of the table decide.
func TestEveryRoleOnEveryRoute(t *testing.T) {
	h := newHouse(t).claimed()
	if err := h.store.AddSession(t.Context(), "old-session", "Min", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.later.Store(int64(2 * time.Hour)) // it is over now
	for _, route := range h.api.routes() {
		for _, who := range roles(h) {
			method, path, _ := strings.Cut(route.pattern, " ")
			path = wildcard.ReplaceAllString(path, "no-such")
			if method == "DELETE" && path == "/api/v1/session" {
				continue // it would sign the person out
			}
			t.Run(who.name+" "+route.pattern, func(t *testing.T) {
				req := httptest.NewRequest(method, "http://192.0.2.9"+path, nil)
				req.RemoteAddr = "192.0.2.1:4000"
				who.dress(req)
				w := httptest.NewRecorder()
				h.api.Handler().ServeHTTP(w, req)
				var p Problem
				_ = json.Unmarshal(w.Body.Bytes(), &p)
				refused := p.Type == "/problems/not-signed-in" || (p.Type == "/problems/forbidden" && w.Code == http.StatusForbidden)
				if path == "/api/v1/session" && p.Type == "/problems/not-signed-in" {
					refused = who.let == nil // it is what the route says to nobody
				}
				let := who.let[route.need]
				if route.need == signedURL {
					let = false // none of them has a signature
				}
				if refused == let {
					t.Errorf("refused: %v; let in: %v; %d %s", refused, let, w.Code, w.Body)
				}
			})
		}
	}
}

func TestANeedThatNobodyKnowsLetsNobodyIn(t *testing.T) {
	h := newHouse(t).claimed()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: h.api.cookie, Value: h.session})
	if _, err := h.api.authorise(r, need(99)); err == nil {
		t.Error("let in")
	}
}

func TestTokensOfOthersCannotBeRevoked(t *testing.T) {
	h := newHouse(t).claimed()
	ctx := t.Context()
	if err := h.store.AddAccount(ctx, "Jun", "x"); err != nil {
		t.Fatal(err)
	}
	other, err := h.store.AddToken(ctx, "jg_of-jun", "Jun's", "Jun")
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodDelete, h.server.URL+"/api/v1/tokens/"+other.ID, nil)
	req.AddCookie(&http.Cookie{Name: h.api.cookie, Value: h.session})
	if res, body := h.send(req); res.StatusCode != http.StatusNotFound {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if _, err := h.store.Token(ctx, "jg_of-jun"); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

func TestSignInIsSlowedDown(t *testing.T) {
	h := newHouse(t).claimed()
	h.token = ""
	var last *http.Response
	for range 7 {
		last, _ = h.ask(http.MethodPost, "/api/v1/session", `{"name":"Min","password":"guess"}`)
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Errorf("after 7 guesses: %d, Retry-After %q", last.StatusCode, last.Header.Get("Retry-After"))
	}
}

func TestThrottle(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(func() time.Time { return now }, 2, time.Minute)
	addr := func(i int) string { return fmt.Sprintf("10.0.%d.%d", i/250, i%250+1) }
	one := mustAddr("2001:db8::1")
	for i, want := range []bool{true, true, false} {
		// Another address of the same network is the same guesser.
		if got := th.take(mustAddr(fmt.Sprintf("2001:db8::%d", i+1))) == 0; got != want {
			t.Errorf("try %d: %v", i, got)
		}
	}
	now = now.Add(time.Minute)
	if th.take(one) != 0 {
		t.Error("no try after a minute")
	}
	// All together have ten times as many.
	let := 0
	for i := range 100 {
		if th.take(mustAddr(addr(i))) == 0 {
			let++
		}
	}
	if let == 0 || let > 20 {
		t.Errorf("%d of 100 addresses were let try", let)
	}
	for i := range 3 * maxBuckets {
		now = now.Add(time.Second)
		th.take(mustAddr(addr(i)))
	}
	if len(th.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(th.buckets))
	}
}
func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }
