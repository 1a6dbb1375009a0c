package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Pair implements api.Devices: it begins to pair with a player.
func (h *house) Pair(ctx context.Context, id string, r api.PairRequest) (api.Device, error) {
	return h.withPlayer(ctx, id, func(s *speaker, p *sendspin.Player) error {
		s.pairing = nil
		switch r.Method {
		case "token":
			token, err := pair.ParseToken(r.Token)
			if err != nil {
				return err
			}
			return p.PairWithToken(token)
		case "digits":
			return p.Pair(wire.PairDynamic, wire.Digits)
		case "qr":
			return p.Pair(wire.PairDynamic, wire.QRCode)
		default:
			return p.Pair(wire.PairStatic, "")
		}
	})
}

// EnterCode implements api.Devices: it hands on the code that a person read from
// a player.
func (h *house) EnterCode(ctx context.Context, id, code string) (api.Device, error) {
	return h.withPlayer(ctx, id, func(_ *speaker, p *sendspin.Player) error { return p.EnterCode(code) })
}

// CancelPairing implements api.Devices.
func (h *house) CancelPairing(ctx context.Context, id string) (api.Device, error) {
	return h.withPlayer(ctx, id, func(s *speaker, p *sendspin.Player) error {
		s.pairing = nil
		return p.CancelPairing()
	})
}

// Unpair implements api.Devices: it drops the pairing, with a player that is not
// there as well.
func (h *house) Unpair(ctx context.Context, id string) (api.Device, error) {
	var view api.Device
	err := h.do(ctx, func() error {
		s := h.speakers[id]
		if s == nil {
			return fmt.Errorf("device %q: %w", id, store.ErrNotFound)
		}
		var err error
		if link, ok := s.link.(*playerLink); ok {
			err = link.player.Unpair()
		} else {
			err = h.cfg.Pairings.Remove(id)
		}
		view = h.view(s)
		h.cfg.Show(view)
		return err
	})
	return view, err
}

// withPlayer does something to a player that is connected.
func (h *house) withPlayer(ctx context.Context, id string, do func(*speaker, *sendspin.Player) error) (api.Device, error) {
	var view api.Device
	err := h.do(ctx, func() error {
		s := h.speakers[id]
		if s == nil {
			return fmt.Errorf("device %q: %w", id, store.ErrNotFound)
		}
		link, ok := s.link.(*playerLink)
		if !ok {
			s.bye = "" // it may have said goodbye, and not be dialled any more
			h.reach(s)
			return api.Invalid(phrase.NotConnected)
		}
		if err := do(s, link.player); err != nil {
			return pairingError(err)
		}
		view = h.view(s)
		h.cfg.Show(view)
		return nil
	})
	return view, err
}

// pairingError says a pairing's error in the words that the API knows.
func pairingError(err error) error {
	var code *pair.CodeError
	switch {
	case errors.As(err, &code) && code.Fault == pair.WrongDigits:
		return api.Invalid(phrase.PairingDigits, code.Digits)
	case errors.As(err, &code) && code.Fault == pair.OtherDevice:
		return api.Invalid(phrase.PairingOtherDevice)
	case errors.As(err, &code) && code.Fault == pair.NotWanted:
		return api.Invalid(phrase.PairingNotWanted)
	case errors.As(err, &code):
		return api.Invalid(phrase.PairingToken)
	case errors.Is(err, sendspin.ErrNoPairing):
		return api.Invalid(phrase.PairingNotOffered)
	case errors.Is(err, sendspin.ErrGone):
		return api.Invalid(phrase.NotConnected)
	default:
		return err
	}
}

// paired takes what becomes of a pairing.
func (h *house) paired(s *speaker, p sendspin.Pairing) {
	s.pairing = &p
	if p.Stage == sendspin.Paired {
		s.pairing = nil
		// Approval was for a player that could not prove who it is.
		s.settings.Approved = false
		h.save(s)
		h.log.Info("a player is paired", "player", s.device.Name)
	}
	h.show(s)
}

// playerView is what people see of a player's connection.
func (h *house) playerView(s *speaker) *api.PlayerView {
	_, record := h.cfg.Pairings.since(s.device.ID)
	link, ok := s.link.(*playerLink)
	if !ok {
		if !record {
			return nil
		}
		return &api.PlayerView{Protected: true, Paired: true, Methods: []string{}}
	}
	sec := link.player.Security()
	v := &api.PlayerView{
		Protected: sec.Dialect == wire.Current, Paired: sec.Paired, Lost: sec.Lost, Refuses: sec.Refuses,
		Methods: methodNames(sec.Methods), Roles: []string{},
	}
	for _, r := range link.player.Hello().Roles {
		v.Roles = append(v.Roles, string(r))
	}
	if slices.Contains(link.player.Hello().Roles, sendspin.SourceV1) {
		st := link.player.State()
		v.Input = &api.InputView{Ready: link.player.Has(sendspin.SourceV1) && st.Input, Signal: st.Signal}
	}
	if p := s.pairing; p != nil {
		v.Pairing = &api.PairingView{
			Stage: stageNames[p.Stage], Method: methodName(p.Method, p.Format), Round: int(p.Round), Message: p.Message,
			Reason: string(p.Reason),
		}
	}
	return v
}

// stageNames are the stages of a pairing as the API has them.
var stageNames = map[sendspin.PairingStage]string{
	sendspin.PairingBegun: "asked", sendspin.DeviceWaits: "device", sendspin.CodeWanted: "code", sendspin.PairingFailed: "failed",
}

func methodName(m wire.PairMethod, f wire.CodeFormat) string {
	switch {
	case m == wire.PairPSK:
		return "token"
	case m == wire.PairStatic:
		return "static"
	case f == wire.QRCode:
		return "qr"
	default:
		return "digits"
	}
}

func methodNames(m wire.PairMethods) []string {
	names := []string{}
	if d := m.Dynamic; d != nil {
		for _, f := range d.Formats {
			names = append(names, methodName(wire.PairDynamic, f))
		}
	}
	if m.Static != nil {
		names = append(names, "static")
	}
	if m.PSK != nil {
		names = append(names, "token")
	}
	return names
}

// unfit says why a player cannot be used although it is connected.
func (l *playerLink) unfit() phrase.Phrase {
	switch sec := l.player.Security(); {
	case sec.Lost:
		return phrase.New(phrase.PairingLost)
	case sec.Refuses:
		return phrase.New(phrase.PairingRequired)
	default:
		return phrase.Phrase{}
	}
}

// cleartextSetting keeps whether players without encryption are taken.
const cleartextSetting = "players.cleartext"

// PlayerSettings implements api.Devices.
func (h *house) PlayerSettings(ctx context.Context) (api.PlayerSettings, error) {
	on, err := cleartextTaken(ctx, h.cfg.Store)
	return api.PlayerSettings{Cleartext: on}, err
}

// SetPlayerSettings implements api.Devices.
func (h *house) SetPlayerSettings(ctx context.Context, s api.PlayerSettings) error {
	value := "on"
	if !s.Cleartext {
		value = "off"
	}
	if err := h.cfg.Store.SetSetting(ctx, cleartextSetting, value); err != nil {
		return err
	}
	h.cfg.Players.SetCleartext(s.Cleartext)
	return nil
}

// cleartextTaken is on where nobody has said otherwise: most players in the field
// know nothing else yet.
func cleartextTaken(ctx context.Context, st *store.Store) (bool, error) {
	value, err := st.Setting(ctx, cleartextSetting)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return value != "off", err
}
