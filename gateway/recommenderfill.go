package gateway

import (
	"context"
	"slices"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// fill tells an engine everything that is in the store, and returns the highest id
// among the plays and the mark of the catalogue.
func (r *recommender) fill(ctx context.Context, engine *jump.Engine) (seen int64, mark string, err error) {
	all, err := r.catalogue(ctx)
	if err != nil {
		return 0, "", err
	}
	all.tell(engine)
	near, err := r.neighbours(ctx)
	if err != nil {
		return 0, "", err
	}
	engine.SetNeighbours(near)
	if err := r.fillSounds(ctx, engine); err != nil {
		return 0, "", err
	}
	if err := r.fillSaid(ctx, engine); err != nil {
		return 0, "", err
	}
	plays, err := r.store.AllPlays(ctx)
	if err != nil {
		return 0, "", err
	}
	for _, p := range plays {
		r.teach(engine, p)
		seen = max(seen, p.ID)
	}
	return seen, all.mark, r.fillPlaylists(ctx, engine)
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
	lists, _, err := r.store.Playlists(ctx, store.Page{Limit: 1000})
	if err != nil {
		return err
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

// teach tells an engine of a play, once for everybody who learns from it.
func (r *recommender) teach(engine *jump.Engine, p store.Play) {
	for _, taste := range p.Tastes {
		engine.SetApart(taste, r.audience.apart(taste))
		engine.AddPlay(enginePlay(taste, p))
	}
}

func enginePlay(taste string, p store.Play) jump.Play {
	end := jump.End(p.End)
	if p.End == "playing" {
		end = jump.Stopped // the gateway ended while it played
	}
	return jump.Play{
		Listener: taste, Item: p.Track, Heard: p.Heard, Length: p.Length, End: end,
		At: p.Started, Flowed: p.By == string(zone.Flowed),
	}
}
