package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/webtransport-go"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/listen"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// livePusher pushes one stream to whoever comes.
type livePusher struct {
	live *hls.Live
	sent atomic.Int64
}

func (p *livePusher) Accept(r *http.Request) (func(context.Context, listen.PushSession) error, int) {
	if r.URL.Path != "/push" {
		return nil, http.StatusNotFound
	}
	return func(ctx context.Context, s listen.PushSession) error {
		return pushParts(ctx, p.live, s, func() { p.sent.Add(1) })
	}, 0
}

// pushPort is a port on loopback that pushes a stream.
type pushPort struct {
	*livePusher
	url  string
	hash []byte
	ca   *x509.Certificate
}

// startPushing runs it until the test ends.
func startPushing(t *testing.T, live *hls.Live) pushPort {
	t.Helper()
	ca, err := listen.OpenLocalCA(listen.LocalConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	pusher := &livePusher{live: live}
	port, err := listen.Open(listen.Config{
		Address: "127.0.0.1:0", Certificates: ca, Pusher: pusher,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<!doctype html>")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- port.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	hash, err := port.PushHash()
	if err != nil || len(hash) != 32 {
		t.Fatal(hash, err)
	}
	return pushPort{livePusher: pusher, url: "https://" + port.Address().String(), hash: hash, ca: ca.Certificate()}
}

// dial opens a session that takes so many streams at a time.
func (p pushPort) dial(t *testing.T, streams int64) *webtransport.Session {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.ca)
	transport := &webtransport.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		QUICConfig: &quic.Config{
			EnableDatagrams: true, EnableStreamResetPartialDelivery: true, MaxIncomingUniStreams: streams,
		},
	}
	_, session, err := transport.Dial(t.Context(), p.url+"/push", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = session.CloseWithError(0, "")
		_ = transport.Close()
	})
	return session
}

// nextPushed returns which part the next stream has, counted from the stream's start:
// each lasts 960 samples.
func nextPushed(ctx context.Context, s *webtransport.Session) (int, error) {
	for {
		stream, err := s.AcceptUniStream(ctx)
		if err != nil {
			return 0, err
		}
		data, err := io.ReadAll(stream)
		if err != nil {
			return 0, err
		}
		switch {
		case len(data) > 36 && data[0] == 1:
			return int(binary.BigEndian.Uint64(data[12:]) / 960), nil
		case len(data) == 0 || data[0] != 0: // the initialisation section
			return 0, fmt.Errorf("a part of %d bytes: %.4x", len(data), data)
		}
	}
}

// A client that reads nothing misses parts, and is sent the newest when it reads again.
// The one beside it is sent each part as soon as without.
func TestPushedBesideASlowClient(t *testing.T) {
	const parts = 150
	live, err := hls.NewLive(hls.LiveConfig{
		Codec:        hls.CodecConfig{Codec: "opus", Rate: 48000, Channels: 2, Header: []byte("OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00")},
		FrameSamples: 960, Part: 20 * time.Millisecond, Epoch: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	port := startPushing(t, live)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	quick := port.dial(t, 100)
	written := 0
	// play writes a part when the one before it has come, and tells how long each took.
	play := func() (took []time.Duration) {
		for range parts {
			at := time.Now()
			if err := live.WriteFrame(int64(written)*960, 960, make([]byte, 400)); err != nil {
				t.Fatal(err)
			}
			if got, err := nextPushed(ctx, quick); err != nil || got != written {
				t.Fatalf("part %d came, want %d: %v", got, written, err)
			}
			written++
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		return took
	}
	alone := play()
	slow := port.dial(t, 8)
	beside := play()
	t.Logf("a part takes %v (p95 %v) alone, %v (p95 %v) beside a client that does not read",
		alone[parts/2], alone[parts*95/100], beside[parts/2], beside[parts*95/100])
	if beside[parts/2] > time.Second {
		t.Error("it waits for the other one, which is given a second")
	}

	got := []int{}
	for len(got) == 0 || got[len(got)-1] < written-1 {
		part, err := nextPushed(ctx, slow)
		if err != nil {
			t.Fatalf("after %d: %v", got, err)
		}
		got = append(got, part)
	}
	slices.Sort(got) // streams may come in any order
	if len(got) > parts/2 || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("the slow client was sent %d of %d parts: %d", len(got), parts, got)
	}
}

// Whoever opens a session shows the signature that the gateway gave for its stream.
func TestPushIsSigned(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	signer := api.NewSigner(key, time.Now)
	tabs := newTabs(nil, &zones{}, audio.Clock{}, signer, func() []member.Rendition { return nil })
	tabs.streams["tab-1"] = &liveStream{}
	p := &pusher{signer: signer, tabs: tabs}
	good := signer.Path(string(zone.LiveHLS), "tab-1", pushName)
	forged := api.NewSigner([]byte(strings.Repeat("o", 32)), time.Now).Path(string(zone.LiveHLS), "tab-1", pushName)
	for path, want := range map[string]int{
		good:                                   0,
		forged:                                 http.StatusForbidden,
		strings.Replace(good, "tab-1", "x", 1): http.StatusForbidden,
		good[:20]:                              http.StatusForbidden,
		"/":                                    http.StatusForbidden,
		"/media/../" + pushName:                http.StatusForbidden,
		signer.Path(string(zone.OriginalFile), "tab-1", pushName):        http.StatusNotFound,
		signer.Path(string(zone.LiveHLS), "tab-1", "live.m3u8"):          http.StatusNotFound,
		signer.Path(string(zone.LiveHLS), "tab-2", pushName):             http.StatusNotFound,
		signer.Path(string(zone.LiveHLS), "tab-1", "../tab-2/"+pushName): http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Method = http.MethodConnect
		push, status := p.Accept(r)
		if status != want || (push != nil) != (want == 0) {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}
