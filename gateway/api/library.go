package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// tracksView shows tracks with what the request's listener thinks of them.
func (a *API) tracksView(ctx context.Context, tracks []store.Track) ([]Track, error) {
	tastes, err := a.tastes(ctx)
	if err != nil {
		return nil, err
	}
	return a.tracksOf(ctx, tastes, tracks)
}

func (a *API) tracksOf(ctx context.Context, tastes []string, tracks []store.Track) ([]Track, error) {
	ids := mapped(tracks, func(t store.Track) string { return t.ID })
	ratings, err := a.cfg.Catalog.Ratings(ctx, tastes, ids)
	if err != nil {
		return nil, err
	}
	return mapped(tracks, func(t store.Track) Track { return trackView(t, ratings[t.ID]) }), nil
}

// tracksByID shows tracks by their ids, in their order; those that are not in
// the library any more are left out.
func (a *API) tracksByID(ctx context.Context, ids []string) ([]Track, error) {
	tracks, err := a.cfg.Catalog.TracksByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	return a.tracksView(ctx, tracks)
}

// tracksIn is tracksByID with what the listeners of a zone think of them.
func (a *API) tracksIn(ctx context.Context, zone string, ids []string) ([]Track, error) {
	tracks, err := a.cfg.Catalog.TracksByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	tastes, err := a.zoneTastes(ctx, zone)
	if err != nil {
		return nil, err
	}
	return a.tracksOf(ctx, tastes, tracks)
}

func (a *API) listTracks(ctx context.Context, in struct {
	pageArgs
	Album  string `json:"album"`
	Artist string `json:"artist"`
},
) (any, error) {
	p, err := in.page()
	if err != nil {
		return nil, err
	}
	tracks, total, err := a.cfg.Catalog.Tracks(ctx, store.TrackFilter{Album: in.Album, Artist: in.Artist}, p)
	if err != nil {
		return nil, err
	}
	items, err := a.tracksView(ctx, tracks)
	return Page[Track]{Items: items, Total: total, Offset: p.Offset}, err
}

type trackArgs struct {
	Track string `json:"track"`
}

func (a *API) getTrack(ctx context.Context, in trackArgs) (any, error) {
	t, err := a.cfg.Catalog.Track(ctx, in.Track)
	if err != nil {
		return nil, err
	}
	views, err := a.tracksView(ctx, []store.Track{t})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

func (a *API) rateTrack(ctx context.Context, in struct {
	Track string        `json:"track"`
	Value *store.Rating `json:"value"`
	Zone  string        `json:"zone"` // rated by its listeners
},
) (any, error) {
	if in.Value == nil || *in.Value < store.Disliked || *in.Value > store.Liked {
		return nil, invalid("value must be -1, 0 or 1.")
	}
	if _, err := a.cfg.Catalog.Track(ctx, in.Track); err != nil {
		return nil, err
	}
	tastes, err := a.tastes(ctx)
	if in.Zone != "" {
		if _, err := a.zone(in.Zone); err != nil {
			return nil, err
		}
		tastes, err = a.zoneTastes(ctx, in.Zone)
	}
	if err != nil {
		return nil, err
	}
	if err := a.cfg.Catalog.SetRating(ctx, tastes, in.Track, *in.Value); err != nil {
		return nil, err
	}
	a.ShowRating(ctx, in.Track)
	if in.Zone == "" {
		return a.getTrack(ctx, trackArgs{in.Track})
	}
	views, err := a.tracksIn(ctx, in.Zone, []string{in.Track})
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return views[0], nil
}

func (a *API) trackStream(ctx context.Context, in trackArgs) (any, error) {
	if a.cfg.Media == nil {
		return nil, errNoMedia
	}
	if _, err := a.cfg.Catalog.Track(ctx, in.Track); err != nil {
		return nil, err
	}
	return a.cfg.Media.TrackStream(ctx, in.Track)
}

func (a *API) listAlbums(ctx context.Context, in struct {
	pageArgs
	Artist string `json:"artist"`
},
) (any, error) {
	p, err := in.page()
	if err != nil {
		return nil, err
	}
	albums, total, err := a.cfg.Catalog.Albums(ctx, in.Artist, p)
	return Page[Album]{Items: mapped(albums, albumView), Total: total, Offset: p.Offset}, err
}

type albumDetail struct {
	Album  Album   `json:"album"`
	Tracks []Track `json:"tracks"`
}

func (a *API) getAlbum(ctx context.Context, in struct {
	Album string `json:"album"`
},
) (any, error) {
	album, err := a.cfg.Catalog.Album(ctx, in.Album)
	if err != nil {
		return nil, err
	}
	tracks, _, err := a.cfg.Catalog.Tracks(ctx, store.TrackFilter{Album: in.Album}, store.Page{Limit: maxPage})
	if err != nil {
		return nil, err
	}
	views, err := a.tracksView(ctx, tracks)
	return albumDetail{Album: albumView(album), Tracks: views}, err
}

func (a *API) listArtists(ctx context.Context, in pageArgs) (any, error) {
	p, err := in.page()
	if err != nil {
		return nil, err
	}
	artists, total, err := a.cfg.Catalog.Artists(ctx, p)
	return Page[Artist]{Items: mapped(artists, artistView), Total: total, Offset: p.Offset}, err
}

type artistDetail struct {
	Artist Artist  `json:"artist"`
	Albums []Album `json:"albums"`
	Tracks []Track `json:"tracks"`
}

func (a *API) getArtist(ctx context.Context, in struct {
	Artist string `json:"artist"`
},
) (any, error) {
	artist, err := a.cfg.Catalog.Artist(ctx, in.Artist)
	if err != nil {
		return nil, err
	}
	albums, _, err := a.cfg.Catalog.Albums(ctx, in.Artist, store.Page{Limit: maxPage})
	if err != nil {
		return nil, err
	}
	tracks, _, err := a.cfg.Catalog.Tracks(ctx, store.TrackFilter{Artist: in.Artist}, store.Page{Limit: maxPage})
	if err != nil {
		return nil, err
	}
	views, err := a.tracksView(ctx, tracks)
	return artistDetail{Artist: artistView(artist), Albums: mapped(albums, albumView), Tracks: views}, err
}

// found is a search's result as clients see it.
type found struct {
	Tracks    []Track    `json:"tracks"`
	Albums    []Album    `json:"albums"`
	Artists   []Artist   `json:"artists"`
	Playlists []Playlist `json:"playlists"`
}

func (a *API) search(ctx context.Context, in struct {
	Q     *string `json:"q"`
	Limit *int    `json:"limit"`
},
) (any, error) {
	if in.Q == nil {
		return nil, badRequest("q says what to search for.")
	}
	if utf8.RuneCountInString(*in.Q) > 200 {
		return nil, Invalid(phrase.SearchLong, 200)
	}
	limit, err := bounded(in.Limit, 20, 100)
	if err != nil {
		return nil, err
	}
	f, err := a.cfg.Catalog.Search(ctx, *in.Q, limit)
	if err != nil {
		return nil, err
	}
	tracks, err := a.tracksView(ctx, f.Tracks)
	return found{
		Tracks: tracks, Albums: mapped(f.Albums, albumView),
		Artists: mapped(f.Artists, artistView), Playlists: mapped(f.Playlists, playlistView),
	}, err
}

type place struct {
	Track     Track         `json:"track"`
	Why       string        `json:"why"`
	WhyPhrase phrase.Phrase `json:"whyPhrase,omitzero"`
}

func (a *API) chart(ctx context.Context, in struct {
	Limit *int `json:"limit"`
},
) (any, error) {
	limit, err := bounded(in.Limit, 40, 100)
	if err != nil {
		return nil, err
	}
	tastes, err := a.tastes(ctx)
	if err != nil {
		return nil, err
	}
	ranked, err := a.cfg.Charts.Chart(ctx, tastes, limit)
	if err != nil {
		return nil, err
	}
	tracks, err := a.tracksByID(ctx, mapped(ranked, func(r Ranked) string { return r.Track }))
	if err != nil {
		return nil, err
	}
	why := make(map[string]phrase.Phrase, len(ranked))
	for _, r := range ranked {
		why[r.Track] = r.Why
	}
	return List[place]{mapped(tracks, func(t Track) place { return place{Track: t, Why: why[t.ID].String(), WhyPhrase: why[t.ID]} })}, nil
}

// cover sends a picture. A cover's id changes with its bytes, so it can be
// kept for ever.
func (a *API) cover(w http.ResponseWriter, r *http.Request) {
	size := 512
	if q := r.URL.Query().Get("size"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 16 || n > 2048 {
			a.fail(w, r, invalid("size must be 16 to 2048."))
			return
		}
		size = n
	}
	id := r.PathValue("id")
	data, contentType, err := a.cfg.Covers.Cover(r.Context(), id, size)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("ETag", strconv.Quote(id+"-"+strconv.Itoa(size)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

var errNoMedia = problem(http.StatusNotImplemented, "not-available", "Not available", phrase.NoStreams)
