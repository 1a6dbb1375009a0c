package gateway

import (
	"context"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// catalog is the store as the API sees it: what a listener says of the music is
// also told to the recommender.
type catalog struct {
	*store.Store
	recommender *recommender
	rated       func(track string) // tells the players; must not block
}

// SetRating implements api.Catalog.
func (c catalog) SetRating(ctx context.Context, tastes []string, track string, value store.Rating) error {
	if err := c.Store.SetRating(ctx, tastes, track, value); err != nil {
		return err
	}
	c.recommender.rated(ctx, tastes, track, value)
	c.rated(track)
	return nil
}

// CreatePlaylist implements api.Catalog.
func (c catalog) CreatePlaylist(ctx context.Context, name string, tracks []string) (store.Playlist, error) {
	p, err := c.Store.CreatePlaylist(ctx, name, tracks)
	if err == nil {
		c.recommender.playlist(ctx, p.ID, p.Name, tracks)
	}
	return p, err
}

// SetPlaylistTracks implements api.Catalog.
func (c catalog) SetPlaylistTracks(ctx context.Context, id string, tracks []string) error {
	if err := c.Store.SetPlaylistTracks(ctx, id, tracks); err != nil {
		return err
	}
	p, err := c.Playlist(ctx, id)
	if err == nil {
		c.recommender.playlist(ctx, id, p.Name, tracks)
	}
	return err
}

// DeletePlaylist implements api.Catalog.
func (c catalog) DeletePlaylist(ctx context.Context, id string) error {
	if err := c.Store.DeletePlaylist(ctx, id); err != nil {
		return err
	}
	c.recommender.playlist(ctx, id, "", nil)
	return nil
}
