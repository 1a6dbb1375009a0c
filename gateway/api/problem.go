package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Errors that the ports may return beside those of store and zone.
var (
	// ErrLastZone: a gateway always has a zone.
	ErrLastZone = errors.New("api: the last zone stays")
)

// Problem is an error as clients see it: RFC 9457.
type Problem struct {
	Type   string `json:"type"` // "/problems/KIND", see openapi.yaml
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // one sentence for a person, in English
	// Phrase is Detail for a page that has it in other languages.
	Phrase phrase.Phrase `json:"phrase,omitzero"`

	retry time.Duration // Retry-After, where there is one
}

// Error makes a Problem an error, so that operations can return one.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func problem(status int, kind, title string, code phrase.Code, args ...any) *Problem {
	p := phrase.New(code, args...)
	return &Problem{Type: "/problems/" + kind, Title: title, Status: status, Detail: p.String(), Phrase: p}
}

// Invalid is a request that a person got wrong, such as a name that is too
// long. Ports may return one.
func Invalid(code phrase.Code, args ...any) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid", "Invalid request", code, args...)
}

// invalid is a request that only a program gets wrong.
func invalid(format string, args ...any) *Problem {
	return Invalid(phrase.Program, fmt.Sprintf(format, args...))
}

func badRequest(detail string) *Problem {
	return problem(http.StatusBadRequest, "bad-request", "Bad request", phrase.Program, detail)
}

// known maps sentinels of the ports, in order of looking.
var known = []struct {
	err    error
	status int
	kind   string
	title  string
	code   phrase.Code
}{
	{store.ErrNotFound, http.StatusNotFound, "not-found", "Not found", phrase.NotFound},
	{library.ErrNoCover, http.StatusNotFound, "not-found", "No such cover", phrase.NoCover},
	{zone.ErrNoTrack, http.StatusNotFound, "not-found", "No such track", phrase.NoTrack},
	{zone.ErrNoEntry, http.StatusNotFound, "no-entry", "No such entry", phrase.NoEntry},
	{zone.ErrEmpty, http.StatusConflict, "nothing-to-play", "Nothing to play", phrase.EmptyQueue},
	{zone.ErrConflict, http.StatusConflict, "conflict", "The queue has changed", phrase.QueueChanged},
	{zone.ErrTooLong, http.StatusConflict, "queue-full", "The queue is full", phrase.QueueFull},
	{zone.ErrClosed, http.StatusServiceUnavailable, "gone", "The zone is closed", phrase.ZoneClosed},
	{store.ErrExists, http.StatusConflict, "exists", "It exists already", phrase.Exists},
	{store.ErrFull, http.StatusInsufficientStorage, "disk-full", "The disk is full", phrase.NoSpace},
	{store.ErrClosed, http.StatusServiceUnavailable, "gone", "Stopping", phrase.Stopping},
	{zone.ErrSilent, http.StatusBadGateway, "device", "The device is silent", phrase.ProblemSilent},
	{zone.ErrGone, http.StatusBadGateway, "device", "The device is gone", phrase.ProblemGone},
	{zone.ErrTaken, http.StatusConflict, "device", "Somebody else plays on it", phrase.ProblemTaken},
	{zone.ErrAlone, http.StatusConflict, "device", "It only plays alone", phrase.ProblemAlone},
	{ErrLastZone, http.StatusConflict, "last-zone", "The last zone stays", phrase.LastZone},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "busy", "It took too long", phrase.Busy},
	{context.Canceled, http.StatusServiceUnavailable, "gone", "Stopped", phrase.Ended},
}

// problemOf is the one place where errors become problems. What it does not
// know is internal: its text stays in the log.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return problem(http.StatusRequestEntityTooLarge, "too-large", "Too large",
			phrase.TooLarge, tooLarge.Limit)
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return problem(k.status, k.kind, k.title, k.code)
		}
	}
	return problem(http.StatusInternalServerError, "internal", "Something went wrong", phrase.Internal)
}

// fail answers a request with err.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		a.log.Error("request failed", "method", r.Method, "path", redactedPath(r), "err", err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.retry+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
