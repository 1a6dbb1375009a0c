package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(Description)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// onSockets are operations that other tests make: they are no plain request
// and answer.
var onSockets = map[string]bool{"webSocket": true}

// step is one request of TestServerKeepsToItsDescription.
type step struct {
	operation string
	status    int
	path      map[string]string
	query     string
	body      string
	mime      string // of body; JSON if empty
	wrong     bool   // the request is against the description on purpose
}

// Every operation is asked of the running server, and what is sent and what
// comes back is held against openapi.yaml; errors too.
func TestServerKeepsToItsDescription(t *testing.T) {
	for _, mime := range []string{"image/jpeg", "application/sdp", "audio/wav", "application/trickle-ice-sdpfrag"} {
		openapi3filter.RegisterBodyDecoder(mime, openapi3filter.PlainBodyDecoder)
	}
	doc := description(t)
	h := newHouse(t)
	c := &checker{t: t, doc: doc, house: h, done: map[string]bool{}}

	c.do(step{operation: "getServer", status: 200})
	c.do(step{operation: "getSession", status: 401})
	c.do(step{operation: "listTracks", status: 401})
	c.do(step{operation: "claim", status: 403, body: `{"code":"WRONG","name":"Min","password":"correct horse"}`})
	c.do(step{operation: "claim", status: 422, body: `{"code":"abcd 2345","name":"Min","password":"short"}`, wrong: true})
	c.do(step{operation: "claim", status: 201, body: `{"code":"abcd 2345","name":"Min","password":"correct horse"}`})
	c.do(step{operation: "claim", status: 409, body: `{"code":"abcd 2345","name":"Eve","password":"correct horse"}`})
	c.do(step{operation: "getSession", status: 200})
	c.do(step{operation: "createToken", status: 201, body: `{"name":"script"}`})
	c.do(step{operation: "listTokens", status: 200})
	tokens, err := h.store.Tokens(t.Context())
	if err != nil || len(tokens) != 1 {
		t.Fatalf("tokens: %v, %v", tokens, err)
	}
	c.do(step{operation: "deleteToken", status: 204, path: map[string]string{"id": tokens[0].ID}})
	c.do(step{operation: "deleteToken", status: 404, path: map[string]string{"id": "nobody"}})
	c.do(step{operation: "getDescription", status: 200})
	c.do(step{operation: "health", status: 200})
	c.do(step{operation: "metrics", status: 200})
	c.library(h.tracks[0].ID, h.tracks[0].AlbumID)
	c.zones(h.tracks[0].ID)
	c.listeners(h.tracks[0].ID)
	c.devices()
	c.do(step{operation: "signOut", status: 204})
	c.do(step{operation: "signIn", status: 401, body: `{"name":"Min","password":"wrong"}`})
	c.do(step{operation: "signIn", status: 200, body: `{"name":"Min","password":"correct horse"}`})

	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !c.done[op.OperationID] && !onSockets[op.OperationID] {
				t.Errorf("%s was never asked with success", op.OperationID)
			}
		}
	}
}

func (c *checker) library(track, album string) {
	id := func(s string) map[string]string { return map[string]string{"id": s} }
	c.do(step{operation: "listTracks", status: 200, query: "limit=2&offset=1"})
	c.do(step{operation: "listTracks", status: 200, query: "album=" + album})
	c.do(step{operation: "listTracks", status: 400, query: "limit=many", wrong: true})
	c.do(step{operation: "listTracks", status: 422, query: "limit=1001", wrong: true})
	c.do(step{operation: "getTrack", status: 200, path: id(track)})
	c.do(step{operation: "getTrack", status: 404, path: id("no-such")})
	c.do(step{operation: "rateTrack", status: 200, path: id(track), body: `{"value":1}`})
	c.do(step{operation: "rateTrack", status: 422, path: id(track), body: `{"value":7}`, wrong: true})
	c.do(step{operation: "rateTrack", status: 415, path: id(track), body: `value=1`, mime: "text/plain", wrong: true})
	c.do(step{operation: "rateTrack", status: 400, path: id(track), body: `{"value":`, wrong: true})
	c.do(step{operation: "getTrackStream", status: 200, path: id(track)})
	c.do(step{operation: "listAlbums", status: 200, query: "artist=ar-ahn"})
	c.do(step{operation: "getAlbum", status: 200, path: id(album)})
	c.do(step{operation: "getAlbum", status: 404, path: id("no-such")})
	c.do(step{operation: "listArtists", status: 200})
	c.do(step{operation: "getArtist", status: 200, path: id("ar-ahn")})
	c.do(step{operation: "search", status: 200, query: "q=son"})
	c.do(step{operation: "search", status: 400, wrong: true})
	c.do(step{operation: "getChart", status: 200})
	c.do(step{operation: "mix", status: 200, body: fmt.Sprintf(`{"tracks":[%q]}`, track)})
	c.do(step{operation: "getCover", status: 200, path: id("co-1"), query: "size=300"})
	c.do(step{operation: "getCover", status: 404, path: id("co-2")})
	c.do(step{operation: "getScan", status: 200})
	c.do(step{operation: "startScan", status: 202})
	c.do(step{operation: "getScanReport", status: 200})
	c.do(step{operation: "createPlaylist", status: 201, body: fmt.Sprintf(`{"name":"Rain","tracks":[%q]}`, track)})
	c.do(step{operation: "createPlaylist", status: 404, body: `{"name":"Rain","tracks":["no-such"]}`})
	c.do(step{operation: "createPlaylist", status: 422, body: `{"name":"Rain","colour":"red"}`, wrong: true})
	c.do(step{operation: "listPlaylists", status: 200})
	lists, err := c.store().PlaylistTracks(c.t.Context(), c.playlist())
	if err != nil || len(lists) != 1 {
		c.t.Fatalf("the playlist has %v, %v", lists, err)
	}
	c.do(step{operation: "getPlaylist", status: 200, path: id(c.playlist())})
	c.do(step{operation: "changePlaylist", status: 200, path: id(c.playlist()), body: `{"name":"Snow","tracks":[]}`})
	c.do(step{operation: "deletePlaylist", status: 204, path: id(c.playlist())})
	c.do(step{operation: "deletePlaylist", status: 404, path: id("no-such")})
}

func (c *checker) listeners(track string) {
	id := func(s string) map[string]string { return map[string]string{"id": s} }
	c.do(step{operation: "listListeners", status: 200})
	c.do(step{operation: "createListener", status: 201, body: `{"name":"Jun","child":true}`})
	c.do(step{operation: "createListener", status: 409, body: `{"name":"jun"}`})
	c.do(step{operation: "createListener", status: 422, body: `{"name":""}`, wrong: true})
	all, err := c.house.store.Listeners(c.t.Context())
	if err != nil || len(all) != 2 {
		c.t.Fatalf("listeners: %v, %v", all, err)
	}
	jun := all[1].ID
	c.do(step{operation: "changeListener", status: 200, path: id(jun), body: `{"name":"Juno","learning":false}`})
	c.do(step{operation: "changeListener", status: 404, path: id("nobody"), body: `{"name":"Juno"}`})
	c.do(step{operation: "changeZone", status: 200, path: id("z1"), body: fmt.Sprintf(`{"listeners":[%q],"learning":false}`, jun)})
	c.do(step{operation: "changeZone", status: 404, path: id("z1"), body: `{"listeners":["nobody"]}`})
	c.do(step{operation: "rateTrack", status: 200, path: id(track), body: `{"value":-1,"zone":"z1"}`})
	c.do(step{operation: "setWish", status: 200, path: id(jun), body: `{"kind":"artist","id":"ar-ahn","wish":"ban"}`})
	c.do(step{operation: "setWish", status: 404, path: id(jun), body: `{"kind":"artist","id":"nobody","wish":"pin"}`})
	c.do(step{operation: "setWish", status: 422, path: id(jun), body: `{"kind":"artist","id":"ar-ahn","wish":"adore"}`, wrong: true})
	c.do(step{operation: "getTaste", status: 200, path: id(jun)})
	c.do(step{operation: "getTaste", status: 200, path: id("zone:z1")})
	c.do(step{operation: "getTaste", status: 404, path: id("nobody")})
	c.do(step{operation: "notMe", status: 200, path: id(jun), body: `{"hours":3}`})
	c.do(step{operation: "notMe", status: 422, path: id(jun), body: `{"hours":2}`, wrong: true})
	c.do(step{operation: "getScrobbling", status: 200, path: id(jun)})
	c.do(step{operation: "setScrobbling", status: 200, path: id(jun), body: `{"url":"https://lb.example","token":"secret-of-jun"}`})
	c.do(step{operation: "setScrobbling", status: 422, path: id(jun), body: `{"url":"nowhere","token":"secret-of-jun"}`})
	c.do(step{operation: "setScrobbling", status: 422, path: id(jun), body: `{"url":"https://lb.example","token":""}`, wrong: true})
	c.do(step{operation: "getScrobbling", status: 200, path: id(jun)})
	c.do(step{operation: "stopScrobbling", status: 204, path: id(jun)})
	c.do(step{operation: "exportTaste", status: 200, path: id(jun)})
	c.do(step{operation: "exportTaste", status: 404, path: id("nobody")})
	c.do(step{operation: "forgetTaste", status: 204, path: id(jun)})
	c.do(step{operation: "deleteListener", status: 204, path: id(jun)})
	c.do(step{operation: "deleteListener", status: 404, path: id(jun)})
}

func (c *checker) zones(track string) {
	id := func(s string) map[string]string { return map[string]string{"id": s} }
	entry := func(e string) map[string]string { return map[string]string{"id": "z1", "entry": e} }
	c.do(step{operation: "listZones", status: 200})
	c.do(step{operation: "createZone", status: 201, body: `{"name":"Kitchen"}`})
	c.do(step{operation: "getZone", status: 200, path: id("z2")})
	c.do(step{operation: "getZone", status: 404, path: id("z9")})
	c.do(step{operation: "deleteZone", status: 204, path: id("z2")})
	c.do(step{operation: "deleteZone", status: 409, path: id("z1")})
	c.do(step{operation: "changeZone", status: 200, path: id("z1"), body: `{"name":"Den","repeat":"all","shuffle":true,"context":{"kind":"track","id":"` + track + `"}}`})
	c.do(step{operation: "changeZone", status: 422, path: id("z1"), body: `{"repeat":"twice"}`, wrong: true})
	c.do(step{operation: "changeZone", status: 200, path: id("z1"), body: `{"shuffle":false,"mix":true}`})
	c.do(step{operation: "changeZone", status: 422, path: id("z1"), body: `{"shuffle":true,"mix":true}`})
	c.do(step{operation: "play", status: 409, path: id("z1")})
	c.do(step{operation: "addToQueue", status: 201, path: id("z1"), body: `{"artist":"ar-ahn","at":"now"}`})
	c.do(step{operation: "addToQueue", status: 409, path: id("z1"), body: `{"tracks":["` + track + `"],"revision":99}`})
	c.do(step{operation: "addToQueue", status: 422, path: id("z1"), body: `{"tracks":["` + track + `"],"album":"x"}`})
	c.do(step{operation: "getQueue", status: 200, path: id("z1")})
	c.do(step{operation: "getQueue", status: 200, path: id("z1"), query: "offset=2&limit=2"})
	c.do(step{operation: "changeQueue", status: 200, path: id("z1"), body: `{"move":{"ids":["e2"],"before":"e1"}}`})
	c.do(step{operation: "changeQueue", status: 404, path: id("z1"), body: `{"move":{"ids":["e99"]}}`})
	c.do(step{operation: "removeFromQueue", status: 204, path: entry("e1")})
	c.do(step{operation: "removeFromQueue", status: 404, path: entry("e1")})
	c.do(step{operation: "createPlaylist", status: 201, body: `{"name":"Tonight","zone":"z1"}`})
	for _, press := range []string{"play", "pause", "next", "previous", "jump", "stop"} {
		c.do(step{operation: press, status: 200, path: id("z1")})
	}
	c.do(step{operation: "play", status: 200, path: id("z1"), body: `{"entry":"e2"}`})
	c.do(step{operation: "jump", status: 200, path: id("z1"), body: `{"after":true}`})
	c.do(step{operation: "seek", status: 200, path: id("z1"), body: `{"offsetMs":1500}`})
	c.do(step{operation: "seek", status: 422, path: id("z1"), body: `{"offsetMs":-1}`, wrong: true})
	c.do(step{operation: "getZoneStream", status: 200, path: id("z1")})
	c.do(step{operation: "changeQueue", status: 200, path: id("z1"), body: `{"clear":true}`})
	session := map[string]string{"id": "z1", "session": "s1"}
	c.do(step{operation: "whep", status: 201, path: id("z1"), body: "v=0\r\n", mime: "application/sdp"})
	c.do(step{operation: "whepTrickle", status: 204, path: session, body: "a=end\r\n", mime: "application/trickle-ice-sdpfrag"})
	c.do(step{operation: "whepEnd", status: 200, path: session})
	c.do(step{operation: "whip", status: 201, path: id("z1"), body: "v=0\r\n", mime: "application/sdp"})
	c.do(step{operation: "whipTrickle", status: 204, path: session, body: "a=end\r\n", mime: "application/trickle-ice-sdpfrag"})
	c.do(step{operation: "whipEnd", status: 200, path: session})
}

func (c *checker) devices() {
	id := map[string]string{"id": "192.0.2.7:8009"}
	c.do(step{operation: "addDevice", status: 201, body: `{"kind":"cast","address":"192.0.2.7:8009","name":"TV"}`})
	c.do(step{operation: "addDevice", status: 422, body: `{"kind":"cast","address":"http://x/"}`})
	c.do(step{operation: "listDevices", status: 200})
	c.do(step{operation: "getDevice", status: 200, path: id})
	c.do(step{operation: "changeDevice", status: 200, path: id, body: `{"volume":20,"zone":"z1"}`})
	c.do(step{operation: "changeDevice", status: 200, path: id, body: `{"zone":null}`})
	c.do(step{operation: "changeDevice", status: 404, path: id, body: `{"zone":"z9"}`})
	c.do(step{operation: "changeDevice", status: 200, path: id, body: `{"cast":{"mode":"queue","hiRes":true,"hold":true}}`})
	c.do(step{operation: "changeDevice", status: 422, path: id, body: `{"cast":{"mode":"loud"}}`, wrong: true})
	c.do(step{operation: "changeDevice", status: 422, path: id, body: `{"cast":{"certificate":"burn"}}`, wrong: true})
	c.do(step{operation: "changeDevice", status: 200, path: id, body: `{"cast":{"member":{"id":"ab","volume":20}}}`})
	c.do(step{operation: "changeDevice", status: 422, path: id, body: `{"cast":{"member":{"id":"ab"}}}`})
	c.do(step{operation: "changeDevice", status: 422, path: id, body: `{"cast":{}}`, wrong: true})
	c.do(step{operation: "changeDevice", status: 422, path: id, body: `{}`, wrong: true})
	c.do(step{operation: "pairDevice", status: 200, path: id, body: `{"method":"digits"}`})
	c.do(step{operation: "pairDevice", status: 200, path: id, body: `{"method":"token","token":"SP:0AAAA"}`})
	c.do(step{operation: "pairDevice", status: 422, path: id, body: `{"method":"token"}`})
	c.do(step{operation: "pairDevice", status: 422, path: id, body: `{"method":"magic"}`, wrong: true})
	c.do(step{operation: "enterPairingCode", status: 422, path: id, body: `{"code":"1"}`})
	c.do(step{operation: "enterPairingCode", status: 200, path: id, body: `{"code":"123456"}`})
	c.do(step{operation: "cancelPairing", status: 200, path: id})
	c.do(step{operation: "unpairDevice", status: 200, path: id})
	c.do(step{operation: "unpairDevice", status: 404, path: map[string]string{"id": "nobody"}})
	c.do(step{operation: "announce", status: 202, query: "device=192.0.2.7:8009&duck=30&volume=40", body: "RIFF", mime: "audio/wav"})
	c.do(step{operation: "announce", status: 404, query: "device=nobody", body: "RIFF", mime: "audio/wav"})
	c.do(step{operation: "announce", status: 422, body: "RIFF", mime: "audio/wav"})
	c.do(step{operation: "announce", status: 422, query: "zone=z1&duck=300", body: "RIFF", mime: "audio/wav", wrong: true})
	c.do(step{operation: "announce", status: 415, query: "zone=z1", body: `{}`, wrong: true})
	c.do(step{operation: "changePlayerSettings", status: 200, body: `{"cleartext":false}`})
	c.do(step{operation: "changePlayerSettings", status: 422, body: `{}`, wrong: true})
	c.do(step{operation: "getPlayerSettings", status: 200})
	c.do(step{operation: "deleteDevice", status: 204, path: id})
}

// checker asks the server and holds both sides to the description.
type checker struct {
	t      *testing.T
	doc    *openapi3.T
	house  *house
	cookie *http.Cookie
	done   map[string]bool
}

func (c *checker) store() Catalog { return c.house.store }

func (c *checker) playlist() string {
	c.t.Helper()
	lists, _, err := c.house.store.Playlists(c.t.Context(), pageAll)
	if err != nil || len(lists) == 0 {
		c.t.Fatalf("playlists: %v, %v", lists, err)
	}
	return lists[0].ID
}

func (c *checker) find(operation string) *routers.Route {
	for path, item := range c.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == operation {
				return &routers.Route{Spec: c.doc, Path: path, PathItem: item, Method: method, Operation: op}
			}
		}
	}
	c.t.Fatalf("no operation %s", operation)
	return nil
}

func (c *checker) do(s step) {
	c.t.Helper()
	route := c.find(s.operation)
	path := route.Path
	for name, value := range s.path {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	if route.PathItem.Servers == nil {
		path = "/api/v1" + path
	}
	req, err := http.NewRequest(route.Method, c.house.server.URL+path+"?"+s.query, strings.NewReader(s.body))
	if err != nil {
		c.t.Fatal(err)
	}
	if s.body != "" {
		req.Header.Set("Content-Type", "application/json")
		if s.mime != "" {
			req.Header.Set("Content-Type", s.mime)
		}
	}
	if c.cookie != nil {
		req.AddCookie(c.cookie)
	}
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true,
	}
	input := &openapi3filter.RequestValidationInput{Request: req, PathParams: s.path, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(c.t.Context(), input); (err != nil) != s.wrong {
		c.t.Errorf("%s: the request against the description: %v, want an error: %v", s.operation, err, s.wrong)
	}
	req.Body = io.NopCloser(strings.NewReader(s.body))
	res, body := c.house.send(req)
	if res.StatusCode != s.status {
		c.t.Errorf("%s %s: %d, want %d: %s", s.operation, path, res.StatusCode, s.status, body)
		return
	}
	for _, cookie := range res.Cookies() {
		c.cookie = cookie
	}
	err = openapi3filter.ValidateResponse(c.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader([]byte(body))), Options: options,
	})
	if err != nil {
		c.t.Errorf("%s: the answer against the description: %v\n%s", s.operation, err, body)
	}
	if s.status < 300 {
		c.done[s.operation] = true
	}
}
