package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// castCertificate is what is kept of the certificates that a Chromecast shows:
// the setting "cast-certificate:ID" of the store, as JSON. Fingerprints are the
// SHA-256 of a certificate in hexadecimal.
type castCertificate struct {
	Pinned string `json:"pinned"` // the first that was seen, or the last that was accepted
	// Shown is one that differs and that nobody has accepted. Devices sign their
	// own certificates and make new ones every few days or when they are reset,
	// so that a change is shown to the owner and does not stop the music.
	Shown string `json:"shown,omitempty"`
	// Refused tells that the owner wants no connection while Shown is shown.
	Refused bool `json:"refused,omitempty"`
}

// What a device's certificate is to its owner.
const (
	certificateKnown   = "known"
	certificateChanged = "changed"
	certificateRefused = "refused"
)

func (c castCertificate) state() string {
	switch {
	case c.Shown == "":
		return certificateKnown
	case c.Refused:
		return certificateRefused
	default:
		return certificateChanged
	}
}

// see takes a certificate that a device shows now. It returns what is to be
// kept, and cast.ErrCertificate for one that was refused.
func (c castCertificate) see(shown string) (castCertificate, error) {
	switch {
	case c.Pinned == "":
		return castCertificate{Pinned: shown}, nil
	case shown == c.Pinned:
		return castCertificate{Pinned: shown}, nil
	case shown == c.Shown && c.Refused:
		return c, cast.ErrCertificate
	case c.Refused:
		// A refusal holds for whatever is not the device that was known: else
		// another self-made certificate would be enough to get past it.
		return castCertificate{Pinned: c.Pinned, Shown: shown, Refused: true}, cast.ErrCertificate
	default:
		return castCertificate{Pinned: c.Pinned, Shown: shown}, nil
	}
}

func certificateKey(device string) string { return "cast-certificate:" + device }

// certificate reads what is kept. It may be called from any goroutine.
func (h *house) certificate(ctx context.Context, device string) (castCertificate, error) {
	var c castCertificate
	text, err := h.cfg.Store.Setting(ctx, certificateKey(device))
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if json.Unmarshal([]byte(text), &c) != nil {
		c.Pinned = text // as it was kept before
	}
	return c, nil
}

// recallCertificate is what a device's certificate was to its owner last.
func (h *house) recallCertificate(device string) string {
	c, err := h.certificate(h.ctx, device)
	if err != nil && h.ctx.Err() == nil {
		h.log.Error("a Chromecast's certificate cannot be looked up", "device", device, "error", err)
	}
	return c.state()
}

func (h *house) keepCertificate(ctx context.Context, device string, c castCertificate) error {
	text, err := json.Marshal(c)
	if err == nil {
		err = h.cfg.Store.SetSetting(ctx, certificateKey(device), string(text))
	}
	if err != nil {
		return fmt.Errorf("keep a Chromecast's certificate: %w", err)
	}
	return nil
}

// trust is trust on first use: it remembers the certificate that a device shows,
// offers another one to the owner, and refuses what the owner has refused.
func (h *house) trust(device string) func([sha256.Size]byte) error {
	return func(fingerprint [sha256.Size]byte) error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		before, err := h.certificate(ctx, device)
		if err != nil {
			return err
		}
		after, refused := before.see(hex.EncodeToString(fingerprint[:]))
		if after != before {
			if err := h.keepCertificate(ctx, device, after); err != nil {
				return err
			}
		}
		if state := after.state(); state != before.state() {
			h.log.Info("a Chromecast's certificate", "device", device, "state", state)
			h.tell(func() {
				if s := h.speakers[device]; s != nil {
					s.certificate = state
					h.show(s)
				}
			})
		}
		return refused
	}
}

// judgeCertificate carries out what the owner decides about a certificate that
// is not the known one.
func (h *house) judgeCertificate(s *speaker, verdict string) error {
	c, err := h.certificate(h.ctx, s.device.ID)
	if err != nil {
		return err
	}
	if c.Shown == "" {
		return api.Invalid(phrase.CertificateKnown)
	}
	switch verdict {
	case api.AcceptCertificate:
		c = castCertificate{Pinned: c.Shown}
	case api.RefuseCertificate:
		c.Refused = true
	}
	if err := h.keepCertificate(h.ctx, s.device.ID, c); err != nil {
		return err
	}
	l, linked := s.link.(*castLink)
	s.certificate = c.state()
	if linked && (c.Refused || !l.connected) {
		if l.connected {
			l.connected = false
			h.observeCast(s, l)
		}
		h.unlink(s) // reach makes a new link, which looks at it again
	}
	return nil
}
