package api

import (
	"context"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// queuePage is a part of a queue as clients see it.
type queuePage struct {
	Revision uint64       `json:"revision"`
	Index    int          `json:"index"`
	Length   int          `json:"length"`
	Offset   int          `json:"offset"`
	Items    []queueEntry `json:"items"`
}

type queueEntry struct {
	ID        zone.EntryID  `json:"id"`
	By        zone.By       `json:"by"`
	Why       string        `json:"why"`
	WhyPhrase phrase.Phrase `json:"whyPhrase,omitzero"`
	Track     Track         `json:"track"`
}

// beforeCurrent is how many entries a page of a queue shows before the current
// one where nobody says where it should start.
const beforeCurrent = 5

func (a *API) getQueue(ctx context.Context, in struct {
	Zone   string `json:"zone"`
	Offset *int   `json:"offset"`
	Limit  *int   `json:"limit"`
},
) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	limit, err := bounded(in.Limit, 100, maxPage)
	if err != nil {
		return nil, err
	}
	var offset int
	if in.Offset != nil {
		if offset = *in.Offset; offset < 0 {
			return nil, invalid("offset must be 0 or more.")
		}
	} else {
		s, err := z.State(ctx)
		if err != nil {
			return nil, err
		}
		offset = max(0, s.Index-beforeCurrent)
	}
	page, err := z.Queue(ctx, offset, limit)
	if err != nil {
		return nil, err
	}
	return a.queueView(ctx, in.Zone, page)
}

// queueView shows a page. An entry whose track is not in the library any more
// stays, so that it can be taken out.
func (a *API) queueView(ctx context.Context, zoneID string, page zone.QueuePage) (queuePage, error) {
	tracks, err := a.tracksIn(ctx, zoneID, mapped(page.Entries, func(e zone.Entry) string { return e.Track }))
	if err != nil {
		return queuePage{}, err
	}
	byID := make(map[string]Track, len(tracks))
	for _, t := range tracks {
		byID[t.ID] = t
	}
	return queuePage{
		Revision: page.Revision, Index: page.Index, Length: page.Length, Offset: page.Offset,
		Items: mapped(page.Entries, func(e zone.Entry) queueEntry {
			t, ok := byID[e.Track]
			if !ok {
				t, ok = a.inputView(ctx, e.Track)
			}
			if !ok {
				gone := phrase.New(phrase.TrackGone)
				t = Track{ID: e.Track, Waiting: gone.String(), WaitingPhrase: gone}
			}
			return queueEntry{ID: e.ID, By: e.By, Why: e.Why.String(), WhyPhrase: e.Why, Track: t}
		}),
	}, nil
}

type queueAdded struct {
	Entries  []zone.EntryID `json:"entries"`
	Revision uint64         `json:"revision"`
}

type queueAdd struct {
	Zone     string     `json:"zone"`
	Tracks   []string   `json:"tracks"`
	Album    string     `json:"album"`
	Playlist string     `json:"playlist"`
	Artist   string     `json:"artist"`
	At       zone.Place `json:"at"`
	Clear    bool       `json:"clear"`
	Revision uint64     `json:"revision"`
}

func (a *API) addToQueue(ctx context.Context, in queueAdd) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	switch in.At {
	case zone.AtNow, zone.AtNext, zone.AtEnd:
	case "":
		in.At = zone.AtEnd
	default:
		return nil, invalid("at must be now, next or end.")
	}
	tracks, err := a.tracksToAdd(ctx, in)
	if err != nil {
		return nil, err
	}
	ids, err := z.Add(ctx, zone.AddRequest{Tracks: tracks, At: in.At, Clear: in.Clear, Revision: in.Revision})
	if err != nil {
		return nil, err
	}
	s, err := z.State(ctx)
	return queueAdded{Entries: ids, Revision: s.Revision}, err
}

// tracksToAdd are the tracks that a request names in one of four ways.
func (a *API) tracksToAdd(ctx context.Context, in queueAdd) (tracks []string, err error) {
	ways := 0
	for _, given := range []bool{len(in.Tracks) > 0, in.Album != "", in.Playlist != "", in.Artist != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return nil, invalid("Give exactly one of tracks, album, playlist and artist.")
	}
	switch {
	case len(in.Tracks) > 0:
		tracks, err := a.checkInputs(ctx, in.Tracks)
		if err != nil {
			return nil, err
		}
		return in.Tracks, a.checkTracks(ctx, tracks)
	case in.Album != "":
		if _, err = a.cfg.Catalog.Album(ctx, in.Album); err == nil {
			tracks, err = a.playable(ctx, store.TrackFilter{Album: in.Album})
		}
	case in.Artist != "":
		if _, err = a.cfg.Catalog.Artist(ctx, in.Artist); err == nil {
			tracks, err = a.playable(ctx, store.TrackFilter{Artist: in.Artist})
		}
	default:
		var ids []string
		if ids, err = a.cfg.Catalog.PlaylistTracks(ctx, in.Playlist); err == nil {
			var there []store.Track
			there, err = a.cfg.Catalog.TracksByID(ctx, ids)
			tracks = playableOf(there)
		}
	}
	if err == nil && len(tracks) == 0 {
		err = Invalid(phrase.NothingPlayable)
	}
	return tracks, err
}

// playable are all tracks that pass a filter and can be played now.
func (a *API) playable(ctx context.Context, f store.TrackFilter) ([]string, error) {
	var ids []string
	for offset := 0; ; {
		tracks, total, err := a.cfg.Catalog.Tracks(ctx, f, store.Page{Offset: offset, Limit: maxPage})
		if err != nil {
			return nil, err
		}
		ids = append(ids, playableOf(tracks)...)
		offset += len(tracks)
		if len(tracks) == 0 || offset >= total || len(ids) > maxPlaylist {
			return ids, nil
		}
	}
}

func playableOf(tracks []store.Track) []string {
	var ids []string
	for _, t := range tracks {
		if t.Waiting == "" && !t.Missing {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

type moveArgs struct {
	IDs    []zone.EntryID `json:"ids"`
	Before zone.EntryID   `json:"before"`
}

func (a *API) patchQueue(ctx context.Context, in struct {
	Zone  string    `json:"zone"`
	Move  *moveArgs `json:"move"`
	Clear bool      `json:"clear"`
},
) (any, error) {
	switch {
	case (in.Move != nil) == in.Clear:
		return nil, invalid("Give exactly one of move and clear.")
	case in.Clear:
		return a.pressing(Zone.Clear)(ctx, zoneArgs{in.Zone})
	}
	return a.move(ctx, in.Zone, *in.Move)
}

func (a *API) moveInQueue(ctx context.Context, in struct {
	Zone string `json:"zone"`
	moveArgs
},
) (any, error) {
	return a.move(ctx, in.Zone, in.moveArgs)
}

func (a *API) move(ctx context.Context, id string, in moveArgs) (any, error) {
	z, err := a.zone(id)
	if err != nil {
		return nil, err
	}
	if len(in.IDs) == 0 || len(in.IDs) > 10_000 {
		return nil, invalid("ids has 1 to 10000 entries.")
	}
	if err := z.Move(ctx, in.IDs, in.Before); err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

func (a *API) removeFromQueue(ctx context.Context, in struct {
	Zone  string       `json:"zone"`
	Entry zone.EntryID `json:"entry"`
},
) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	return nil, z.Remove(ctx, []zone.EntryID{in.Entry})
}
