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
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
)

// ownPlayerKey is the built-in player's key pair, made from a key of the
// gateway's: whoever has its id is the built-in player.
func ownPlayerKey(key []byte) (noise.Identity, error) {
	return noise.IdentityOf(derive(key, "built-in player's key"))
}

// formerOwnPlayer is the id that the built-in player had before it had a key.
func formerOwnPlayer(key []byte) string {
	secret := derive(key, "built-in player")
	return "jumpgate-player-" + hex.EncodeToString(secret[:16])
}

// derive makes a secret of its own for one purpose.
func derive(key []byte, purpose string) [32]byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return [32]byte(mac.Sum(nil))
}

// runOwnPlayer is the built-in player: a player like any other, that connects
// to its own gateway.
func (g *Gateway) runOwnPlayer(ctx context.Context) error {
	output, err := openOutput(ctx, g.cfg.Player, g.log, g.cfg.Say)
	if err != nil {
		return err
	}
	g.ownSilent.Store(player.Silent(output))
	var first sync.Once
	begin := time.Now()
	p, err := player.New(player.Config{
		Identity: &g.ownPlayer, Name: g.cfg.Name + " (this machine)", Version: g.cfg.Version,
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
