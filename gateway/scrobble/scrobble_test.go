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
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service speaks the API as its documentation has it, in memory: what was
// submitted with the token, how a request is refused.
type service struct {
	t     *testing.T
	token string

	mu       sync.Mutex
	away     bool
	limited  time.Duration // answers 429 with this
	unwanted string        // a title that is refused
	requests int
	listens  []string // titles
	playing  string
}

// RoundTrip makes a service a network of one host.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.away {
		return nil, errors.New("connect: no route to host")
	}
	w := httptest.NewRecorder()
	s.answer(w, r)
	return w.Result(), nil
}

func (s *service) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	refuse := func(code int, why string) {
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, `{"code":%d,"error":%q}`, code, why)
	}
	known := r.Header.Get("Authorization") == "Token "+s.token
	switch {
	case s.limited > 0:
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset-In", fmt.Sprint(int(s.limited/time.Second)))
		s.limited = 0
		refuse(http.StatusTooManyRequests, "You have exceeded your rate limit.")
	case r.URL.String() == "https://lb.example/api/1/validate-token" && r.Method == http.MethodGet:
		_, _ = fmt.Fprintf(w, `{"code":200,"message":"Token valid.","valid":%t}`, known)
	case r.URL.String() != "https://lb.example/api/1/submit-listens" || r.Method != http.MethodPost:
		refuse(http.StatusNotFound, "Not found")
	case !known:
		refuse(http.StatusUnauthorized, "Invalid authorization token.")
	default:
		if why := s.take(r); why != "" {
			refuse(http.StatusBadRequest, why)
			return
		}
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}
}

// take checks a submission as the documentation describes it.
func (s *service) take(r *http.Request) (why string) {
	var in struct {
		Kind    string `json:"listen_type"`
		Payload []struct {
			At    *int64 `json:"listened_at"`
			Track struct {
				Artist string         `json:"artist_name"`
				Title  string         `json:"track_name"`
				Info   map[string]any `json:"additional_info"`
			} `json:"track_metadata"`
		} `json:"payload"`
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &in) != nil {
		return "Cannot parse JSON document."
	}
	var titles []string
	for _, l := range in.Payload {
		switch {
		case l.Track.Artist == "" || l.Track.Title == "":
			return "JSON document does not contain required track_metadata."
		case (in.Kind == "playing_now") != (l.At == nil):
			return "listened_at is wrong for " + in.Kind
		case l.Track.Title == s.unwanted && s.unwanted != "":
			return "not this one"
		}
		titles = append(titles, l.Track.Title)
	}
	if len(titles) == 0 || len(titles) > 1000 || in.Kind != "import" && len(titles) != 1 {
		return "the wrong number of listens"
	}
	if in.Kind == "playing_now" {
		s.playing = titles[0]
		return ""
	}
	s.listens = append(s.listens, titles...)
	return ""
}

func (s *service) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.listens)
}

func (s *service) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// asked counts the requests.
func (s *service) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *service) shows() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.playing
}

// memory is a Queue.
type memory struct {
	mu       sync.Mutex
	accounts map[string]Account
	waiting  []Waiting
	next     int64
	trouble  error
}

func (m *memory) Accounts(context.Context) (map[string]Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]Account{}
	for who, a := range m.accounts {
		all[who] = a
	}
	return all, nil
}

func (m *memory) Add(_ context.Context, who string, l Listen) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.accounts[who]; ok {
		m.next++
		m.waiting = append(m.waiting, Waiting{m.next, l})
	}
	return nil
}

func (m *memory) Waiting(_ context.Context, _ string, n int) ([]Waiting, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.waiting[:min(n, len(m.waiting))]), nil
}

func (m *memory) Done(_ context.Context, _ string, ids []int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = slices.DeleteFunc(m.waiting, func(w Waiting) bool { return slices.Contains(ids, w.ID) })
	return nil
}

func (m *memory) Trouble(_ context.Context, _ string, err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trouble = err
	return nil
}

// left is how many listens wait, and what was noted.
func (m *memory) left() (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.waiting), m.trouble
}

func (m *memory) account(a Account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts["mina"] = a
}

// running is a Service, the service that it sends to, and what it logs.
type running struct {
	*Service
	far   *service
	queue *memory
	log   *bytes.Buffer
}

// scrobbling runs a test in a bubble, where time is not waited for.
func scrobbling(t *testing.T, test func(t *testing.T, r *running)) {
	synctest.Test(t, func(t *testing.T) {
		r := &running{
			far:   &service{t: t, token: "right"},
			queue: &memory{accounts: map[string]Account{"mina": {"https://lb.example/api", "right"}}},
			log:   &bytes.Buffer{},
		}
		r.Service = New(Config{
			Queue: r.queue, Version: "1.2", Transport: r.far,
			Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { _ = r.Run(ctx) })
		test(t, r)
		cancel()
		wait.Wait()
		if strings.Contains(r.log.String(), "right") || strings.Contains(r.log.String(), "wrong") {
			t.Errorf("the log tells the token: %s", r.log)
		}
	})
}

func (r *running) hear(t *testing.T, titles ...string) {
	t.Helper()
	for _, title := range titles {
		l := Listen{Artist: "Air", Title: title, Album: "Talkie Walkie", Length: 3 * time.Minute, Started: time.Now()}
		if err := r.Heard(t.Context(), []string{"mina", "jun"}, l); err != nil {
			t.Fatal(err)
		}
	}
}

func TestListensAreHandedOn(t *testing.T) {
	scrobbling(t, func(t *testing.T, r *running) {
		r.Playing([]string{"jun", "mina"}, Listen{Artist: "Air", Title: "Run"})
		r.hear(t, "Run")
		synctest.Wait()
		if got := r.far.got(); r.far.shows() != "Run" || !slices.Equal(got, []string{"Run"}) {
			t.Errorf("it plays %q, and got %v", r.far.shows(), got)
		}
		if n, trouble := r.queue.left(); n != 0 || trouble != nil {
			t.Errorf("left: %d, %v", n, trouble)
		}
		r.Playing([]string{"mina"}, Listen{Title: "by nobody"})
		r.Playing([]string{"jun"}, Listen{Artist: "Air", Title: "Jun's"})
		synctest.Wait()
		if r.far.shows() != "Run" {
			t.Errorf("it plays %q", r.far.shows())
		}
	})
}

func TestListensWaitWhileTheServiceIsAway(t *testing.T) {
	scrobbling(t, func(t *testing.T, r *running) {
		r.far.set(func() { r.far.away = true })
		r.hear(t, "One")
		synctest.Wait()
		var later *Later
		if _, trouble := r.queue.left(); !errors.As(trouble, &later) {
			t.Fatalf("trouble: %v", trouble)
		}
		for range 150 { // an evening without the network, and songs all the time
			time.Sleep(3 * time.Minute)
			r.hear(t, "Song")
		}
		synctest.Wait()
		if n := r.far.asked(); n > 20 {
			t.Errorf("%d requests in seven hours to a service that is away", n)
		}
		r.far.set(func() { r.far.away = false })
		time.Sleep(longestRest)
		synctest.Wait()
		n, trouble := r.queue.left()
		if got := r.far.got(); len(got) != 151 || got[0] != "One" || n != 0 || trouble != nil {
			t.Errorf("%d listens came, %d wait, %v", len(got), n, trouble)
		}
	})
}

func TestALimitIsKept(t *testing.T) {
	scrobbling(t, func(t *testing.T, r *running) {
		r.far.set(func() { r.far.limited = 10 * time.Minute })
		r.hear(t, "One", "Two")
		synctest.Wait()
		before := r.far.asked()
		time.Sleep(10*time.Minute - time.Second)
		r.hear(t, "Three")
		r.Playing([]string{"mina"}, Listen{Artist: "Air", Title: "Four"})
		synctest.Wait()
		if r.far.asked() != before {
			t.Error("the service was asked before its time")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := r.far.got(); len(got) != 3 {
			t.Errorf("got %v", got)
		}
	})
}

func TestATokenThatIsNotAccepted(t *testing.T) {
	scrobbling(t, func(t *testing.T, r *running) {
		r.queue.account(Account{"https://lb.example/api", "wrong"})
		if err := r.Check(t.Context(), Account{"https://lb.example/api", "wrong"}); !errors.Is(err, ErrToken) {
			t.Errorf("checked: %v", err)
		}
		r.hear(t, "One")
		synctest.Wait()
		if _, trouble := r.queue.left(); !errors.Is(trouble, ErrToken) {
			t.Fatalf("trouble: %v", trouble)
		}
		before := r.far.asked()
		r.hear(t, "Two")
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if r.far.asked() != before {
			t.Error("it goes on with a token that is not accepted")
		}
		r.queue.account(Account{"https://lb.example/api", "right"})
		r.Wake()
		synctest.Wait()
		if got := r.far.got(); len(got) != 2 {
			t.Errorf("with another token: %v", got)
		}
	})
}

func TestAListenThatIsRefusedHoldsUpNoOther(t *testing.T) {
	scrobbling(t, func(t *testing.T, r *running) {
		r.far.set(func() { r.far.away, r.far.unwanted = true, "Bad" })
		r.hear(t, "One", "Two", "Bad", "Three")
		synctest.Wait()
		r.far.set(func() { r.far.away = false })
		time.Sleep(time.Hour)
		synctest.Wait()
		n, _ := r.queue.left()
		if got := r.far.got(); !slices.Equal(got, []string{"One", "Two", "Three"}) || n != 0 {
			t.Errorf("got %v, %d wait", got, n)
		}
	})
}

func TestWhatCountsAsAListen(t *testing.T) {
	for _, c := range []struct {
		heard, length time.Duration
		want          bool
	}{
		{90 * time.Second, 3 * time.Minute, true},
		{89 * time.Second, 3 * time.Minute, false},
		{4 * time.Minute, time.Hour, true},
		{239 * time.Second, time.Hour, false},
		{4 * time.Minute, 0, true},
		{time.Minute, 0, false},
		{0, 0, false},
		{0, time.Nanosecond, false},
	} {
		if got := Counts(c.heard, c.length); got != c.want {
			t.Errorf("%s of %s: %t", c.heard, c.length, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"https://api.listenbrainz.org":    "https://api.listenbrainz.org",
		" https://api.listenbrainz.org/ ": "https://api.listenbrainz.org",
		"https://api.listenbrainz.org/1/": "https://api.listenbrainz.org",
		"http://192.168.1.9:7000/apis/lb": "http://192.168.1.9:7000/apis/lb",
		"ftp://api.listenbrainz.org":      "",
		"api.listenbrainz.org":            "",
		"https://":                        "",
		"https://me:secret@lb.example":    "",
		"https://lb.example/?token=x":     "",
		"https://lb.example/%zz":          "",
	} {
		got, err := CheckURL(text)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if err != nil && (!errors.Is(err, ErrURL) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestATokenIsNeverWrittenDown(t *testing.T) {
	a := Account{"https://lb.example", "hush"}
	text, err := json.Marshal(a)
	said := fmt.Sprint(a) + fmt.Sprintf("%v %+v %#v %s", a, a, a, a.Token) + string(text)
	if err != nil || strings.Contains(said, "hush") {
		t.Errorf("%s, %v", said, err)
	}
}

// A listen fits the API's 10,240 bytes whatever its names.
func FuzzPayload(f *testing.F) {
	f.Add("Air", strings.Repeat("\x01", 5000), "\xff\xfe")
	f.Fuzz(func(t *testing.T, artist, title, album string) {
		l := Listen{Artist: artist, Title: title, Album: album, Recording: "e225fb84-dc9a-419e-adcd-9890f59ec432", Number: 7, Length: time.Hour, Started: time.Unix(1e9, 0)}
		text, err := json.Marshal(l.payload("1.2", false))
		if err != nil || len(text) > 10_240 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
}
