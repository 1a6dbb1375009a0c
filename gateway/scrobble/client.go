package scrobble

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors that callers test for.
var (
	// ErrToken: the service does not know this token (any more).
	ErrToken = errors.New("scrobble: the token is not accepted")
	// ErrRefused: the service will never take this.
	ErrRefused = errors.New("scrobble: refused")
	// ErrURL: this cannot be the address of a service.
	ErrURL = errors.New("scrobble: not the address of a service")
)

// Later is an error that passes: the service was away, or wants to be left alone
// for a while.
type Later struct {
	After time.Duration // at least so long; 0 where it did not say
	Cause error
}

func (l *Later) Error() string { return "scrobble: not now: " + l.Cause.Error() }

// Unwrap returns the cause.
func (l *Later) Unwrap() error { return l.Cause }

// Token lets in to a service. It is never logged or written as JSON.
type Token string

// String hides the token.
func (Token) String() string { return "(token)" }

// GoString hides the token.
func (Token) GoString() string { return "(token)" }

// LogValue hides the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON hides the token.
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"(token)"`), nil }

// Account is where a listener's listens go.
type Account struct {
	URL   string // of the service, as CheckURL returned it
	Token Token
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// patience is how long a request may take.
const patience = 20 * time.Second

// client speaks the API. It follows no redirection: what was asked for with a
// token is answered by whom it was asked.
type client struct {
	http    http.Client
	version string
}

func newClient(version string, transport http.RoundTripper) *client {
	return &client{version: version, http: http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// CheckURL returns the root of a service's API in one form: http or https, a
// host, and maybe a path, such as https://api.listenbrainz.org. Errors: ErrURL,
// wrapped.
func CheckURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: it cannot be read", ErrURL) // the cause repeats what may hold a password
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%w: it begins with http:// or https://", ErrURL)
	case u.Host == "" || len(text) > 500:
		return "", fmt.Errorf("%w: it names a host", ErrURL)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("%w: it has a host and a path and nothing else", ErrURL)
	}
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/1")
	return u.Scheme + "://" + u.Host + strings.TrimRight(path, "/"), nil
}

// check asks the service whether it knows a token. Errors: ErrToken, *Later.
func (c *client) check(ctx context.Context, to Account) error {
	var answer struct {
		Valid *bool `json:"valid"`
	}
	if err := c.do(ctx, to, http.MethodGet, "/1/validate-token", nil, &answer); err != nil {
		return err
	}
	if answer.Valid != nil && !*answer.Valid {
		return ErrToken
	}
	return nil
}

// now tells the service what plays.
func (c *client) now(ctx context.Context, to Account, l Listen) error {
	return c.submit(ctx, to, "playing_now", []payload{l.payload(c.version, true)})
}

// send hands listens on. Errors: ErrToken, ErrRefused, *Later.
func (c *client) send(ctx context.Context, to Account, listens []Listen) error {
	kind := "import"
	if len(listens) == 1 {
		kind = "single"
	}
	all := make([]payload, len(listens))
	for i, l := range listens {
		all[i] = l.payload(c.version, false)
	}
	return c.submit(ctx, to, kind, all)
}

func (c *client) submit(ctx context.Context, to Account, kind string, all []payload) error {
	body, err := json.Marshal(map[string]any{"listen_type": kind, "payload": all})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return c.do(ctx, to, http.MethodPost, "/1/submit-listens", body, nil)
}

func (c *client) do(ctx context.Context, to Account, method, path string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, to.URL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrURL, err)
	}
	r.Header.Set("Authorization", "Token "+string(to.Token))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Jumpgate/"+c.version)
	res, err := c.http.Do(r)
	if err != nil {
		return &Later{Cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return &Later{Cause: err}
	}
	if err := verdict(res, text); err != nil {
		return err
	}
	if into != nil && json.Unmarshal(text, into) != nil {
		return &Later{Cause: errors.New("the answer is not JSON: is this the API's address?")}
	}
	return nil
}

// verdict says what an answer means.
func verdict(res *http.Response, text []byte) error {
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return ErrToken
	case res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %s", ErrRefused, said(text))
	}
	// 429 Too Many Requests says when; the rest may pass.
	return &Later{After: wait(res.Header), Cause: fmt.Errorf("it answers %s", res.Status)}
}

// said is the service's own sentence.
func said(text []byte) string {
	var problem struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &problem) != nil || problem.Error == "" {
		return "without a reason"
	}
	return short(problem.Error)
}

// wait is how long a service wants to be left alone: X-RateLimit-Reset-In is
// ListenBrainz's own, in seconds.
func wait(h http.Header) time.Duration {
	for _, name := range []string{"X-RateLimit-Reset-In", "Retry-After"} {
		if n, err := strconv.Atoi(h.Get(name)); err == nil && n >= 0 {
			return time.Duration(min(n, 24*60*60)) * time.Second
		}
	}
	return 0
}
