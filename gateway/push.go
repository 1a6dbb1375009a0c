package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/listen"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// pushName is what a live stream's WebTransport session is asked for by, beside
// its playlist.
const pushName = "push"

// pusher pushes the parts of live streams: it implements listen.Pusher. The
// framing is hls.Pushed's, and is described in docs/hls.md.
type pusher struct {
	signer *api.Signer
	tabs   *tabs
}

// Accept implements listen.Pusher. The URL is signed as a playlist's is.
func (p *pusher) Accept(r *http.Request) (func(context.Context, listen.PushSession) error, int) {
	kind, id, file, err := p.signer.Open(r.URL.Path)
	if err != nil {
		return nil, http.StatusForbidden
	}
	name, ok := strings.CutSuffix(file, pushName)
	if kind != string(zone.LiveHLS) || !ok {
		return nil, http.StatusNotFound
	}
	if name = strings.Trim(name, "/"); name != "" {
		id += "/" + name
	}
	live, err := p.tabs.stream(r.Context(), id)
	if err != nil {
		return nil, http.StatusNotFound
	}
	return func(ctx context.Context, s listen.PushSession) error {
		stream, err := live.Stream(ctx)
		if err != nil {
			return err
		}
		return pushParts(ctx, stream, s, func() { p.tabs.touch(id) })
	}, 0
}

// pushParts sends each part on a stream of its own. A client that is slow misses
// parts; nobody else is kept waiting.
func pushParts(ctx context.Context, live *hls.Live, s listen.PushSession, sent func()) error {
	_, head := live.Init()
	if err := s.Send(ctx, live.InitHead(), head); err != nil {
		return err
	}
	at := live.Since(time.Now())
	for {
		part, behind, err := live.Next(ctx, at)
		if err != nil {
			return err
		}
		at = behind
		sent()
		if err := s.Send(ctx, part.PushHead(), part.Data); err != nil && !errors.Is(err, listen.ErrSlow) {
			return err
		}
	}
}
