package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Bodies that are JSON but no object are refused, on every route that reads one.
func TestBodyThatIsNoObject(t *testing.T) {
	h := newHouse(t).claimed()
	for _, body := range []string{"null", " null ", "[]", "1", `""`, "true"} {
		for _, route := range []string{"GET /api/v1/tracks", "PATCH /api/v1/devices/x", "POST /api/v1/zones", "POST /api/v1/zones/x/seek", "POST /api/v1/playlists"} {
			method, path, _ := strings.Cut(route, " ")
			if answer, text := h.ask(method, path, body); answer.StatusCode != http.StatusBadRequest && answer.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s with %s: %s %s", route, body, answer.Status, text)
			}
		}
	}
}

// A handler that panics is a bug: it is answered and logged, and nothing else
// suffers.
func TestPanicIsAnswered(t *testing.T) {
	h := newHouse(t)
	w := httptest.NewRecorder()
	h.api.observe(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/tracks", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"title":"This is a bug"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
