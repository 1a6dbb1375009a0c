package gateway

import (
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/cast"
)

func TestCertificatesThatADeviceShows(t *testing.T) {
	for _, c := range []struct {
		name   string
		before castCertificate
		shown  string
		after  castCertificate
		state  string
		refuse bool
	}{
		{"the first", castCertificate{}, "a", castCertificate{Pinned: "a"}, certificateKnown, false},
		{"the same", castCertificate{Pinned: "a"}, "a", castCertificate{Pinned: "a"}, certificateKnown, false},
		{"another is told, and the music goes on", castCertificate{Pinned: "a"}, "b", castCertificate{Pinned: "a", Shown: "b"}, certificateChanged, false},
		{"and yet another", castCertificate{Pinned: "a", Shown: "b"}, "c", castCertificate{Pinned: "a", Shown: "c"}, certificateChanged, false},
		{"the known one again", castCertificate{Pinned: "a", Shown: "b"}, "a", castCertificate{Pinned: "a"}, certificateKnown, false},
		{"the refused one", castCertificate{Pinned: "a", Shown: "b", Refused: true}, "b", castCertificate{Pinned: "a", Shown: "b", Refused: true}, certificateRefused, true},
		{"a new one behind a refusal", castCertificate{Pinned: "a", Shown: "b", Refused: true}, "c", castCertificate{Pinned: "a", Shown: "c", Refused: true}, certificateRefused, true},
		{"the known one behind a refusal", castCertificate{Pinned: "a", Shown: "b", Refused: true}, "a", castCertificate{Pinned: "a"}, certificateKnown, false},
	} {
		after, err := c.before.see(c.shown)
		if after != c.after || errors.Is(err, cast.ErrCertificate) != c.refuse || after.state() != c.state {
			t.Errorf("%s: %+v, %v, %s", c.name, after, err, after.state())
		}
	}
}
