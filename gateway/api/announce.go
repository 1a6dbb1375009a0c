package api

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// AnnounceRequest is a clip for one device, or for a zone's. Duck is by how many dB
// the music is quieter meanwhile; Volume is 0 to 100, nil for the device's own.
type AnnounceRequest struct {
	Device, Zone string
	Duck         int
	Volume       *int
	Clip         []byte // an audio file
}

// Announced says who plays a clip.
type Announced struct {
	Devices  []string `json:"devices"`
	LengthMs int64    `json:"lengthMs"`
}

// defaultDuck leaves the music a tenth of its amplitude.
const defaultDuck = 20

// announce takes an audio file as the body: its parameters are in the query.
func (a *API) announce(w http.ResponseWriter, r *http.Request) {
	answer, err := a.announceWith(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.reply(w, http.StatusAccepted, answer)
}

func (a *API) announceWith(r *http.Request) (Announced, error) {
	kind := r.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "audio/") && kind != "application/ogg" {
		return Announced{}, problem(http.StatusUnsupportedMediaType, "media-type", "Not an audio file", phrase.Program, "The body must be an audio file, with its Content-Type.")
	}
	q := r.URL.Query()
	in := AnnounceRequest{Device: q.Get("device"), Zone: q.Get("zone"), Duck: defaultDuck}
	if (in.Device == "") == (in.Zone == "") {
		return Announced{}, invalid("Either device or zone is needed.")
	}
	if in.Zone != "" {
		if _, err := a.zone(in.Zone); err != nil {
			return Announced{}, err
		}
	}
	if text := q.Get("duck"); text != "" {
		duck, err := strconv.Atoi(text)
		if err != nil || duck < 0 || duck > 200 {
			return Announced{}, invalid("duck must be 0 to 200.")
		}
		in.Duck = duck
	}
	if text := q.Get("volume"); text != "" {
		volume, err := strconv.Atoi(text)
		if err != nil || volume < 0 || volume > 100 {
			return Announced{}, invalid("volume must be 0 to 100.")
		}
		in.Volume = &volume
	}
	var err error
	if in.Clip, err = io.ReadAll(r.Body); err != nil {
		return Announced{}, err
	}
	return a.cfg.Devices.Announce(r.Context(), in)
}
