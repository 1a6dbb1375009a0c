package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// recommender owns the jump.Engine: one goroutine asks it, everybody else
// sends that goroutine what to do. It is the zone.Flow of every zone.
type recommender struct {
	store    *store.Store
	audience *audience
	log      *slog.Logger
	data     string // folder, "" for one that keeps nothing
	kept     keptEngine
	tasks    chan func(*jump.Engine)
	anew     chan struct{} // has one when everything is to be read again
}

func newRecommender(s *store.Store, a *audience, data string, log *slog.Logger) *recommender {
	return &recommender{
		store: s, audience: a, log: log, data: data,
		tasks: make(chan func(*jump.Engine), 64), anew: make(chan struct{}, 1),
	}
}

// Run fills the engine from the store and answers until ctx ends. Requests
// that come earlier wait until it is filled.
func (r *recommender) Run(ctx context.Context) error {
	engine, err := r.open(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("fill the recommender: %w", err)
	}
	defer func() { r.save(context.WithoutCancel(ctx), engine) }()
	// Vectors are made beside the engine: a large history takes seconds.
	fitted := make(chan jump.Vectors)
	var fitting sync.WaitGroup
	defer fitting.Wait()
	fit := func() {
		training := engine.Training()
		fitting.Go(func() {
			select {
			case fitted <- training.Fit():
			case <-ctx.Done():
			}
		})
	}
	if !engine.Learned() || r.kept.age() > vectorsAge {
		fit()
	}
	var relearning sync.WaitGroup
	defer relearning.Wait()
	relearning.Go(func() { r.relearnWhenTold(ctx) })
	again, saving := time.NewTicker(vectorsAge), time.NewTicker(savedAge)
	defer again.Stop()
	defer saving.Stop()
	if r.kept.reopened {
		relearning.Go(func() { r.catchUp(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case task := <-r.tasks:
			task(engine)
		case v := <-fitted:
			engine.Adopt(v)
			r.kept.fitted = time.Now()
		case <-again.C:
			fit()
		case <-saving.C:
			r.save(ctx, engine)
		}
	}
}

// vectorsAge is how long the recommender's vectors are good for.
const vectorsAge = 24 * time.Hour

// heard tells the engine what was measured since.
func (r *recommender) heard(ctx context.Context, sounds map[string]sound.Features) {
	r.tell(ctx, func(e *jump.Engine) {
		for track, features := range sounds {
			if err := e.SetSound(track, sound.Version, features[:]); err != nil {
				r.log.Warn("what a track sounds like is not understood", "track", track, "error", err)
			}
		}
	})
}

// tell has something done to the engine, without waiting for it.
func (r *recommender) tell(ctx context.Context, task func(*jump.Engine)) {
	select {
	case r.tasks <- task:
	case <-ctx.Done():
	}
}

// ask waits for an answer from the engine.
func ask[T any](ctx context.Context, r *recommender, question func(*jump.Engine) T) (T, error) {
	answer := make(chan T, 1)
	r.tell(ctx, func(e *jump.Engine) { answer <- question(e) })
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// refresh reads the catalogue again, after a scan, and returns how many tracks
// there are; what goes by it is read only where it changed. The catalogue, which
// may be large, is read on the caller's goroutine, so that a JUMP does not wait
// for it.
func (r *recommender) refresh(ctx context.Context) (tracks int) {
	all, err := r.catalogue(ctx)
	if err != nil {
		r.notRead(ctx, err)
		return 0
	}
	known, err := ask(ctx, r, func(*jump.Engine) string { return r.kept.catalogue })
	if err != nil {
		return len(all.items) // it ends
	}
	var near jump.Neighbours
	if all.mark != known {
		near, err = r.neighbours(all.ids)
		r.notRead(ctx, err)
	}
	r.tell(ctx, func(e *jump.Engine) {
		if all.mark != known {
			all.tell(e)
			e.SetNeighbours(near)
			r.kept.catalogue, r.kept.dirty = all.mark, true
		}
		if lists := r.store.PlaylistRevision(); lists != r.kept.playlists {
			if err := r.fillPlaylists(ctx, e); err != nil {
				r.notRead(ctx, err)
				return
			}
			r.kept.playlists = lists
		}
	})
	return len(all.items)
}

// reload fills a new engine with everything that is kept and puts it in the
// place of the old one, after an import of history. It reads on the caller's
// goroutine, so that nobody waits for it.
func (r *recommender) reload(ctx context.Context) {
	fresh := jump.New(jump.Config{})
	told, mark, err := r.fill(ctx, fresh)
	if err != nil {
		r.notRead(ctx, err)
		return
	}
	fresh.Learn()
	r.tell(ctx, func(e *jump.Engine) {
		*e = *fresh
		r.kept.told, r.kept.catalogue = told, mark
		r.kept.dirty, r.kept.fitted = true, time.Now()
		r.notRead(ctx, r.teachMore(ctx, e)) // what was played meanwhile
	})
}

func (r *recommender) notRead(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.Error("the recommender could not read the library again", "error", err)
	}
}

// played tells of a play that has ended. One that is kept may have been read
// from the store already.
func (r *recommender) played(ctx context.Context, p store.Play) {
	r.tell(ctx, func(e *jump.Engine) { r.teachOnce(e, p) })
}

func (r *recommender) rated(ctx context.Context, tastes []string, track string, value store.Rating) {
	r.tell(ctx, func(e *jump.Engine) {
		for _, taste := range tastes {
			e.SetRating(taste, track, jump.Rating(value))
		}
	})
}

// forget has nothing known of a taste any more, at once. What follows from it
// for others goes when everything is read again.
func (r *recommender) forget(ctx context.Context, taste string) {
	r.tell(ctx, func(e *jump.Engine) {
		e.Forget(taste)
		r.discard()
	})
	r.relearn()
}

// relearn has everything that is kept read again, soon: what was heard is not
// what was thought. It never waits.
func (r *recommender) relearn() {
	select {
	case r.anew <- struct{}{}:
	default: // it will be read anyway
	}
}

func (r *recommender) relearnWhenTold(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.anew:
			r.reload(ctx)
		}
	}
}

// playlist tells of a playlist's tracks; none means that it is gone.
func (r *recommender) playlist(ctx context.Context, id, name string, tracks []string) {
	r.tell(ctx, func(e *jump.Engine) { e.SetPlaylist(id, name, tracks) })
}

// Next implements zone.Flow.
func (r *recommender) Next(ctx context.Context, q zone.FlowRequest) ([]zone.Entry, error) {
	flow := func(e *jump.Engine) []zone.Entry { return entries(e.Flow(r.request(q))) }
	next, err := ask(ctx, r, flow)
	if err == nil && len(next) == 0 {
		// A scan may have found music that the engine was not told of yet.
		r.refresh(ctx)
		next, err = ask(ctx, r, flow)
	}
	return next, err
}

// Jump implements zone.Flow.
func (r *recommender) Jump(ctx context.Context, q zone.FlowRequest) (zone.ContextRef, []zone.Entry, error) {
	type landing struct {
		context jump.Context
		picks   []jump.Pick
	}
	l, err := ask(ctx, r, func(e *jump.Engine) landing {
		context, picks := e.Jump(r.request(q))
		return landing{context, picks}
	})
	if err != nil {
		return zone.ContextRef{}, nil, err
	}
	if len(l.picks) == 0 {
		return zone.ContextRef{}, nil, zone.ErrEmpty
	}
	return contextRef(l.context), entries(l.picks), nil
}

// Likely implements zone.Scout.
func (r *recommender) Likely(ctx context.Context, q zone.FlowRequest, n int) ([]zone.Landing, error) {
	return ask(ctx, r, func(e *jump.Engine) []zone.Landing {
		likely := e.Likely(r.request(q), n)
		out := make([]zone.Landing, len(likely))
		for i, l := range likely {
			out[i] = zone.Landing{Context: contextRef(l.Context), Entries: entries(l.Picks)}
		}
		return out
	})
}

// Rank implements zone.Ranker.
func (r *recommender) Rank(ctx context.Context, id string, tracks []string) ([]string, error) {
	ranked, err := r.Mix(ctx, r.audience.tastes(id), tracks)
	out := make([]string, len(ranked))
	for i, place := range ranked {
		out[i] = place.Track
	}
	return out, err
}

func contextRef(c jump.Context) zone.ContextRef {
	return zone.ContextRef{Kind: string(c.Kind), ID: c.ID, Name: c.Name}
}

// Chart implements api.Charts.
func (r *recommender) Chart(ctx context.Context, tastes []string, limit int) ([]api.Ranked, error) {
	return ask(ctx, r, func(e *jump.Engine) []api.Ranked { return ranked(e.Chart(jump.Blend(tastes...), time.Now(), limit)) })
}

// Mix implements api.Charts.
func (r *recommender) Mix(ctx context.Context, tastes, tracks []string) ([]api.Ranked, error) {
	return ask(ctx, r, func(e *jump.Engine) []api.Ranked { return ranked(e.Mix(jump.Blend(tastes...), tracks, time.Now())) })
}

func ranked(picks []jump.Pick) []api.Ranked {
	out := make([]api.Ranked, len(picks))
	for i, p := range picks {
		out[i] = api.Ranked{Track: p.Item, Why: why(p.Reason)}
	}
	return out
}

// request asks the engine what a zone asks, for who listens there.
func (r *recommender) request(q zone.FlowRequest) jump.Request {
	return jump.Request{
		Listener: jump.Blend(r.audience.tastes(q.Zone)...),
		Context:  jump.Context{Kind: jump.Kind(q.Context.Kind), ID: q.Context.ID},
		Recent:   q.Recent,
		Count:    q.Count,
		Now:      q.Now,
		Shown:    jump.Context{Kind: jump.Kind(q.Shown.Kind), ID: q.Shown.ID},
		Seed:     q.Seed,
	}
}

func entries(picks []jump.Pick) []zone.Entry {
	out := make([]zone.Entry, len(picks))
	for i, p := range picks {
		out[i] = zone.Entry{Track: p.Item, By: zone.Flowed, Why: why(p.Reason)}
	}
	return out
}

// why says a reason of the recommender's.
func why(r jump.Reason) phrase.Phrase {
	if r.Code == "" {
		return phrase.Phrase{} // an item that is not known
	}
	if r.Code == jump.ReasonPlayed && r.Args[0] == "1" {
		return phrase.New(phrase.WhyPlayedOnce)
	}
	p := phrase.Phrase{Code: phrase.Code("why." + string(r.Code))}
	for _, name := range r.Args {
		p.Args = append(p.Args, phrase.Verbatim(name))
	}
	return p
}
