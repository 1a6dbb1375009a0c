package rtc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Bounds of what clients may ask for.
const (
	maxSessions   = 64
	maxSDP        = 64 << 10
	gatherTimeout = 5 * time.Second
	// connectPatience is for a phone that has just woken up, too.
	connectPatience = 20 * time.Second
)

// Config is what a Server is made of.
type Config struct {
	Clock audio.Clock
	// Join starts the stream of a new session: whoever implements it writes
	// the named zone's packets to the session, from any goroutine, until leave
	// is called. It is called before a session is answered, so that whoever
	// listens is known to when the answer comes; an error refuses the offer
	// with 503.
	Join func(ctx context.Context, zone string, s *Session) (leave func(), err error)
	// Publish says who takes what a new source sends to the named zone; an error
	// refuses the offer with 503. Nil: nobody, WHIP is answered with 501.
	Publish func(ctx context.Context, zone string, s *Source) (Sink, error)
	// ConnectTimeout ends a session whose peer does not connect; 0 is 20 s.
	ConnectTimeout time.Duration
	Log            *slog.Logger // nil discards
}

// Server answers WHEP and WHIP requests. Run must run for sessions to connect.
type Server struct {
	cfg Config
	api *webrtc.API
	mux *ice.UDPMuxDefault

	mu       sync.Mutex
	sessions map[string]session
	entered  int // sessions, and offers that are being answered
	closed   bool
	living   sync.WaitGroup
}

// session is what a peer connection is to the server, whichever way its sound goes.
type session interface {
	ID() string
	connection() *webrtc.PeerConnection
	run(connectTimeout time.Duration) error
	end(why error)
}

// New opens the UDP port that all sessions share, on every address of the host.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connectPatience
	}
	udp, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, fmt.Errorf("open a UDP port for WebRTC: %w", err)
	}
	media := &webrtc.MediaEngine{}
	err = media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: opusCapability(),
		PayloadType:        111,
	}, webrtc.RTPCodecTypeAudio)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("register Opus: %w", err), udp.Close())
	}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: udp})
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(mux)
	settings.SetIncludeLoopbackCandidate(true)
	// The names that browsers make up for privacy need an mDNS responder of
	// pion's own, which would take port 5353 from ours.
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	return &Server{
		cfg: cfg, mux: mux, sessions: map[string]session{},
		api: webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings)),
	}, nil
}

func opusCapability() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
		SDPFmtpLine: "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1",
	}
}

// Run waits for ctx to end, then ends every session and gives the port back.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	s.closed = true
	for _, session := range s.sessions {
		session.end(context.Canceled)
	}
	s.mu.Unlock()
	s.living.Wait()
	return s.mux.Close() // and with it the port
}

// WHEP answers, for peers that listen, POST for the zone in the path value id, and
// PATCH and DELETE for the session in the path value session.
func (s *Server) WHEP() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, s.listener) })
}

// WHIP answers the same for peers that send (RFC 9725).
func (s *Server) WHIP() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.cfg.Publish == nil {
			http.Error(w, "nothing is taken here", http.StatusNotImplemented)
			return
		}
		s.serve(w, r, s.source)
	})
}

// opening makes a session of an offer and the answer to it. It returns what is to
// be done once the session has ended.
type opening func(r *http.Request, peer *webrtc.PeerConnection, offer string) (_ session, answer string, part func(), err error)

func (s *Server) serve(w http.ResponseWriter, r *http.Request, open opening) {
	id := r.PathValue("session")
	switch {
	case r.Method == http.MethodPost && id == "":
		s.serveOffer(w, r, open)
	case r.Method == http.MethodPatch && id != "":
		s.serveTrickle(w, r, id)
	case r.Method == http.MethodDelete && id != "":
		session := s.session(id)
		if session == nil {
			http.Error(w, "there is no such session", http.StatusNotFound)
			return
		}
		session.end(nil)
		w.WriteHeader(http.StatusOK)
	default:
		http.Error(w, "POST an offer, PATCH candidates, DELETE the session", http.StatusMethodNotAllowed)
	}
}

func (s *Server) session(id string) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

// body reads an SDP of the given type, or answers the request.
func body(w http.ResponseWriter, r *http.Request, want string) (string, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != want {
		http.Error(w, "send "+want, http.StatusUnsupportedMediaType)
		return "", false
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSDP))
	if err != nil {
		http.Error(w, "the body is too large or was cut off", http.StatusBadRequest)
		return "", false
	}
	return string(text), true
}

// errRefused is an offer with no audio line for Opus that goes the right way.
var errRefused = errors.New("the offer has no audio line for Opus that goes this way")

func (s *Server) serveOffer(w http.ResponseWriter, r *http.Request, open opening) {
	offer, ok := body(w, r, "application/sdp")
	if !ok {
		return
	}
	session, answer, err := s.answer(r, offer, open)
	switch {
	case errors.Is(err, errRefused), errors.Is(err, webrtc.ErrSenderWithNoCodecs), errors.Is(err, webrtc.ErrUnsupportedCodec):
		http.Error(w, errRefused.Error(), http.StatusNotAcceptable)
		return
	case errors.Is(err, errBusy):
		s.cfg.Log.Info("a WebRTC offer was not answered", "error", err)
		w.Header().Set("Retry-After", "10")
		http.Error(w, "no more browsers can be taken now", http.StatusServiceUnavailable)
		return
	case err != nil:
		s.cfg.Log.Info("a WebRTC offer was not answered", "error", err)
		http.Error(w, "the offer could not be answered", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("ETag", iceTag)
	w.Header().Set("Location", strings.TrimSuffix(r.URL.Path, "/")+"/"+session.ID())
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

// errBusy is returned when as many sessions are open as may be, and when the
// zone takes nobody.
var errBusy = errors.New("no further session")

// answer makes a session of an offer and runs it.
func (s *Server) answer(r *http.Request, offer string, open opening) (_ session, _ string, err error) {
	if err := s.enter(); err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			s.leave(nil)
		}
	}()
	peer, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", fmt.Errorf("make a peer connection: %w", err)
	}
	session, answer, part, err := open(r, peer, offer)
	if err != nil {
		return nil, "", errors.Join(err, peer.GracefulClose())
	}
	s.begin(session, part)
	return session, answer, nil
}

// listener makes a session that listens, and lets it join its zone.
func (s *Server) listener(r *http.Request, peer *webrtc.PeerConnection, offer string) (session, string, func(), error) {
	l, err := newSession(sessionID(), r.URL.Query().Get("ticket"), peer, s.cfg.Clock)
	if err != nil {
		return nil, "", nil, err
	}
	answer, err := negotiate(r.Context(), peer, offer, webrtc.RTPTransceiverDirectionSendonly)
	if err != nil {
		return nil, "", nil, err
	}
	part, err := s.cfg.Join(r.Context(), r.PathValue("id"), l)
	if err != nil {
		return nil, "", nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	return l, answer, part, nil
}

// source makes a session that sends, and finds who takes that.
func (s *Server) source(r *http.Request, peer *webrtc.PeerConnection, offer string) (session, string, func(), error) {
	from, err := newSource(sessionID(), r.URL.Query().Get("name"), peer)
	if err != nil {
		return nil, "", nil, err
	}
	answer, err := negotiate(r.Context(), peer, offer, webrtc.RTPTransceiverDirectionRecvonly)
	if err != nil {
		return nil, "", nil, err
	}
	if from.sink, err = s.cfg.Publish(r.Context(), r.PathValue("id"), from); err != nil {
		return nil, "", nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	return from, answer, from.sink.Close, nil
}

// sessionID is a name that nobody can guess.
func sessionID() string { return strings.ToLower(rand.Text()) }

// enter counts a session in before anything is made for it.
func (s *Server) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.entered >= maxSessions {
		return fmt.Errorf("%w: %d are open", errBusy, s.entered)
	}
	s.entered++
	s.living.Add(1)
	return nil
}

func (s *Server) leave(session session) {
	s.mu.Lock()
	s.entered--
	if session != nil {
		delete(s.sessions, session.ID())
	}
	s.mu.Unlock()
	s.living.Done()
}

// begin runs a session until it ends, then parts with it.
func (s *Server) begin(session session, part func()) {
	s.mu.Lock()
	s.sessions[session.ID()] = session
	if s.closed {
		session.end(context.Canceled)
	}
	s.mu.Unlock()
	go func() {
		defer s.leave(session)
		if err := session.run(s.cfg.ConnectTimeout); err != nil && !errors.Is(err, context.Canceled) {
			s.cfg.Log.Info("a WebRTC session ended", "error", err)
		}
		part()
		if err := session.connection().GracefulClose(); err != nil {
			s.cfg.Log.Debug("close a WebRTC session", "error", err)
		}
	}()
}

// negotiate answers an offer, with sound going our way, once all our own candidates
// are in the answer.
func negotiate(ctx context.Context, peer *webrtc.PeerConnection, offer string, way webrtc.RTPTransceiverDirection) (string, error) {
	err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	if err != nil {
		return "", fmt.Errorf("read the offer: %w", err)
	}
	answer, err := peer.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	sdp := peer.LocalDescription().SDP
	if !strings.Contains(sdp, "opus/48000") || !strings.Contains(sdp, "a="+way.String()) {
		return "", errRefused
	}
	return sdp, nil
}

// iceTag names a session's only ICE session (RFC 9725 section 4.3.1).
const iceTag = `"1"`

func (s *Server) serveTrickle(w http.ResponseWriter, r *http.Request, id string) {
	fragment, ok := body(w, r, "application/trickle-ice-sdpfrag")
	if !ok {
		return
	}
	session := s.session(id)
	if session == nil {
		http.Error(w, "there is no such session", http.StatusNotFound)
		return
	}
	switch r.Header.Get("If-Match") {
	case "", iceTag:
	case "*":
		http.Error(w, "ICE is not restarted here: post another offer", http.StatusNotImplemented)
		return
	default:
		http.Error(w, "these candidates are of another ICE session", http.StatusPreconditionFailed)
		return
	}
	for _, candidate := range candidates(fragment) {
		if err := session.connection().AddICECandidate(candidate); err != nil {
			s.cfg.Log.Debug("a candidate was not taken", "error", err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// candidates reads the candidate lines of a fragment (RFC 8840 section 4).
func candidates(fragment string) []webrtc.ICECandidateInit {
	var out []webrtc.ICECandidateInit
	mid := ""
	for line := range strings.Lines(fragment) {
		line = strings.TrimRight(line, "\r\n")
		if value, ok := strings.CutPrefix(line, "a=mid:"); ok {
			mid = value
		}
		if strings.HasPrefix(line, "a=candidate:") {
			section := mid
			out = append(out, webrtc.ICECandidateInit{Candidate: strings.TrimPrefix(line, "a="), SDPMid: &section})
		}
	}
	return out
}
