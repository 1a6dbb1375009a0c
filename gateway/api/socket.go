package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// upgrader leaves the check of Origin to the guard, which has made it.
var upgrader = websocket.Upgrader{
	ReadBufferSize: 4096, WriteBufferSize: 16384,
	CheckOrigin: func(*http.Request) bool { return true },
}

// command is one message of a client.
type command struct {
	id   string
	name string
	args json.RawMessage // the object without id and cmd
}

var errCommand = errors.New("api: not a command")

// parseCommand takes a client's message apart.
func parseCommand(message []byte) (command, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(message, &all); err != nil {
		return command{}, errCommand
	}
	var c command
	if json.Unmarshal(all["id"], &c.id) != nil || json.Unmarshal(all["cmd"], &c.name) != nil {
		return command{}, errCommand
	}
	if c.id == "" || len(c.id) > 64 || c.name == "" || len(c.name) > 64 {
		return command{}, errCommand
	}
	delete(all, "id")
	delete(all, "cmd")
	raw, err := json.Marshal(all)
	if err != nil {
		return command{}, errCommand
	}
	c.args = raw
	return c, nil
}

// replyMessage answers one command.
type replyMessage struct {
	Type    string   `json:"type"`
	ID      string   `json:"id"`
	OK      bool     `json:"ok"`
	Result  any      `json:"result"`
	Problem *Problem `json:"problem,omitempty"`
}

func (a *API) replyTo(c command, result any, err error) []byte {
	m := replyMessage{Type: "reply", ID: c.id, OK: err == nil, Result: result}
	if err != nil {
		m.Result, m.Problem = nil, problemOf(err)
		if m.Problem.Status == http.StatusInternalServerError {
			a.log.Error("command failed", "cmd", c.name, "err", err)
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		a.log.Error("write a reply", "cmd", c.name, "err", err)
	}
	return raw
}

// webSocket serves one client until it goes.
func (a *API) webSocket(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		a.fail(w, r, badRequest("This is a WebSocket; ask for the upgrade."))
		return
	}
	if !a.open.enter() { // before the upgrade: who got one is told goodbye
		a.fail(w, r, problem(http.StatusServiceUnavailable, "gone", "Stopping", phrase.Stopping))
		return
	}
	defer a.open.leave()
	who := callerOf(r.Context())
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		a.log.Debug("upgrade to a WebSocket", "from", remote(r), "err", err)
		return // it has answered
	}
	defer func() { _ = conn.Close() }() // it is over already
	c := newClient(who, conn)
	s := &socket{api: a, client: c}
	// Commands go on when the connection is lost while they are carried out.
	ctx := context.WithoutCancel(r.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		c.write(a.hub.ended, func() error {
			_, err := a.check(ctx, who.kind, who.secret)
			return err
		})
	})
	defer func() { // also when a command panics
		c.cut(websocket.CloseAbnormalClosure, "")
		writing.Wait()
		a.hub.leave(c)
		if s.session != nil {
			a.sessions.leave(s.session, c.closed)
		}
	}()
	c.read(func(message []byte) bool { return s.handle(ctx, message) })
}

// socket is what one connection's reader knows.
type socket struct {
	api     *API
	client  *client
	session *session // nil until it has subscribed
	unnamed string   // the session of a client that named none
}

// handle carries one message out; false ends the connection.
func (s *socket) handle(ctx context.Context, message []byte) bool {
	c, err := parseCommand(message)
	if err != nil {
		return false
	}
	if c.name == "subscribe" {
		return s.subscribe(c)
	}
	if s.session == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, ordinary)
	defer cancel()
	s.answer(s.api.sessions.once(s.session, c.id, func() []byte {
		result, err := s.carryOut(ctx, c)
		return s.api.replyTo(c, result, err)
	}))
	return true
}

func (s *socket) answer(message []byte) {
	if !s.client.queue(message) {
		s.client.cut(closeSlow, "reads too slowly")
	}
}

func (s *socket) carryOut(ctx context.Context, c command) (any, error) {
	switch c.name {
	case "listen":
		return args(s.listen)(ctx, c.args)
	case "unlisten":
		return args(s.unlisten)(ctx, c.args)
	}
	op, ok := s.api.operations[c.name]
	if !ok || !op.socket {
		return nil, problem(http.StatusNotFound, "not-found", "No such command", phrase.Program, "There is no command "+c.name+".")
	}
	return op.run(ctx, c.args)
}

type subscribed struct {
	Seq uint64 `json:"seq"`
}

// subscribe joins the hub; a second one just gets what it asks for again.
func (s *socket) subscribe(c command) bool {
	var in struct {
		Session string  `json:"session"`
		Since   *uint64 `json:"since"`
	}
	if decodeStrict(c.args, &in) != nil {
		return false
	}
	if in.Session == "" {
		// One that lasts as long as this connection.
		if s.unnamed == "" {
			s.unnamed = rand.Text()
		}
		in.Session = s.unnamed
	}
	if len(in.Session) < 8 || len(in.Session) > 64 {
		return false
	}
	key := sessionKey(s.client.who, in.Session)
	if s.session == nil {
		s.session = s.api.sessions.enter(key)
	} else if s.session.key != key {
		return false
	}
	code, reason := s.api.hub.join(s.client, in.Since, func(seq uint64) []byte {
		return s.api.replyTo(c, subscribed{seq}, nil)
	})
	if code != 0 {
		s.client.cut(code, reason)
	}
	return true
}

// sessionKey names a session of one caller: nobody else can come to it by
// using the same name.
func sessionKey(who caller, name string) string {
	sum := sha256.Sum256([]byte("jumpgate session\x00" + who.secret + "\x00" + name))
	return hex.EncodeToString(sum[:16])
}

func (s *socket) listen(ctx context.Context, in ListenRequest) (any, error) {
	a := s.api
	if a.cfg.Tabs == nil {
		return nil, errNoMedia
	}
	if in.Mode != "hls" && in.Mode != "whep" {
		return nil, invalid("mode must be hls or whep.")
	}
	if len(in.Name) > 100 {
		return nil, invalid("name has at most 100 characters.")
	}
	if _, err := a.zone(in.Zone); err != nil {
		return nil, err
	}
	l, err := a.cfg.Tabs.Listen(ctx, s.session.key, in)
	if err != nil {
		return nil, err
	}
	a.sessions.listening(s.session, true)
	return l, nil
}

func (s *socket) unlisten(ctx context.Context, _ none) (any, error) {
	if s.api.cfg.Tabs == nil {
		return nil, nil
	}
	s.api.sessions.listening(s.session, false)
	return nil, s.api.cfg.Tabs.Unlisten(ctx, s.session.key)
}

// whep hands a WebRTC listener to whoever speaks WHEP.
func (a *API) whep(w http.ResponseWriter, r *http.Request) {
	if _, err := a.zone(r.PathValue("id")); err != nil {
		a.fail(w, r, err)
		return
	}
	if a.cfg.Media == nil || a.cfg.Media.WHEP() == nil {
		a.fail(w, r, problem(http.StatusNotImplemented, "not-available", "No WebRTC", phrase.NoOpus))
		return
	}
	a.cfg.Media.WHEP().ServeHTTP(w, r)
}

// whip hands a WebRTC source to whoever speaks WHIP.
func (a *API) whip(w http.ResponseWriter, r *http.Request) {
	if _, err := a.zone(r.PathValue("id")); err != nil {
		a.fail(w, r, err)
		return
	}
	if a.cfg.Media == nil || a.cfg.Media.WHIP() == nil {
		a.fail(w, r, errNoMedia)
		return
	}
	a.cfg.Media.WHIP().ServeHTTP(w, r)
}

// gate counts who is inside, and lets nobody in once it is shut.
type gate struct {
	mu     sync.Mutex
	shut   bool
	inside sync.WaitGroup
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.inside.Add(1)
	}
	return !g.shut
}

func (g *gate) leave() { g.inside.Done() }

// close waits until everybody has left.
func (g *gate) close() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.inside.Wait()
}
