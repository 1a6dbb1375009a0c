package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/library/measure"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/web"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// build puts the rooms together, those that others need first.
func (g *Gateway) build(ctx context.Context) error {
	ffmpeg, err := audio.NewFFmpeg(g.cfg.FFmpeg)
	if errors.Is(err, audio.ErrNeedsFFmpeg) && g.cfg.FFmpeg == "" {
		g.log.Info("no ffmpeg here: AAC, ALAC and Vorbis files are listed, and play once it is installed")
	} else if err != nil {
		return fmt.Errorf("use ffmpeg: %w", err)
	}
	if err := g.buildLibrary(ffmpeg); err != nil {
		return err
	}
	if err := useToken(ctx, g.store, g.cfg.Token); err != nil {
		return err
	}
	if err := g.buildTaste(ctx, ffmpeg); err != nil {
		return err
	}
	key, err := g.folder.secret("media.key", 32)
	if err != nil {
		return err
	}
	signer := api.NewSigner(key, time.Now)
	origin := &origin{signer: signer, port: uint16(g.port.Address().Port), advertise: g.cfg.Advertise}
	tracks := &tracks{store: g.store, library: g.library, ffmpeg: ffmpeg}
	g.inputs = &inputs{log: g.log, captures: map[*sendspin.Player]*capture{}}
	coders := audio.Encoders{FFmpeg: ffmpeg}
	g.broadcasts = &broadcasts{log: g.log, byID: map[string]*broadcast{}}
	g.buildZones(&zoneMusic{tracks, g.inputs, g.broadcasts}, origin, coders)
	g.broadcasts.zones = g.zones
	if err := g.buildHouse(ctx, origin, key); err != nil {
		return err
	}
	if err := g.buildMedia(signer, tracks, coders); err != nil {
		return err
	}
	return g.buildAPI(ctx, key, ffmpeg != nil)
}

func (g *Gateway) buildLibrary(ffmpeg *audio.FFmpeg) (err error) {
	roots := g.cfg.Music
	if g.cfg.Demo {
		if err := os.MkdirAll(g.demoFolder(), 0o755); err != nil { //nolint:gosec // music is no secret
			return fmt.Errorf("make the demo folder: %w", err)
		}
		roots = []string{g.demoFolder()}
	}
	g.library, err = library.New(library.Config{
		Store: g.store, Roots: roots, Look: g.cfg.Look, Data: g.cfg.Data, Prober: library.AudioProber{FFmpeg: ffmpeg}, Log: g.log,
	})
	return err
}

// buildTaste makes what learns from what is played.
func (g *Gateway) buildTaste(ctx context.Context, ffmpeg *audio.FFmpeg) error {
	g.audience = newAudience(g.store)
	if err := g.audience.load(ctx); err != nil {
		return err
	}
	g.recommender = newRecommender(g.store, g.audience, g.cfg.Data, g.log)
	g.measurer = measure.New(measure.Config{
		Store: g.store, Open: g.library.Open, FFmpeg: ffmpeg, Left: g.library.SetUnmeasured, Log: g.log,
		Heard: g.recommender.heard,
	})
	g.scrobble = scrobble.New(scrobble.Config{Queue: scrobbleQueue{g.store}, Version: g.cfg.Version, Log: g.log})
	return nil
}

func (g *Gateway) buildZones(tracks zone.Tracks, origin *origin, coders audio.Encoders) {
	journal := newJournal(g.store, g.recommender, g.audience, g.scrobble, g.log)
	g.zones = &zones{store: g.store, byID: map[string]*runningZone{}}
	g.zones.open = func(row store.ZoneRow) (*zone.Zone, error) {
		return zone.New(zone.Config{
			ID: row.ID, Name: row.Name, Crossfade: row.Crossfade, Clock: g.clock, Tracks: tracks, Journal: journal,
			Flow: g.recommender, Origin: origin, Log: g.log, NewEncoder: coders.New,
			Explain:  explain,
			Detached: func(device string, reason error) { g.house.released(row.ID, device, reason) },
		})
	}
	g.zones.changed = func(ctx context.Context, s zone.State) {
		g.api.SetZone(ctx, s)
		g.house.zoneChanged(s)
	}
	g.zones.settle = g.listeners().settle
	g.zones.dropped = func(id string) {
		g.api.DropZone(id)
		g.house.zoneDropped(id)
	}
}

func (g *Gateway) buildHouse(ctx context.Context, origin *origin, key []byte) error {
	g.registry = devices.New(devices.Config{Log: g.log})
	id, err := g.identity(ctx)
	if err != nil {
		return err
	}
	secret, err := g.folder.secret("sendspin.key", noise.KeyLen)
	if err != nil {
		return err
	}
	key25519, err := noise.IdentityOf([noise.KeyLen]byte(secret))
	if err != nil {
		return err
	}
	keys, err := openPairings(filepath.Join(g.cfg.Data, "pairings.json"))
	if err != nil {
		return err
	}
	cleartext, err := cleartextTaken(ctx, g.store)
	if err != nil {
		return err
	}
	g.players, err = sendspin.New(sendspin.Config{
		Identity: &key25519, Keys: keys, RefuseCleartext: !cleartext,
		ID: id, Name: g.cfg.Name, Now: func() int64 { return int64(g.clock.Now()) }, Log: g.log,
		Access: func(client string) sendspin.Access { return g.house.access(client) },
	})
	if err != nil {
		return err
	}
	own := ""
	if g.cfg.Player != "off" {
		if g.ownPlayer, err = ownPlayerKey(key); err != nil {
			return err
		}
		own = g.ownPlayer.ID()
	}
	g.house = newHouse(houseConfig{
		Inputs: g.inputs,
		Store:  g.store, Registry: g.registry, Players: g.players, Pairings: keys, Covers: g.library, Rate: g.rate, Tastes: g.audience.tastes, Zones: g.zones, Clock: g.clock, Origin: origin,
		OwnPlayer: own, FormerOwnPlayer: formerOwnPlayer(key), OwnSilent: g.ownSilent.Load, Log: g.log,
		Show: func(d api.Device) { g.api.SetDevice(d) },
		Drop: func(id string) { g.api.DropDevice(id) },
	})
	g.inputs.house = g.house
	return nil
}

// buildMedia makes what serves sound over HTTP and WebRTC.
func (g *Gateway) buildMedia(signer *api.Signer, tracks *tracks, coders audio.Encoders) (err error) {
	renditions := sync.OnceValue(func() []member.Rendition { return member.Renditions(coders) })
	g.tabs = newTabs(g.house, g.zones, g.clock, signer, renditions)
	if g.port.HTTP3() {
		g.tabs.pushHash = g.port.PushHash
	}
	g.pusher.signer, g.pusher.tabs = signer, g.tabs
	if g.rtc, err = rtc.New(rtc.Config{Clock: g.clock, Join: g.joinWHEP, Publish: g.broadcasts.publish, Log: g.log}); err != nil {
		return err
	}
	g.media = &media{
		store: g.store, library: g.library, house: g.house, zones: g.zones, tabs: g.tabs, signer: signer,
		rtc: g.rtc, tracks: tracks, conversions: make(chan struct{}, maxConversions),
		vods: newTrackStreams(tracks, newDiskCache(filepath.Join(g.cfg.Data, "cache"), cacheQuota, g.log), coders, renditions),
	}
	return nil
}

func (g *Gateway) buildAPI(ctx context.Context, key []byte, ffmpeg bool) error {
	code, err := g.newSetupCode(ctx)
	if err != nil {
		return err
	}
	g.setupCode = code
	page, _ := web.Bundle()
	g.api, err = api.New(api.Config{
		Name: g.cfg.Name, Version: g.cfg.Version, SetupCode: code, Key: key,
		Features: api.Features{Opus: audio.EncoderAvailable(audio.Opus), FFmpeg: ffmpeg},
		Names:    append([]string{announcedName(g.cfg.Name)}, g.cfg.Hosts...),
		Catalog:  g.catalog(),
		Covers:   g.library, Accounts: accounts{g.store, g.audience}, Zones: g.zones, Devices: g.house,
		Listeners: g.listeners(),
		Charts:    g.recommender, Scanner: g.library, Tabs: g.tabs, Media: g.media, Broadcasts: g.broadcasts,
		Player: g.players.Handler(), CA: g.ca, Page: page, HTTPS: true,
		Wall: func(s zone.State) time.Time { return time.Now().Add(g.clock.Until(s.At)) },
		Log:  g.log,
	})
	return err
}

// rate keeps a rating that was given at a player, by who listens in its zone.
func (g *Gateway) rate(ctx context.Context, zone, track string, value store.Rating) error {
	if err := g.catalog().SetRating(ctx, g.audience.tastes(zone), track, value); err != nil {
		return err
	}
	g.api.ShowRating(ctx, track)
	return nil
}

// catalog is the library with what hears of changes to it.
func (g *Gateway) catalog() catalog {
	return catalog{Store: g.store, recommender: g.recommender, rated: g.house.rated}
}

func (g *Gateway) listeners() listeners {
	return listeners{store: g.store, audience: g.audience, recommender: g.recommender, zones: g.zones, scrobble: g.scrobble}
}
