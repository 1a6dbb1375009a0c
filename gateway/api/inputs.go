package api

import (
	"context"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// InputPrefix stands before the id of a device, or of a broadcast, where what comes in
// there takes the place of a track in a queue.
const InputPrefix = "input:"

// checkInputs refuses inputs of devices that have none, and returns the tracks.
func (a *API) checkInputs(ctx context.Context, ids []string) (tracks []string, err error) {
	for _, id := range ids {
		device, is := strings.CutPrefix(id, InputPrefix)
		if !is {
			tracks = append(tracks, id)
			continue
		}
		if _, ok := a.broadcast(device); ok {
			continue
		}
		d, err := a.cfg.Devices.Get(ctx, device)
		if err != nil {
			return nil, err
		}
		if d.Player == nil || d.Player.Input == nil {
			return nil, zone.ErrNoTrack
		}
	}
	return tracks, nil
}

// inputView shows an input as a track, if it is one.
func (a *API) inputView(ctx context.Context, id string) (Track, bool) {
	device, is := strings.CutPrefix(id, InputPrefix)
	if !is {
		return Track{}, false
	}
	if name, ok := a.broadcast(device); ok {
		return Track{ID: id, Title: name, Live: true}, true
	}
	d, err := a.cfg.Devices.Get(ctx, device)
	if err != nil {
		return Track{}, false
	}
	return Track{ID: id, Title: d.Name, Live: true}, true
}

func (a *API) broadcast(id string) (name string, ok bool) {
	if a.cfg.Broadcasts == nil {
		return "", false
	}
	return a.cfg.Broadcasts.Broadcast(id)
}
