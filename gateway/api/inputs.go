package api

import (
	"context"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// InputPrefix stands before a device's id where its input takes the place of a track
// in a queue.
const InputPrefix = "input:"

// checkInputs refuses inputs of devices that have none, and returns the tracks.
func (a *API) checkInputs(ctx context.Context, ids []string) (tracks []string, err error) {
	for _, id := range ids {
		device, is := strings.CutPrefix(id, InputPrefix)
		if !is {
			tracks = append(tracks, id)
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
	d, err := a.cfg.Devices.Get(ctx, device)
	if err != nil {
		return Track{}, false
	}
	return Track{ID: id, Title: d.Name}, true
}
