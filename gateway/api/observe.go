package api

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// metrics are what /metrics shows of the API and, so that one look tells how
// the house is, of zones and devices.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(a *API) *metrics {
	m := &metrics{
		registry: a.cfg.Metrics,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jumpgate_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "jumpgate_http_request_seconds", Help: "How long requests took that do not stream.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"route"}),
	}
	gauge := func(name, help string, value func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.seconds,
		gauge("jumpgate_websocket_clients", "Pages and programs connected now.", a.hub.size),
		gauge("jumpgate_zones", "Zones.", func() int { return len(a.cfg.Zones.List()) }),
		gauge("jumpgate_zones_playing", "Zones that play now.", a.zonesPlaying),
		gauge("jumpgate_devices_present", "Devices that are there now.", a.devicesPresent),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		// The Go and process collectors may be registered by whoever gave
		// the registry.
		_ = m.registry.Register(c)
	}
	return m
}

// patience is how long a scrape waits for a zone or the devices.
const patience = time.Second

func (a *API) zonesPlaying() int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n := 0
	for _, z := range a.cfg.Zones.List() {
		if s, err := z.State(ctx); err == nil && s.State == zone.Playing {
			n++
		}
	}
	return n
}

func (a *API) devicesPresent() int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	all, err := a.cfg.Devices.List(ctx)
	if err != nil {
		return 0
	}
	n := 0
	for _, d := range all {
		if d.Present {
			n++
		}
	}
	return n
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// healthz says ok while the gateway can do its work.
func (a *API) healthz(w http.ResponseWriter, r *http.Request) {
	if a.cfg.Healthy != nil {
		if err := a.cfg.Healthy(r.Context()); err != nil {
			a.log.Warn("not healthy", "err", err)
			a.fail(w, r, problem(http.StatusServiceUnavailable, "busy", "Not healthy", phrase.Unhealthy))
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n")) // the client may be gone
}

// observe counts and logs every request. What lets somebody in (tokens,
// cookies, queries, signatures) is never written down.
func (a *API) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &seen{ResponseWriter: w}
		a.survive(next, seen, r)
		took := time.Since(start)
		route := r.Pattern
		if route == "" {
			route = "page" // or nothing at all
		}
		a.metrics.requests.WithLabelValues(route, strconv.Itoa(seen.code())).Inc()
		if !seen.hijacked && !strings.Contains(route, "/media/") {
			a.metrics.seconds.WithLabelValues(route).Observe(took.Seconds())
		}
		a.log.Debug("request", "method", r.Method, "path", redactedPath(r), "status", seen.code(),
			"took", took, "from", remote(r), "proto", r.Proto)
	})
}

// survive answers a request whose handler panics, and says so where it is
// seen: such a request is a bug, and the music goes on.
func (a *API) survive(next http.Handler, w *seen, r *http.Request) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint,err113 // net/http panics with the very value
			panic(p)
		}
		a.log.Error("a request's handler failed", "method", r.Method, "path", redactedPath(r), "panic", p, "stack", string(debug.Stack()))
		if w.status == 0 && !w.hijacked {
			a.fail(w, r, problem(http.StatusInternalServerError, "bug", "This is a bug", phrase.Bug))
		}
	}()
	next.ServeHTTP(w, r)
}

// seen remembers the status of an answer.
type seen struct {
	http.ResponseWriter
	status   int
	hijacked bool
}

// Unwrap lets http.ResponseController reach what is underneath.
func (s *seen) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *seen) WriteHeader(status int) {
	if s.status == 0 && status >= 200 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Flush is for handlers that ask for an http.Flusher.
func (s *seen) Flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

// Hijack is for the WebSocket.
func (s *seen) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(s.ResponseWriter).Hijack()
	s.hijacked = err == nil
	return conn, rw, err
}

// ReadFrom keeps the kernel's way from a file to a socket open.
func (s *seen) ReadFrom(r io.Reader) (int64, error) { return io.Copy(s.ResponseWriter, r) }

func (s *seen) code() int {
	switch {
	case s.hijacked:
		return http.StatusSwitchingProtocols
	case s.status == 0:
		return http.StatusOK
	}
	return s.status
}

// redactedPath is a request's path without what lets somebody in.
func redactedPath(r *http.Request) string {
	p := r.URL.Path
	if rest, ok := strings.CutPrefix(p, "/media/"); ok {
		_, behind, _ := strings.Cut(rest, "/")
		return "/media/-/" + behind
	}
	for _, kind := range []string{"/whep/", "/whip/"} {
		if before, _, ok := strings.Cut(p, kind); ok {
			return before + kind + "-"
		}
	}
	return p
}
