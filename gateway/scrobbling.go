package gateway

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// scrobbleQueue is the store as package scrobble sees it.
type scrobbleQueue struct{ store *store.Store }

// Accounts implements scrobble.Queue.
func (q scrobbleQueue) Accounts(ctx context.Context) (map[string]scrobble.Account, error) {
	all, err := q.store.Scrobblings(ctx)
	if err != nil {
		return nil, err
	}
	accounts := make(map[string]scrobble.Account, len(all))
	for _, s := range all {
		accounts[s.Listener] = scrobble.Account{URL: s.URL, Token: scrobble.Token(s.Token)}
	}
	return accounts, nil
}

// Add implements scrobble.Queue.
func (q scrobbleQueue) Add(ctx context.Context, listener string, l scrobble.Listen) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return q.store.AddScrobble(ctx, listener, string(text))
}

// Waiting implements scrobble.Queue.
func (q scrobbleQueue) Waiting(ctx context.Context, listener string, n int) ([]scrobble.Waiting, error) {
	rows, err := q.store.Scrobbles(ctx, listener, n)
	if err != nil {
		return nil, err
	}
	out := make([]scrobble.Waiting, len(rows))
	for i, r := range rows {
		out[i].ID = r.ID
		if err := json.Unmarshal([]byte(r.Listen), &out[i].Listen); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Done implements scrobble.Queue.
func (q scrobbleQueue) Done(ctx context.Context, _ string, ids []int64) error {
	return q.store.DeleteScrobbles(ctx, ids)
}

// Trouble implements scrobble.Queue: it is kept as a phrase.
func (q scrobbleQueue) Trouble(ctx context.Context, listener string, err error) error {
	text := ""
	if err != nil {
		text = scrobbleTrouble(err).Pack()
	}
	return q.store.SetScrobblingProblem(ctx, listener, text)
}

func scrobbleTrouble(err error) phrase.Phrase {
	if errors.Is(err, scrobble.ErrToken) {
		return phrase.New(phrase.ScrobbleRefused)
	}
	var later *scrobble.Later
	if errors.As(err, &later) {
		err = later.Cause
	}
	return phrase.New(phrase.ScrobbleWaits, explain(err))
}

// scrobbled hands a play to the service: what plays, or what was listened to.
func (j *journal) scrobbled(ctx context.Context, p zone.Play, tastes []string) {
	var who []string
	for _, taste := range tastes {
		if _, ofZone := store.ZoneOfTaste(taste); !ofZone {
			who = append(who, taste)
		}
	}
	now := p.End == playing
	if len(who) == 0 || !now && !scrobble.Counts(p.Heard, p.Length) {
		return
	}
	t, err := j.store.Track(ctx, p.Track)
	if err != nil {
		return // it is not in the library any more
	}
	l := scrobble.Listen{
		Artist: t.Artist, Title: t.Title, Album: t.Album, Recording: t.RecordingID, Number: t.Number, Length: t.Duration, Started: p.Started,
	}
	if now {
		j.scrobble.Playing(who, l)
		return
	}
	if err := j.scrobble.Heard(ctx, who, l); err != nil && ctx.Err() == nil {
		j.log.Error("a listen cannot be handed on", "error", err)
	}
}

// Scrobbling implements api.Listeners.
func (l listeners) Scrobbling(ctx context.Context, id string) (api.Scrobbling, error) {
	all, err := l.store.Scrobblings(ctx)
	if err != nil {
		return api.Scrobbling{}, err
	}
	for _, s := range all {
		if s.Listener == id {
			problem := phrase.Unpack(s.Problem)
			return api.Scrobbling{On: true, URL: s.URL, Waiting: s.Waiting, Problem: problem.String(), ProblemPhrase: problem}, nil
		}
	}
	return api.Scrobbling{}, nil
}

// SetScrobbling implements api.Listeners. A service that is away is taken on
// trust; one that says no is not.
func (l listeners) SetScrobbling(ctx context.Context, id, address, token string) error {
	root, err := scrobble.CheckURL(address)
	if err != nil {
		return api.Invalid(phrase.ScrobbleURL)
	}
	if err := l.scrobble.Check(ctx, scrobble.Account{URL: root, Token: scrobble.Token(token)}); errors.Is(err, scrobble.ErrToken) {
		return api.Invalid(phrase.ScrobbleRefused)
	}
	if err := l.store.SetScrobbling(ctx, store.Scrobbling{Listener: id, URL: root, Token: token}); err != nil {
		return err
	}
	l.scrobble.Wake()
	return nil
}

// StopScrobbling implements api.Listeners.
func (l listeners) StopScrobbling(ctx context.Context, id string) error {
	return l.store.StopScrobbling(ctx, id)
}
