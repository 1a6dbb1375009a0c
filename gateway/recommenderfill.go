package gateway

import (
	"context"
	"slices"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// fill tells an engine everything that is in the store, and returns which plays
// those are and the mark of the catalogue.
func (r *recommender) fill(ctx context.Context, engine *jump.Engine) (of told, mark string, err error) {
	all, err := r.catalogue(ctx)
	if err != nil {
		return of, "", err
	}
	all.tell(engine)
	near, err := r.neighbours(all.ids)
	if err != nil {
		return of, "", err
	}
	engine.SetNeighbours(near)
	if err := r.fillSounds(ctx, engine); err != nil {
		return of, "", err
	}
	if err := r.fillSaid(ctx, engine); err != nil {
		return of, "", err
	}
	plays, err := r.store.AllPlays(ctx)
	if err != nil {
		return of, "", err
	}
	for _, p := range plays {
		if p.End != playing {
			r.teach(engine, p)
		}
	}
	return toldAll(plays), all.mark, r.fillPlaylists(ctx, engine)
}

// fillSaid tells the engine what everybody said of the music.
func (r *recommender) fillSaid(ctx context.Context, engine *jump.Engine) error {
	ratings, err := r.store.AllRatings(ctx)
	if err != nil {
		return err
	}
	for _, rated := range ratings {
		engine.SetRating(rated.Taste, rated.Track, jump.Rating(rated.Value))
	}
	return r.fillWishes(ctx, engine)
}

// fillSounds tells the engine what the tracks sound like, where that was
// measured.
func (r *recommender) fillSounds(ctx context.Context, engine *jump.Engine) error {
	return r.store.EachSound(ctx, sound.Version, func(track string, raw []byte) {
		features, err := sound.Parse(raw)
		if err == nil {
			err = engine.SetSound(track, sound.Version, features[:])
		}
		if err != nil {
			r.log.Warn("what a track sounds like is not understood", "track", track, "error", err)
		}
	})
}

func (r *recommender) fillPlaylists(ctx context.Context, engine *jump.Engine) error {
	var lists []store.Playlist
	for {
		more, total, err := r.store.Playlists(ctx, store.Page{Offset: len(lists), Limit: 1000})
		if err != nil {
			return err
		}
		if lists = append(lists, more...); len(more) == 0 || len(lists) >= total {
			break
		}
	}
	for _, id := range engine.Playlists() {
		if !slices.ContainsFunc(lists, func(l store.Playlist) bool { return l.ID == id }) {
			engine.SetPlaylist(id, "", nil)
		}
	}
	for _, list := range lists {
		tracks, err := r.store.PlaylistTracks(ctx, list.ID)
		if err != nil {
			return err
		}
		engine.SetPlaylist(list.ID, list.Name, tracks)
	}
	return nil
}

// teachMore tells the engine of the plays that have ended and were not told.
func (r *recommender) teachMore(ctx context.Context, engine *jump.Engine) error {
	plays, err := r.store.Plays(ctx, r.kept.since(), 0)
	for _, p := range plays {
		if p.End != playing {
			r.teachOnce(engine, p)
		}
	}
	return err
}

// teachOnce tells the engine of a play unless it was told.
func (r *recommender) teachOnce(engine *jump.Engine, p store.Play) {
	if p.ID != 0 { // it is kept
		if r.kept.has(p.ID) {
			return
		}
		r.kept.add(p.ID)
		r.kept.dirty = true
	}
	r.teach(engine, p)
}

// teach tells an engine of a play, once for everybody who learns from it.
func (r *recommender) teach(engine *jump.Engine, p store.Play) {
	for _, taste := range p.Tastes {
		engine.SetApart(taste, r.audience.apart(taste))
		engine.AddPlay(enginePlay(taste, p))
	}
}

func enginePlay(taste string, p store.Play) jump.Play {
	return jump.Play{
		Listener: taste, Item: p.Track, Heard: p.Heard, Length: p.Length, End: jump.End(p.End),
		At: p.Started, Flowed: p.By == string(zone.Flowed),
	}
}
