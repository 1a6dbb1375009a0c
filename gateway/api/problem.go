package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Errors that the ports may return beside those of store and zone.
var (
	// ErrLastZone: a gateway always has a zone.
	ErrLastZone = errors.New("api: the last zone stays")
	// ErrUnavailable: this build or machine cannot do it; wrap it with why.
	ErrUnavailable = errors.New("api: not available")
	// ErrInvalid: the request makes no sense; wrap it with why.
	ErrInvalid = errors.New("api: invalid request")
)

// Problem is an error as clients see it: RFC 9457.
type Problem struct {
	Type   string `json:"type"` // "/problems/KIND", see openapi.yaml
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // one sentence for a person

	retry time.Duration // Retry-After, where there is one
}

// Error makes a Problem an error, so that operations can return one.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func problem(status int, kind, title, detail string) *Problem {
	return &Problem{Type: "/problems/" + kind, Title: title, Status: status, Detail: detail}
}

func invalid(format string, args ...any) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid", "Invalid request", fmt.Sprintf(format, args...))
}

func badRequest(detail string) *Problem {
	return problem(http.StatusBadRequest, "bad-request", "Bad request", detail)
}

// known maps sentinels of the ports, in order of looking. An empty detail
// shows the error's own text, which its port wrote for people.
var known = []struct {
	err    error
	status int
	kind   string
	title  string
	detail string
}{
	{store.ErrNotFound, http.StatusNotFound, "not-found", "Not found", "There is no such thing here (any more)."},
	{library.ErrNoCover, http.StatusNotFound, "not-found", "No such cover", "There is no such picture here."},
	{zone.ErrNoTrack, http.StatusNotFound, "not-found", "No such track", "A track is not in the library (any more)."},
	{zone.ErrNoEntry, http.StatusNotFound, "no-entry", "No such entry", "That entry is not in the queue any more."},
	{zone.ErrEmpty, http.StatusConflict, "nothing-to-play", "Nothing to play", "The queue is empty and the library has nothing to flow from."},
	{zone.ErrConflict, http.StatusConflict, "conflict", "The queue has changed", "Somebody changed the queue in the meantime; look again."},
	{zone.ErrTooLong, http.StatusConflict, "queue-full", "The queue is full", "Take something out of the queue first."},
	{zone.ErrClosed, http.StatusServiceUnavailable, "gone", "The zone is closed", "The zone was deleted, or the gateway is stopping."},
	{store.ErrExists, http.StatusConflict, "exists", "It exists already", "Something with that name or address is here already."},
	{store.ErrFull, http.StatusInsufficientStorage, "disk-full", "The disk is full", "Nothing can be kept until there is space on the gateway's disk; what plays goes on."},
	{store.ErrClosed, http.StatusServiceUnavailable, "gone", "Stopping", "The gateway is stopping."},
	{zone.ErrSilent, http.StatusBadGateway, "device", "The device is silent", "The device took the music and says nothing; switch it off and on."},
	{zone.ErrGone, http.StatusBadGateway, "device", "The device is gone", "The device does not answer any more."},
	{zone.ErrTaken, http.StatusConflict, "device", "Somebody else plays on it", "Somebody else took the device."},
	{zone.ErrAlone, http.StatusConflict, "device", "It only plays alone", "This device cannot play together with others."},
	{ErrLastZone, http.StatusConflict, "last-zone", "The last zone stays", "A gateway always has a zone."},
	{ErrUnavailable, http.StatusNotImplemented, "not-available", "Not available", ""},
	{ErrInvalid, http.StatusUnprocessableEntity, "invalid", "Invalid request", ""},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "busy", "It took too long", "The gateway did not get it done in time; try again."},
	{context.Canceled, http.StatusServiceUnavailable, "gone", "Stopped", "The request ended before it was done."},
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
			fmt.Sprintf("At most %d bytes are taken here.", tooLarge.Limit))
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			detail := k.detail
			if detail == "" {
				detail = strings.TrimSuffix(err.Error(), ": "+k.err.Error())
			}
			return problem(k.status, k.kind, k.title, detail)
		}
	}
	return problem(http.StatusInternalServerError, "internal", "Something went wrong", "The gateway's log says what.")
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
