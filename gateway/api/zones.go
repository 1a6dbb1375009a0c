package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

type zoneArgs struct {
	Zone string `json:"zone"`
}

func (a *API) zone(id string) (Zone, error) {
	z, ok := a.cfg.Zones.Get(id)
	if !ok {
		return nil, problem(http.StatusNotFound, "not-found", "No such zone", phrase.NoZone)
	}
	return z, nil
}

// shown is a zone as it is now.
func (a *API) shown(ctx context.Context, z Zone) (any, error) {
	s, err := z.State(ctx)
	if err != nil {
		return nil, err
	}
	return a.zoneView(ctx, s), nil
}

// zoneView shows a zone's state. The track is shown as the zone knows it where
// the library does not have it any more.
func (a *API) zoneView(ctx context.Context, s zone.State) ZoneView {
	v := ZoneView{
		ID: s.ID, Name: s.Name, State: s.State, OffsetMs: s.Offset.Milliseconds(), At: a.cfg.Wall(s).UnixMilli(),
		Epoch: s.Epoch, Repeat: s.Repeat, Shuffle: s.Arranged == zone.Shuffled, Mix: s.Arranged == zone.ByLiking, Click: s.Click, CrossfadeMs: s.Crossfade.Milliseconds(), Context: ContextView(s.Context), Leader: s.Leader,
		Members: mapped(s.Members, func(id string) string { return id }), Revision: s.Revision,
		Length: s.Length, Index: s.Index, Problem: s.Problem.String(), ProblemPhrase: s.Problem,
		Listeners: []string{},
	}
	if audience, err := a.cfg.Listeners.Audience(ctx, s.ID); err == nil {
		v.Learning = audience.Learning
		v.Listeners = append(v.Listeners, audience.Listeners...)
	}
	if s.Landing.Kind != "" {
		v.Landing = &ContextView{s.Landing.Kind, s.Landing.ID, s.Landing.Name}
	}
	if s.Entry == nil {
		return v
	}
	v.Entry = &EntryView{ID: s.Entry.ID, By: s.Entry.By, Why: s.Entry.Why.String(), WhyPhrase: s.Entry.Why}
	tracks, err := a.tracksIn(ctx, s.ID, []string{s.Entry.Track})
	if err == nil && len(tracks) == 1 {
		v.Track = &tracks[0]
		return v
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("look up the track that plays", "zone", s.ID, "err", err)
	}
	if s.Track == nil {
		return v
	}
	v.Track = &Track{
		ID: s.Track.ID, Title: s.Track.Title, Artist: s.Track.Artist, ArtistID: s.Track.ArtistID,
		Album: s.Track.Album, AlbumID: s.Track.AlbumID, DurationMs: s.Track.Duration.Milliseconds(), Cover: coverURL(s.Track.Cover),
		Live: s.Track.Live,
	}
	return v
}

func (a *API) listZones(ctx context.Context, _ none) (any, error) {
	out := List[ZoneView]{Items: []ZoneView{}}
	for _, z := range a.cfg.Zones.List() {
		s, err := z.State(ctx)
		if errors.Is(err, zone.ErrClosed) {
			continue // deleted since
		}
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, a.zoneView(ctx, s))
	}
	return out, nil
}

func (a *API) getZone(ctx context.Context, in zoneArgs) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

func (a *API) createZone(ctx context.Context, in struct {
	Name string `json:"name"`
},
) (any, error) {
	name, err := cleanName(in.Name, 100)
	if err != nil {
		return nil, err
	}
	z, err := a.cfg.Zones.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

func (a *API) deleteZone(ctx context.Context, in zoneArgs) (any, error) {
	if _, err := a.zone(in.Zone); err != nil {
		return nil, err
	}
	return nil, a.cfg.Zones.Delete(ctx, in.Zone)
}

type contextArgs struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// zonePatch is what a zone is asked to change; nil stays.
type zonePatch struct {
	Zone        string       `json:"zone"`
	Name        *string      `json:"name"`
	Repeat      *zone.Repeat `json:"repeat"`
	Shuffle     *bool        `json:"shuffle"`
	Mix         *bool        `json:"mix"`
	Click       *bool        `json:"click"`
	CrossfadeMs *int64       `json:"crossfadeMs"`
	Context     *contextArgs `json:"context"`

	Listeners *[]string `json:"listeners"`
	Learning  *bool     `json:"learning"`
}

// check refuses what cannot be, before anything is changed.
func (in *zonePatch) check() (err error) {
	if in.Name == nil && in.Repeat == nil && in.Shuffle == nil && in.Mix == nil && in.Click == nil && in.CrossfadeMs == nil && in.Context == nil &&
		in.Listeners == nil && in.Learning == nil {
		return invalid("There is nothing to change.")
	}
	if in.Shuffle != nil && *in.Shuffle && in.Mix != nil && *in.Mix {
		return invalid("A queue is shuffled or sorted by liking, not both.")
	}
	if in.Repeat != nil {
		switch *in.Repeat {
		case zone.RepeatOff, zone.RepeatOne, zone.RepeatAll:
		default:
			return invalid("repeat must be off, one or all.")
		}
	}
	if most := zone.MaxCrossfade.Milliseconds(); in.CrossfadeMs != nil && (*in.CrossfadeMs < 0 || *in.CrossfadeMs > most) {
		return invalid("crossfadeMs must be from 0 to %d.", most)
	}
	if in.Name != nil {
		*in.Name, err = cleanName(*in.Name, 100)
	}
	return err
}

func (a *API) patchZone(ctx context.Context, in zonePatch) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var ref zone.ContextRef
	if in.Context != nil {
		if ref, err = a.contextRef(ctx, *in.Context); err != nil {
			return nil, err
		}
	}
	if in.Name != nil {
		if err := a.cfg.Zones.Rename(ctx, in.Zone, *in.Name); err != nil {
			return nil, err
		}
	}
	if in.CrossfadeMs != nil {
		if err := a.cfg.Zones.SetCrossfade(ctx, in.Zone, time.Duration(*in.CrossfadeMs)*time.Millisecond); err != nil {
			return nil, err
		}
	}
	if err := a.patchPlaying(ctx, z, in); err != nil {
		return nil, err
	}
	if err := a.patchAudience(ctx, in.Zone, in.Listeners, in.Learning); err != nil {
		return nil, err
	}
	if in.Context != nil {
		if err := z.SetContext(ctx, ref); err != nil {
			return nil, err
		}
	}
	return a.shown(ctx, z)
}

// patchPlaying changes how a zone plays its queue.
func (a *API) patchPlaying(ctx context.Context, z Zone, in zonePatch) error {
	if in.Repeat != nil {
		if err := z.SetRepeat(ctx, *in.Repeat); err != nil {
			return err
		}
	}
	if in.Shuffle != nil {
		if err := z.SetShuffle(ctx, *in.Shuffle); err != nil {
			return err
		}
	}
	if in.Mix != nil {
		if err := z.SetMix(ctx, *in.Mix); err != nil {
			return err
		}
	}
	if in.Click != nil {
		return z.SetClick(ctx, *in.Click)
	}
	return nil
}

// patchAudience says who listens in a zone, and whether that teaches anybody.
func (a *API) patchAudience(ctx context.Context, zone string, listeners *[]string, learning *bool) error {
	if listeners == nil && learning == nil {
		return nil
	}
	audience, err := a.cfg.Listeners.Audience(ctx, zone)
	if err != nil {
		return err
	}
	if listeners != nil {
		if len(*listeners) > maxListeners {
			return Invalid(phrase.ListenersFull, maxListeners)
		}
		for _, id := range *listeners {
			if _, err := a.listener(ctx, id); err != nil {
				return err
			}
		}
		audience.Listeners = *listeners
	}
	if learning != nil {
		audience.Learning = *learning
	}
	if err := a.cfg.Listeners.SetAudience(ctx, audience); err != nil {
		return err
	}
	a.ListenersChanged(ctx)
	return nil
}

// contextRef checks what a flow shall be made from and finds its name.
func (a *API) contextRef(ctx context.Context, in contextArgs) (zone.ContextRef, error) {
	ref := zone.ContextRef(in)
	var err error
	if in.Name != "" {
		if ref.Name, err = cleanName(in.Name, 200); err != nil {
			return ref, err
		}
	}
	switch in.Kind {
	case "taste":
		return zone.ContextRef{Kind: in.Kind, Name: ref.Name}, nil
	case "mood":
		if ref.ID, err = cleanName(in.ID, 100); err != nil {
			return ref, err
		}
		if ref.Name == "" {
			ref.Name = ref.ID
		}
		return ref, nil
	case "playlist":
		var p store.Playlist
		p, err = a.cfg.Catalog.Playlist(ctx, in.ID)
		ref.Name = p.Name
	case "album":
		var album store.Album
		album, err = a.cfg.Catalog.Album(ctx, in.ID)
		ref.Name = album.Title
	case "artist":
		var artist store.Artist
		artist, err = a.cfg.Catalog.Artist(ctx, in.ID)
		ref.Name = artist.Name
	case "track":
		var t store.Track
		t, err = a.cfg.Catalog.Track(ctx, in.ID)
		ref.Name = t.Title
	default:
		return ref, invalid("kind must be taste, playlist, album, artist, track or mood.")
	}
	return ref, err
}

// pressing makes an operation of a button that has no arguments.
func (a *API) pressing(press func(Zone, context.Context) error) func(context.Context, zoneArgs) (any, error) {
	return func(ctx context.Context, in zoneArgs) (any, error) {
		z, err := a.zone(in.Zone)
		if err != nil {
			return nil, err
		}
		if err := press(z, ctx); err != nil {
			return nil, err
		}
		return a.shown(ctx, z)
	}
}

func (a *API) playZone(ctx context.Context, in struct {
	Zone  string       `json:"zone"`
	Entry zone.EntryID `json:"entry"`
},
) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	if in.Entry != "" {
		err = z.PlayEntry(ctx, in.Entry)
	} else {
		err = z.Play(ctx)
	}
	if err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

func (a *API) seekZone(ctx context.Context, in struct {
	Zone     string `json:"zone"`
	OffsetMs *int64 `json:"offsetMs"`
},
) (any, error) {
	const most = int64(1000 * time.Hour / time.Millisecond)
	if in.OffsetMs == nil || *in.OffsetMs < 0 || *in.OffsetMs > most {
		return nil, invalid("offsetMs must be 0 or more.")
	}
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	if err := z.Seek(ctx, time.Duration(*in.OffsetMs)*time.Millisecond); err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

// jumpZone presses JUMP; with After what plays is heard to its end first.
func (a *API) jumpZone(ctx context.Context, in struct {
	Zone  string `json:"zone"`
	After bool   `json:"after"`
},
) (any, error) {
	z, err := a.zone(in.Zone)
	if err != nil {
		return nil, err
	}
	press := z.Jump
	if in.After {
		press = z.JumpAfter
	}
	if _, err := press(ctx); err != nil {
		return nil, err
	}
	return a.shown(ctx, z)
}

func (a *API) zoneStream(ctx context.Context, in zoneArgs) (any, error) {
	if _, err := a.zone(in.Zone); err != nil {
		return nil, err
	}
	if a.cfg.Media == nil {
		return nil, errNoMedia
	}
	return a.cfg.Media.ZoneStream(ctx, in.Zone)
}
