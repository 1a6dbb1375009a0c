package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Listeners is who lives here, and what is known of their tastes. A taste is
// named by a listener's id, or by store.ZoneTaste. Methods return
// store.ErrNotFound for a listener or a zone that is not there.
type Listeners interface {
	// List is in the order of making.
	List(ctx context.Context) ([]store.Listener, error)
	// Create returns store.ErrExists for a name that is taken.
	Create(ctx context.Context, name string, child bool) (store.Listener, error)
	Update(ctx context.Context, l store.Listener) error
	// Delete deletes everything that is known of a listener, too.
	Delete(ctx context.Context, id string) error

	// Audience is who listens in a zone.
	Audience(ctx context.Context, zone string) (store.Audience, error)
	SetAudience(ctx context.Context, a store.Audience) error

	Taste(ctx context.Context, taste string) (Taste, error)
	SetWish(ctx context.Context, w store.Wish) error
	// TakeBack makes the plays since a time teach a taste nothing, and
	// returns how many there were.
	TakeBack(ctx context.Context, taste string, since time.Time) (int, error)
	Forget(ctx context.Context, taste string) error
	// Scrobbling says where a listener's listens are handed on to.
	Scrobbling(ctx context.Context, id string) (Scrobbling, error)
	// SetScrobbling and StopScrobbling choose; what is wrong with the address
	// or the token is an Invalid.
	SetScrobbling(ctx context.Context, id, address, token string) error
	StopScrobbling(ctx context.Context, id string) error
	// Export writes everything that is known of a taste as one JSON object.
	Export(ctx context.Context, taste string, w io.Writer) error
}

// Listener is somebody with a taste, as clients see one.
type Listener struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Account  string `json:"account"` // that the listener came with, empty for others
	Child    bool   `json:"child"`
	Learning bool   `json:"learning"`
}

// Taste is what is known of a taste.
type Taste struct {
	Plays    int        `json:"plays"`
	Since    *time.Time `json:"since"`
	Likes    int        `json:"likes"`
	Dislikes int        `json:"dislikes"`
	// Settling is how many of a listener's first 14 days are left, in which
	// more is tried out.
	Settling int `json:"settling"`
	// Leanings are the artists, genres and moods that are liked most, and
	// those that are disliked, by their liking.
	Leanings []Leaning `json:"leanings"`
	Wishes   []Wish    `json:"wishes"` // the latest first
}

// Leaning is how much an artist, a genre or a mood is liked, from -1 to 1.
type Leaning struct {
	Kind   string  `json:"kind"`
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Liking float64 `json:"liking"`
}

// Scrobbling is where listens are handed on to. The token is never shown.
type Scrobbling struct {
	On            bool          `json:"on"`
	URL           string        `json:"url"`
	Waiting       int           `json:"waiting"` // listens that were not sent yet
	Problem       string        `json:"problem"`
	ProblemPhrase phrase.Phrase `json:"problemPhrase,omitzero"`
}

// Wish is a correction of a taste: see store.Wish.
type Wish struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
	Wish string `json:"wish"`
}

// settlingDays is how long a listener is new.
const settlingDays = 14

// Settling returns how many of a listener's first days are left at a time.
func Settling(created, now time.Time) int {
	return max(0, settlingDays-int(now.Sub(created)/(24*time.Hour)))
}

// maxListeners is how many a home has.
const maxListeners = 50

func listenerView(l store.Listener) Listener {
	return Listener{ID: l.ID, Name: l.Name, Account: l.Account, Child: l.Child, Learning: l.Learning}
}

// listener names whose taste a request is about, where it is not the caller's
// own.
const listenerHeader = "Jumpgate-Listener"

// tastes are whose taste a request is about: the listener that it names, the
// one that came with the caller's account, or who listens in the first zone.
func (a *API) tastes(ctx context.Context) ([]string, error) {
	who := callerOf(ctx)
	if who.listener != "" {
		return []string{who.listener}, a.checkTaste(ctx, who.listener)
	}
	all, err := a.cfg.Listeners.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if l.Account != "" && l.Account == who.account {
			return []string{l.ID}, nil
		}
	}
	for _, z := range a.cfg.Zones.List() {
		s, err := z.State(ctx)
		if err == nil {
			return a.zoneTastes(ctx, s.ID)
		}
	}
	return nil, nil
}

// zoneTastes are whose taste a zone's music is about.
func (a *API) zoneTastes(ctx context.Context, zone string) ([]string, error) {
	audience, err := a.cfg.Listeners.Audience(ctx, zone)
	if err != nil {
		return nil, err
	}
	if len(audience.Listeners) == 0 {
		return []string{store.ZoneTaste(zone)}, nil
	}
	return audience.Listeners, nil
}

func (a *API) listener(ctx context.Context, id string) (store.Listener, error) {
	all, err := a.cfg.Listeners.List(ctx)
	if err != nil {
		return store.Listener{}, err
	}
	i := slices.IndexFunc(all, func(l store.Listener) bool { return l.ID == id })
	if i < 0 {
		return store.Listener{}, problem(http.StatusNotFound, "not-found", "No such listener", phrase.NoListener)
	}
	return all[i], nil
}

// checkTaste refuses a taste that nobody has.
func (a *API) checkTaste(ctx context.Context, taste string) error {
	if id, ok := store.ZoneOfTaste(taste); ok {
		_, err := a.zone(id)
		return err
	}
	_, err := a.listener(ctx, taste)
	return err
}

func (a *API) listListeners(ctx context.Context, _ none) (any, error) {
	all, err := a.cfg.Listeners.List(ctx)
	return List[Listener]{mapped(all, listenerView)}, err
}

// ListenersChanged shows clients who lives here and who listens where.
func (a *API) ListenersChanged(ctx context.Context) {
	all, err := a.cfg.Listeners.List(ctx)
	if err != nil {
		a.log.Error("show the listeners", "err", err)
		return
	}
	a.hub.set("listeners", mapped(all, listenerView))
	a.shownMu.Lock()
	defer a.shownMu.Unlock()
	for id, s := range a.shownZones {
		a.hub.set("zones/"+id, a.zoneView(ctx, s))
	}
}

func (a *API) createListener(ctx context.Context, in struct {
	Name  string `json:"name"`
	Child bool   `json:"child"`
},
) (any, error) {
	name, err := cleanName(in.Name, 50)
	if err != nil {
		return nil, err
	}
	all, err := a.cfg.Listeners.List(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) >= maxListeners {
		return nil, Invalid(phrase.ListenersFull, maxListeners)
	}
	l, err := a.cfg.Listeners.Create(ctx, name, in.Child)
	if err != nil {
		return nil, err
	}
	a.ListenersChanged(ctx)
	return listenerView(l), nil
}

func (a *API) patchListener(ctx context.Context, in struct {
	Listener string  `json:"listener"`
	Name     *string `json:"name"`
	Child    *bool   `json:"child"`
	Learning *bool   `json:"learning"`
},
) (any, error) {
	l, err := a.listener(ctx, in.Listener)
	if err != nil {
		return nil, err
	}
	if in.Name == nil && in.Child == nil && in.Learning == nil {
		return nil, invalid("There is nothing to change.")
	}
	if in.Name != nil {
		if l.Name, err = cleanName(*in.Name, 50); err != nil {
			return nil, err
		}
	}
	if in.Child != nil {
		l.Child = *in.Child
	}
	if in.Learning != nil {
		l.Learning = *in.Learning
	}
	if err := a.cfg.Listeners.Update(ctx, l); err != nil {
		return nil, err
	}
	a.ListenersChanged(ctx)
	return listenerView(l), nil
}

type listenerArgs struct {
	Listener string `json:"listener"`
}

func (a *API) deleteListener(ctx context.Context, in listenerArgs) (any, error) {
	if _, err := a.listener(ctx, in.Listener); err != nil {
		return nil, err
	}
	if err := a.cfg.Listeners.Delete(ctx, in.Listener); err != nil {
		return nil, err
	}
	a.ListenersChanged(ctx)
	return nil, nil
}

func (a *API) getTaste(ctx context.Context, in listenerArgs) (any, error) {
	if err := a.checkTaste(ctx, in.Listener); err != nil {
		return nil, err
	}
	return a.cfg.Listeners.Taste(ctx, in.Listener)
}

// setWish pins, bans or asks for more of something; an empty wish takes the
// earlier one back. The name is the library's where that knows it.
func (a *API) setWish(ctx context.Context, in struct {
	Listener string  `json:"listener"`
	Kind     string  `json:"kind"`
	ID       string  `json:"id"`
	Wish     *string `json:"wish"`
},
) (any, error) {
	if err := a.checkTaste(ctx, in.Listener); err != nil {
		return nil, err
	}
	if in.Wish == nil || !slices.Contains([]string{"pin", "ban", "more", ""}, *in.Wish) {
		return nil, invalid("wish must be pin, ban, more or empty.")
	}
	w := store.Wish{Taste: in.Listener, Kind: in.Kind, ID: in.ID, Wish: *in.Wish}
	var err error
	switch in.Kind {
	case "genre", "mood":
		if w.Name, err = cleanName(in.ID, 100); err != nil {
			return nil, err
		}
	case "artist", "album", "track":
		ref, err := a.contextRef(ctx, contextArgs{Kind: in.Kind, ID: in.ID})
		if err != nil && w.Wish != "" {
			return nil, err
		}
		w.Name = ref.Name
	default:
		return nil, invalid("kind must be artist, album, track, genre or mood.")
	}
	if err := a.cfg.Listeners.SetWish(ctx, w); err != nil {
		return nil, err
	}
	return a.cfg.Listeners.Taste(ctx, in.Listener)
}

// takeBackHours are the spans that can be taken back: an hour, the evening, a
// day.
var takeBackHours = []int{1, 3, 24}

type takenBack struct {
	Plays int `json:"plays"`
}

func (a *API) takeBack(ctx context.Context, in struct {
	Listener string `json:"listener"`
	Hours    int    `json:"hours"`
},
) (any, error) {
	if err := a.checkTaste(ctx, in.Listener); err != nil {
		return nil, err
	}
	if !slices.Contains(takeBackHours, in.Hours) {
		return nil, invalid("hours must be 1, 3 or 24.")
	}
	n, err := a.cfg.Listeners.TakeBack(ctx, in.Listener, a.now().Add(-time.Duration(in.Hours)*time.Hour))
	return takenBack{n}, err
}

func (a *API) forgetTaste(ctx context.Context, in listenerArgs) (any, error) {
	if err := a.checkTaste(ctx, in.Listener); err != nil {
		return nil, err
	}
	return nil, a.cfg.Listeners.Forget(ctx, in.Listener)
}

func (a *API) getScrobbling(ctx context.Context, in listenerArgs) (any, error) {
	if _, err := a.listener(ctx, in.Listener); err != nil {
		return nil, err
	}
	return a.cfg.Listeners.Scrobbling(ctx, in.Listener)
}

func (a *API) setScrobbling(ctx context.Context, in struct {
	Listener string `json:"listener"`
	URL      string `json:"url"`
	Token    string `json:"token"`
},
) (any, error) {
	if _, err := a.listener(ctx, in.Listener); err != nil {
		return nil, err
	}
	if in.Token == "" || len(in.Token) > 500 || strings.ContainsFunc(in.Token, unicode.IsControl) {
		return nil, Invalid(phrase.ScrobbleRefused)
	}
	if err := a.cfg.Listeners.SetScrobbling(ctx, in.Listener, in.URL, in.Token); err != nil {
		return nil, err
	}
	return a.cfg.Listeners.Scrobbling(ctx, in.Listener)
}

func (a *API) stopScrobbling(ctx context.Context, in listenerArgs) (any, error) {
	if _, err := a.listener(ctx, in.Listener); err != nil {
		return nil, err
	}
	return nil, a.cfg.Listeners.StopScrobbling(ctx, in.Listener)
}

// exportTaste sends everything that is known of a taste, as a file to keep.
func (a *API) exportTaste(w http.ResponseWriter, r *http.Request) {
	taste := r.PathValue("id")
	if err := a.checkTaste(r.Context(), taste); err != nil {
		a.fail(w, r, err)
		return
	}
	name := "zone"
	if l, err := a.listener(r.Context(), taste); err == nil {
		name = l.Name
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fmt.Sprintf("jumpgate-%s-%s.json", name, a.now().Format(time.DateOnly))))
	if err := a.cfg.Listeners.Export(r.Context(), taste, w); err != nil {
		// The beginning is on its way: a cut connection says that it is not whole.
		a.log.Warn("export a listener", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// mix sorts any list by predicted liking, each with a because.
func (a *API) mix(ctx context.Context, in struct {
	Tracks []string `json:"tracks"`
},
) (any, error) {
	if len(in.Tracks) > maxPlaylist {
		return nil, Invalid(phrase.TooManyTracks, maxPlaylist)
	}
	tastes, err := a.tastes(ctx)
	if err != nil {
		return nil, err
	}
	ranked, err := a.cfg.Charts.Mix(ctx, tastes, in.Tracks)
	return List[mixed]{mapped(ranked, func(r Ranked) mixed { return mixed{r.Track, r.Why.String(), r.Why} })}, err
}

type mixed struct {
	Track     string        `json:"track"` // its id
	Why       string        `json:"why"`
	WhyPhrase phrase.Phrase `json:"whyPhrase,omitzero"`
}
