package sendspin

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// ErrCleartext refuses a client of the cleartext dialect.
var ErrCleartext = errors.New("sendspin: players without encryption are not taken")

// Keyring keeps the pairing records: which long-term key each client has. Its
// methods are called from any goroutine; what Save was given is on disk when it
// returns.
type Keyring interface {
	// Key returns the client's long-term key. An error refuses the connection: a
	// record that cannot be read is no missing record.
	Key(clientID string) (key noise.PSK, found bool, err error)
	Save(clientID string, key noise.PSK) error
	Remove(clientID string) error
}

// greeting is what a client is known by once it has said hello.
type greeting struct {
	hello   wire.ClientHello
	dialect wire.Dialect
	session *noise.Session // nil in the cleartext dialect
	record  bool           // there is a pairing record
}

// greet waits for the client's first message, which tells its dialect, and
// brings it to its hello.
func (s *Server) greet(conn *transport.Conn) (greeting, error) {
	conn.SetReadLimit(wire.MaxText)
	_ = conn.SetReadDeadline(time.Now().Add(s.cfg.Timing.Hello))
	in, _, err := conn.Read(wire.MaxText)
	if err != nil {
		return greeting{}, fmt.Errorf("wait for the hello: %w", err)
	}
	if !in.JSON {
		return greeting{}, fmt.Errorf("%w: binary before the hello", wire.ErrMalformed)
	}
	first := in.Data
	if s.cfg.Identity != nil && noise.IsClientInit(first) {
		return s.greetNow(conn, first)
	}
	m, err := wire.Parse(first)
	if err != nil {
		return greeting{}, err
	}
	hello, err := wire.ParseClientHello(m)
	if err != nil {
		return greeting{}, err
	}
	switch {
	case s.refuseCleartext.Load():
		return greeting{}, ErrCleartext
	case s.cfg.Identity != nil && isKey(hello.ID):
		// Ids of this form are proven by their key, never just said.
		return greeting{}, fmt.Errorf("%w: a key for a client_id", wire.ErrMalformed)
	}
	return greeting{hello: hello, dialect: wire.Cleartext}, nil
}

func isKey(id string) bool {
	_, err := noise.ParseID(id)
	return err == nil
}

// greetNow is the current dialect's beginning: init messages, handshake, both
// hellos.
func (s *Server) greetNow(conn *transport.Conn, clientInit []byte) (greeting, error) {
	init, remote, err := noise.ParseClientInit(clientInit)
	if err != nil {
		var refused *noise.InitError
		if errors.As(err, &refused) {
			if text, err := noise.EncodeServerError(refused.Reason); err == nil {
				_ = conn.WriteJSON(text)
			}
		}
		return greeting{}, err
	}
	key, record, err := s.keyFor(init.ID)
	if err != nil {
		return greeting{}, err
	}
	session, err := s.shake(conn, noise.Terms{Suite: init.Suite, Local: *s.cfg.Identity, Remote: remote}, clientInit, key)
	if err != nil {
		return greeting{}, err
	}
	conn.Secure(session)
	conn.SetReadLimit(noise.MaxTransport)
	if err := s.sayHello(conn); err != nil {
		return greeting{}, err
	}
	m, err := s.firstMessage(conn)
	if err != nil {
		return greeting{}, err
	}
	if m.Type == wire.TypeClientGoodbye {
		var bye wire.ClientGoodbye
		if err := m.Decode(&bye); err != nil {
			return greeting{}, err
		}
		return greeting{}, &GoodbyeError{Reason: bye.Reason}
	}
	hello, err := wire.ParseHelloNow(m, init.ID)
	return greeting{hello: hello, dialect: wire.Current, session: session, record: record}, err
}

// keyFor is what the first handshake with a client refers to.
func (s *Server) keyFor(clientID string) (key noise.Key, record bool, err error) {
	if s.cfg.Keys == nil {
		return noise.SentinelKey(), false, nil
	}
	psk, found, err := s.cfg.Keys.Key(clientID)
	switch {
	case err != nil:
		return noise.Key{}, false, fmt.Errorf("pairing record of %s: %w", clientID, err)
	case !found:
		return noise.SentinelKey(), false, nil
	default:
		return noise.Key{PSK: psk, Category: noise.LongTerm}, true, nil
	}
}

func (s *Server) shake(conn *transport.Conn, terms noise.Terms, clientInit []byte, key noise.Key) (*noise.Session, error) {
	serverInit, err := noise.EncodeServerInit(s.cfg.Identity.ID())
	if err != nil {
		return nil, err
	}
	terms.Prologue = noise.Prologue(clientInit, serverInit)
	initiator, first, err := noise.Initiate(terms, key, true)
	if err != nil {
		return nil, err
	}
	text, err := noise.HandshakeMessage(first)
	if err != nil {
		return nil, err
	}
	for _, out := range [][]byte{serverInit, text} {
		if err := conn.WriteJSON(out); err != nil {
			return nil, fmt.Errorf("handshake: %w", err)
		}
	}
	kind, answer, err := conn.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("wait for the handshake: %w", err)
	}
	if kind != websocket.TextMessage {
		return nil, fmt.Errorf("%w: binary within the handshake", noise.ErrNoise)
	}
	second, err := noise.ParseHandshakeMessage(answer)
	if err != nil {
		return nil, err
	}
	return initiator.Finish(second)
}

func (s *Server) sayHello(conn *transport.Conn) error {
	text, err := wire.EncodeIn(wire.Current, wire.TypeServerHello, wire.ServerHello{
		Name: s.cfg.Name, Languages: s.cfg.Languages, Source: &wire.SourceSupport{Codecs: sourceCodecs},
	})
	if err != nil {
		return err
	}
	if err := conn.WriteJSON(text); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	return nil
}

// firstMessage waits for the first encrypted message.
func (s *Server) firstMessage(conn *transport.Conn) (wire.Message, error) {
	for {
		m, ok, err := conn.Read(wire.MaxText)
		if err != nil {
			return wire.Message{}, fmt.Errorf("wait for the hello: %w", err)
		}
		if !ok {
			continue
		}
		if !m.JSON {
			return wire.Message{}, fmt.Errorf("%w: binary before the hello", wire.ErrMalformed)
		}
		return wire.Parse(m.Data)
	}
}
