package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// route is one row of the table: what it answers, what it asks of its caller,
// and how.
type route struct {
	pattern string // of http.ServeMux: exact, never a prefix
	need    need
	serve   http.Handler
	bound   time.Duration // how long a request may take; 0 for those that stream
}

// ordinary is the bound of a request that is asked and answered.
const ordinary = 30 * time.Second

// routes is the whole surface of the gateway. What is not in it is the page,
// or not found.
func (a *API) routes() []route {
	const v1 = "/api/v1"
	zoneID, trackID := with{"id": "zone"}, with{"id": "track"}
	deviceID, listID, listenerID := with{"id": "device"}, with{"id": "playlist"}, with{"id": "listener"}
	rows := []route{
		{"GET " + v1 + "/server", nothing, a.rest("server.get", 200, nil), ordinary},
		{"GET " + v1 + "/openapi.yaml", nothing, http.HandlerFunc(serveDescription), ordinary},
		{"POST " + v1 + "/claim", nothing, http.HandlerFunc(a.claim), ordinary},
		{"GET " + v1 + "/session", nothing, http.HandlerFunc(a.session), ordinary},
		{"POST " + v1 + "/session", nothing, http.HandlerFunc(a.signIn), ordinary},
		{"DELETE " + v1 + "/session", nothing, http.HandlerFunc(a.signOut), ordinary},
		{"GET " + v1 + "/tokens", person, http.HandlerFunc(a.listTokens), ordinary},
		{"POST " + v1 + "/tokens", person, http.HandlerFunc(a.createToken), ordinary},
		{"DELETE " + v1 + "/tokens/{id}", person, http.HandlerFunc(a.deleteToken), ordinary},

		{"GET " + v1 + "/tracks", signedIn, a.rest("track.list", 200, paged("album", "artist")), ordinary},
		{"GET " + v1 + "/tracks/{id}", signedIn, a.rest("track.get", 200, trackID), ordinary},
		{"PUT " + v1 + "/tracks/{id}/rating", signedIn, a.rest("track.rate", 200, trackID), ordinary},
		{"GET " + v1 + "/tracks/{id}/stream", signedIn, a.rest("track.stream", 200, trackID), ordinary},
		{"GET " + v1 + "/albums", signedIn, a.rest("album.list", 200, paged("artist")), ordinary},
		{"GET " + v1 + "/albums/{id}", signedIn, a.rest("album.get", 200, with{"id": "album"}), ordinary},
		{"GET " + v1 + "/artists", signedIn, a.rest("artist.list", 200, paged()), ordinary},
		{"GET " + v1 + "/artists/{id}", signedIn, a.rest("artist.get", 200, with{"id": "artist"}), ordinary},
		{"GET " + v1 + "/playlists", signedIn, a.rest("playlist.list", 200, paged()), ordinary},
		{"POST " + v1 + "/playlists", signedIn, a.rest("playlist.create", 201, nil), ordinary},
		{"GET " + v1 + "/playlists/{id}", signedIn, a.rest("playlist.get", 200, listID), ordinary},
		{"PATCH " + v1 + "/playlists/{id}", signedIn, a.rest("playlist.patch", 200, listID), ordinary},
		{"DELETE " + v1 + "/playlists/{id}", signedIn, a.rest("playlist.delete", 204, listID), ordinary},
		{"GET " + v1 + "/search", signedIn, a.rest("search", 200, with{"?q": "q", "?limit": "limit#"}), ordinary},
		{"GET " + v1 + "/chart", signedIn, a.rest("chart", 200, with{"?limit": "limit#"}), ordinary},
		{"POST " + v1 + "/mix", signedIn, a.rest("mix", 200, nil), ordinary},
		{"GET " + v1 + "/covers/{id}", signedIn, http.HandlerFunc(a.cover), ordinary},
		{"GET " + v1 + "/scan", signedIn, a.rest("scan.get", 200, nil), ordinary},
		{"POST " + v1 + "/scan", signedIn, a.rest("scan.start", 202, nil), ordinary},
		{"GET " + v1 + "/scan/report", signedIn, a.rest("scan.report", 200, nil), ordinary},

		{"GET " + v1 + "/listeners", signedIn, a.rest("listener.list", 200, nil), ordinary},
		{"POST " + v1 + "/listeners", signedIn, a.rest("listener.create", 201, nil), ordinary},
		{"PATCH " + v1 + "/listeners/{id}", signedIn, a.rest("listener.patch", 200, listenerID), ordinary},
		{"DELETE " + v1 + "/listeners/{id}", signedIn, a.rest("listener.delete", 204, listenerID), ordinary},
		{"GET " + v1 + "/listeners/{id}/taste", signedIn, a.rest("taste.get", 200, listenerID), ordinary},
		{"DELETE " + v1 + "/listeners/{id}/taste", signedIn, a.rest("taste.forget", 204, listenerID), ordinary},
		{"PUT " + v1 + "/listeners/{id}/wishes", signedIn, a.rest("taste.wish", 200, listenerID), ordinary},
		{"POST " + v1 + "/listeners/{id}/not-me", signedIn, a.rest("taste.not-me", 200, listenerID), ordinary},
		{"GET " + v1 + "/listeners/{id}/scrobbling", person, a.rest("scrobbling.get", 200, listenerID), ordinary},
		{"PUT " + v1 + "/listeners/{id}/scrobbling", person, a.rest("scrobbling.set", 200, listenerID), ordinary},
		{"DELETE " + v1 + "/listeners/{id}/scrobbling", person, a.rest("scrobbling.stop", 204, listenerID), ordinary},
		{"GET " + v1 + "/listeners/{id}/export", signedIn, http.HandlerFunc(a.exportTaste), 0},

		{"GET " + v1 + "/devices", signedIn, a.rest("device.list", 200, nil), ordinary},
		{"POST " + v1 + "/devices", signedIn, a.rest("device.add", 201, nil), ordinary},
		{"GET " + v1 + "/devices/{id}", signedIn, a.rest("device.get", 200, deviceID), ordinary},
		{"PATCH " + v1 + "/devices/{id}", signedIn, a.rest("device.patch", 200, deviceID), ordinary},
		{"DELETE " + v1 + "/devices/{id}", signedIn, a.rest("device.delete", 204, deviceID), ordinary},
		{"POST " + v1 + "/devices/{id}/pairing", signedIn, a.rest("device.pair", 200, deviceID), ordinary},
		{"POST " + v1 + "/devices/{id}/pairing/code", signedIn, a.rest("device.code", 200, deviceID), ordinary},
		{"DELETE " + v1 + "/devices/{id}/pairing", signedIn, a.rest("device.cancel", 200, deviceID), ordinary},
		{"POST " + v1 + "/devices/{id}/unpair", signedIn, a.rest("device.unpair", 200, deviceID), ordinary},
		{"POST " + v1 + "/announcements", signedIn, http.HandlerFunc(a.announce), ordinary},
		{"GET " + v1 + "/players", signedIn, a.rest("players.get", 200, nil), ordinary},
		{"PATCH " + v1 + "/players", signedIn, a.rest("players.set", 200, nil), ordinary},

		{"GET " + v1 + "/zones", signedIn, a.rest("zone.list", 200, nil), ordinary},
		{"POST " + v1 + "/zones", signedIn, a.rest("zone.create", 201, nil), ordinary},
		{"GET " + v1 + "/zones/{id}", signedIn, a.rest("zone.get", 200, zoneID), ordinary},
		{"PATCH " + v1 + "/zones/{id}", signedIn, a.rest("zone.patch", 200, zoneID), ordinary},
		{"DELETE " + v1 + "/zones/{id}", signedIn, a.rest("zone.delete", 204, zoneID), ordinary},
		{"GET " + v1 + "/zones/{id}/queue", signedIn, a.rest("queue.get", 200, with{"id": "zone", "?offset": "offset#", "?limit": "limit#"}), ordinary},
		{"POST " + v1 + "/zones/{id}/queue", signedIn, a.rest("queue.add", 201, zoneID), ordinary},
		{"PATCH " + v1 + "/zones/{id}/queue", signedIn, a.rest("queue.patch", 200, zoneID), ordinary},
		{"DELETE " + v1 + "/zones/{id}/queue/{entry}", signedIn, a.rest("queue.remove", 204, with{"id": "zone", "entry": "entry"}), ordinary},
		{"GET " + v1 + "/zones/{id}/stream", signedIn, a.rest("zone.stream", 200, zoneID), ordinary},
		{"POST " + v1 + "/zones/{id}/whep", signedIn, http.HandlerFunc(a.whep), ordinary},
		{"PATCH " + v1 + "/zones/{id}/whep/{session}", signedIn, http.HandlerFunc(a.whep), ordinary},
		{"DELETE " + v1 + "/zones/{id}/whep/{session}", signedIn, http.HandlerFunc(a.whep), ordinary},
		{"POST " + v1 + "/zones/{id}/whip", signedIn, http.HandlerFunc(a.whip), ordinary},
		{"PATCH " + v1 + "/zones/{id}/whip/{session}", signedIn, http.HandlerFunc(a.whip), ordinary},
		{"DELETE " + v1 + "/zones/{id}/whip/{session}", signedIn, http.HandlerFunc(a.whip), ordinary},

		{"GET " + v1 + "/ws", signedIn, http.HandlerFunc(a.webSocket), 0},
		{"GET /media/{signature}/{kind}/{id}", signedURL, http.HandlerFunc(a.serveMedia), 0},
		{"GET /media/{signature}/{kind}/{id}/{file...}", signedURL, http.HandlerFunc(a.serveMedia), 0},
		{"OPTIONS /media/{signature}/{kind}/{id}", signedURL, http.HandlerFunc(a.serveMedia), ordinary},
		{"OPTIONS /media/{signature}/{kind}/{id}/{file...}", signedURL, http.HandlerFunc(a.serveMedia), ordinary},
		{"GET /healthz", nothing, http.HandlerFunc(a.healthz), ordinary},
		{"GET /metrics", signedInOrHere, a.metrics.handler(), ordinary},
	}
	for _, transport := range []string{"play", "pause", "stop", "next", "previous", "jump", "seek"} {
		rows = append(rows, route{"POST " + v1 + "/zones/{id}/" + transport, signedIn, a.rest("zone."+transport, 200, zoneID), ordinary})
	}
	if a.cfg.CA != nil {
		rows = append(rows, route{"GET /ca.crt", nothing, a.cfg.CA, ordinary})
	}
	if a.cfg.Player != nil {
		// Players on the network get sound before anybody approved them;
		// what they may control is their own server's business.
		rows = append(rows, route{"GET /sendspin", nothing, a.cfg.Player, 0})
	}
	return rows
}

// newHandler puts the door, the table and the page together.
func (a *API) newHandler() http.Handler {
	mux := http.NewServeMux()
	for _, row := range a.routes() {
		mux.Handle(row.pattern, a.enter(row))
	}
	routed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		a.unmatched(w, r, h)
	})
	return a.observe(hold(a.guard(routed)))
}

// hold gives every request the time of an ordinary one until its row says
// otherwise: also what is refused at the door, and sends a body that never ends.
func hold(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setDeadlines(w, ordinary)
		next.ServeHTTP(w, r)
	})
}

// setDeadlines bounds how long a request may take to come in, and twice as long
// its answer to leave; 0 is no bound. They stand until the connection's next
// request. Not every writer can be given one.
func setDeadlines(w http.ResponseWriter, bound time.Duration) {
	var read, write time.Time
	if bound > 0 {
		now := time.Now()
		read, write = now.Add(bound), now.Add(2*bound)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(read)
	_ = c.SetWriteDeadline(write)
}

// unmatched answers what no route does: with the page, or with what the mux
// would have said, as a problem.
func (a *API) unmatched(w http.ResponseWriter, r *http.Request, said http.Handler) {
	said0 := &discarded{header: make(http.Header)}
	said.ServeHTTP(said0, r)
	if said0.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said0.header.Get("Allow"))
		a.fail(w, r, problem(http.StatusMethodNotAllowed, "method", "Not that way", phrase.Program, "This is answered to "+said0.header.Get("Allow")+" only."))
		return
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if first == "api" || first == "media" {
		a.fail(w, r, problem(http.StatusNotFound, "not-found", "Not found", phrase.Program, "There is no such path."))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		a.fail(w, r, problem(http.StatusMethodNotAllowed, "method", "Not that way", phrase.Program, "The page can only be fetched."))
		return
	}
	a.page.ServeHTTP(w, r)
}

// discarded catches what a mux says about a request that it has no route for.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header { return d.header }

func (d *discarded) WriteHeader(status int) {
	if d.status == 0 {
		d.status = status
	}
}

func (d *discarded) Write(b []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	return len(b), nil
}

// enter lets in who may, and holds the request to its size and time.
func (a *API) enter(row route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := a.authorise(r, row.need)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		who.listener = r.Header.Get(listenerHeader)
		ctx := context.WithValue(r.Context(), callerKey{}, who)
		setDeadlines(w, row.bound)
		if row.bound > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, row.bound)
			defer cancel()
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		row.serve.ServeHTTP(w, r.WithContext(ctx))
	})
}

// maxBody holds 50,000 ids of a playlist.
const maxBody = 4 << 20
