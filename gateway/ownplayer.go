package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
)

// ownPlayerID is the client id of the built-in player. The gateway approves
// whoever says it, so it is made from a key and told to nobody but ourselves.
func ownPlayerID(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("built-in player"))
	return "jumpgate-player-" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// runOwnPlayer is the built-in player: a player like any other, that connects
// to its own gateway.
func (g *Gateway) runOwnPlayer(ctx context.Context) error {
	output, err := openOutput(ctx, g.cfg.Player, g.log, g.cfg.Say)
	if err != nil {
		return err
	}
	var first sync.Once
	begin := time.Now()
	p, err := player.New(player.Config{
		ID: g.house.cfg.OwnPlayer, Name: g.cfg.Name + " (this machine)", Version: g.cfg.Version,
		Server: strings.Replace(g.URL(), "http:", "ws:", 1) + sendspin.Path,
		Clock:  g.clock, Output: output, Volume: firstVolume, Log: g.log,
		OnSound: func(s player.Sound) {
			// What comes after silence, on the gateway's clock: from a press
			// to here is the delay that a listener feels.
			g.log.Debug("sound", "output", output.Name(), "heard", int64(s.Heard), "written", int64(s.Written))
			first.Do(func() {
				g.cfg.Say("The built-in player (%s): first sound after %.1f s", output.Name(), time.Since(begin).Seconds())
			})
		},
		OnProblem: func(err error) { g.cfg.Say("The built-in player: %v", err) },
	})
	if err != nil {
		return err
	}
	return p.Run(ctx)
}
