package api

import (
	"context"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// maxPlaylist is how many tracks a playlist can have.
const maxPlaylist = 50_000

func (a *API) listPlaylists(ctx context.Context, in pageArgs) (any, error) {
	p, err := in.page()
	if err != nil {
		return nil, err
	}
	lists, total, err := a.cfg.Catalog.Playlists(ctx, p)
	return Page[Playlist]{Items: mapped(lists, playlistView), Total: total, Offset: p.Offset}, err
}

type playlistDetail struct {
	Playlist Playlist `json:"playlist"`
	Tracks   []Track  `json:"tracks"`
}

type playlistArgs struct {
	Playlist string `json:"playlist"`
}

func (a *API) getPlaylist(ctx context.Context, in playlistArgs) (any, error) {
	p, err := a.cfg.Catalog.Playlist(ctx, in.Playlist)
	if err != nil {
		return nil, err
	}
	ids, err := a.cfg.Catalog.PlaylistTracks(ctx, in.Playlist)
	if err != nil {
		return nil, err
	}
	tracks, err := a.tracksByID(ctx, ids)
	return playlistDetail{Playlist: playlistView(p), Tracks: tracks}, err
}

func (a *API) createPlaylist(ctx context.Context, in struct {
	Name   string    `json:"name"`
	Tracks *[]string `json:"tracks"`
	Zone   string    `json:"zone"`
},
) (any, error) {
	name, err := cleanName(in.Name, 200)
	if err != nil {
		return nil, err
	}
	var tracks []string
	switch {
	case in.Tracks != nil && in.Zone != "":
		return nil, invalid("Give tracks or a zone, not both.")
	case in.Tracks != nil:
		tracks = *in.Tracks
	case in.Zone != "":
		if tracks, err = a.picks(ctx, in.Zone); err != nil {
			return nil, err
		}
	}
	if err := a.checkTracks(ctx, tracks); err != nil {
		return nil, err
	}
	p, err := a.cfg.Catalog.CreatePlaylist(ctx, name, tracks)
	if err != nil {
		return nil, err
	}
	a.PlaylistsChanged()
	return playlistView(p), nil
}

// picks are the tracks that people chose into a zone's queue.
func (a *API) picks(ctx context.Context, id string) ([]string, error) {
	z, err := a.zone(id)
	if err != nil {
		return nil, err
	}
	var tracks []string
	for offset := 0; ; {
		page, err := z.Queue(ctx, offset, maxPage)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			if e.By == zone.Picked {
				tracks = append(tracks, e.Track)
			}
		}
		offset += len(page.Entries)
		if len(page.Entries) == 0 || offset >= page.Length || len(tracks) > maxPlaylist {
			return tracks, nil
		}
	}
}

// checkTracks refuses ids that are not in the library, and too many.
func (a *API) checkTracks(ctx context.Context, ids []string) error {
	if len(ids) > maxPlaylist {
		return Invalid(phrase.TooManyTracks, maxPlaylist)
	}
	tracks, err := a.cfg.Catalog.TracksByID(ctx, ids)
	if err != nil {
		return err
	}
	have := make(map[string]bool, len(tracks))
	for _, t := range tracks {
		have[t.ID] = true
	}
	for _, id := range ids {
		if !have[id] {
			return zone.ErrNoTrack
		}
	}
	return nil
}

func (a *API) patchPlaylist(ctx context.Context, in struct {
	Playlist string    `json:"playlist"`
	Name     *string   `json:"name"`
	Tracks   *[]string `json:"tracks"`
},
) (any, error) {
	if in.Name == nil && in.Tracks == nil {
		return nil, invalid("Give a name or tracks.")
	}
	if in.Tracks != nil {
		if err := a.checkTracks(ctx, *in.Tracks); err != nil {
			return nil, err
		}
	}
	if in.Name != nil {
		name, err := cleanName(*in.Name, 200)
		if err != nil {
			return nil, err
		}
		if err := a.cfg.Catalog.RenamePlaylist(ctx, in.Playlist, name); err != nil {
			return nil, err
		}
	}
	if in.Tracks != nil {
		if err := a.cfg.Catalog.SetPlaylistTracks(ctx, in.Playlist, *in.Tracks); err != nil {
			return nil, err
		}
	}
	a.PlaylistsChanged()
	p, err := a.cfg.Catalog.Playlist(ctx, in.Playlist)
	return playlistView(p), err
}

func (a *API) deletePlaylist(ctx context.Context, in playlistArgs) (any, error) {
	if err := a.cfg.Catalog.DeletePlaylist(ctx, in.Playlist); err != nil {
		return nil, err
	}
	a.PlaylistsChanged()
	return nil, nil
}
