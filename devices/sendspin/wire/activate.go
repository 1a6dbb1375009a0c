package wire

import (
	"encoding/json"
	"fmt"
)

// Activity is a purpose of a connection in the current dialect.
type Activity string

// The activities.
const (
	PlaybackActivity Activity = "playback"
	PairingActivity  Activity = "pairing"
)

// PairMethod is a way to pair.
type PairMethod string

// The pairing methods.
const (
	PairPSK     PairMethod = "pairing_psk"
	PairDynamic PairMethod = "dynamic_pairing_code"
	PairStatic  PairMethod = "static_pairing_code"
)

// CodeFormat is how a client emits a dynamic pairing code.
type CodeFormat string

// The emission formats.
const (
	Digits CodeFormat = "digits"
	QRCode CodeFormat = "qr_code"
)

// Activation is server/activate: what the server uses the connection for.
type Activation struct {
	Activities []Activity `json:"activities"`
	// Roles are those that are active; nil leaves them as they were.
	Roles   *[]Role        `json:"active_roles,omitempty"`
	Pairing *ActivePairing `json:"pairing,omitempty"`
}

// ActivePairing is the attempt that an activation admits.
type ActivePairing struct {
	Method PairMethod `json:"method"`
	Format CodeFormat `json:"format,omitempty"` // with PairDynamic
}

// Has tells whether an activity is declared.
func (a Activation) Has(want Activity) bool {
	for _, x := range a.Activities {
		if x == want {
			return true
		}
	}
	return false
}

// ParseActivation reads a server/activate. Activities that nobody knows are left
// out.
func ParseActivation(m Message) (Activation, error) {
	var a Activation
	if err := m.required(&a); err != nil {
		return Activation{}, err
	}
	if a.Roles != nil && len(*a.Roles) > maxList {
		return Activation{}, fmt.Errorf("%w: %d roles", ErrMalformed, len(*a.Roles))
	}
	known := []Activity{}
	for _, x := range a.Activities {
		if (x == PlaybackActivity || x == PairingActivity) && len(known) < 2 {
			known = append(known, x)
		}
	}
	a.Activities = known
	if a.Has(PairingActivity) && a.Pairing == nil {
		return Activation{}, fmt.Errorf("%w: pairing without its method", ErrMalformed)
	}
	return a, nil
}

// PairMethods are what a client offers, in client/hello.
type PairMethods struct {
	PSK     *PairPlace   `json:"pairing_psk,omitempty"`
	Static  *PairPlace   `json:"static_pairing_code,omitempty"`
	Dynamic *PairEmitter `json:"dynamic_pairing_code,omitempty"`

	// Listed tells that the methods came as a list, as a draft had it that clients
	// were released with (sendspin-js 4.0.0). There they mean something else, so that
	// there is none here; and the draft's audio chunks have the cleartext dialect's
	// header.
	Listed bool `json:"-"`
}

// UnmarshalJSON takes a list for no method, see Listed.
func (p *PairMethods) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		*p = PairMethods{Listed: true}
		return nil
	}
	type plain PairMethods
	return json.Unmarshal(data, (*plain)(p))
}

// MarshalJSON writes a list where it was one.
func (p PairMethods) MarshalJSON() ([]byte, error) {
	if p.Listed {
		return []byte("[]"), nil
	}
	type plain PairMethods
	return json.Marshal(plain(p))
}

// PairPlace says where a secret is to be found: "device", "leaflet" or
// "operator". It is a hint.
type PairPlace struct {
	Locations []string `json:"locations,omitempty"`
}

// PairEmitter says how a client shows its code.
type PairEmitter struct {
	Channels []string     `json:"out_channels"` // "display", "speaker"
	Formats  []CodeFormat `json:"formats"`
}

// UnpairedAccess tells whether a client plays for a server without pairing.
type UnpairedAccess struct {
	Enabled bool `json:"enabled"`
}

// check leaves out what is not known (pairing.md, "pair-method descriptor").
func (p *PairMethods) check() {
	if d := p.Dynamic; d != nil {
		d.Channels = keep(d.Channels, "display", "speaker")
		d.Formats = keep(d.Formats, Digits, QRCode)
		if len(d.Channels) == 0 || len(d.Formats) == 0 {
			p.Dynamic = nil
		}
	}
	if p.Dynamic != nil {
		p.Static = nil // a client lists one of the two; the safer one counts
	}
	for _, place := range []*PairPlace{p.PSK, p.Static} {
		if place != nil {
			place.Locations = keep(place.Locations, "device", "leaflet", "operator")
		}
	}
}

func keep[T comparable](list []T, known ...T) []T {
	kept := []T{}
	for _, k := range known {
		for _, x := range list {
			if x == k {
				kept = append(kept, k)
				break
			}
		}
	}
	return kept
}
