package gateway

import (
	"bytes"
	"context"
	"image"
	"slices"
	"time"

	// Covers come as JPEG.
	_ "image/jpeg"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// screen is what a player shows of its zone beside text: pictures, colours, and
// what our own role's buttons do. It belongs to the house's goroutine.
type screen struct {
	zone   zone.State // as it was last told
	shown  string     // the cover that is shown or being made, "" for none
	wanted []wire.ArtworkChannel
	rating string // the track that the rating was shown for
	stop   context.CancelFunc
}

// zoneChanged is told by a zone what it does now; it does not block.
func (h *house) zoneChanged(st zone.State) {
	h.tell(func() {
		for _, s := range h.speakers {
			if link, ok := s.link.(*playerLink); ok && s.attached == st.ID {
				h.paint(link, st, false)
			}
		}
		h.illuminate(st.ID)
	})
}

// paint shows a zone on a player. anew makes the pictures again: the player wants
// others.
func (h *house) paint(l *playerLink, st zone.State, anew bool) {
	l.screen.zone = st
	if l.screenOnly() {
		h.paintText(l, st)
	}
	h.paintButtons(l, st, anew)
	cover := ""
	if st.Track != nil && st.State != zone.Stopped {
		cover = st.Track.Cover
	}
	wanted := l.player.Artwork()
	if !anew && cover == l.screen.shown && slices.Equal(wanted, l.screen.wanted) {
		return
	}
	l.screen.shown, l.screen.wanted = cover, wanted
	if l.screen.stop != nil {
		l.screen.stop()
		l.screen.stop = nil
	}
	colours := l.player.Has(sendspin.ColorV1)
	if len(wanted) == 0 && !colours {
		return
	}
	now := int64(h.cfg.Clock.Now())
	if cover == "" {
		// Errors mean that the connection has ended, which its event tells.
		_ = l.player.EndArtwork()
		_ = l.player.SetColor(sendspin.Color{Timestamp: now})
		return
	}
	ctx, cancel := context.WithTimeout(h.ctx, 30*time.Second)
	l.screen.stop = cancel
	h.workers.Go(func() {
		defer cancel()
		if err := h.makePictures(ctx, l.player, cover, wanted, colours); err != nil && ctx.Err() == nil {
			h.log.Debug("a player's picture", "player", l.player.Hello().Name, "error", err)
		}
	})
}

// repaint shows the zone to a player that may have got roles since.
func (h *house) repaint(s *speaker) {
	if link, ok := s.link.(*playerLink); ok && s.attached != "" {
		h.paint(link, link.screen.zone, false)
		h.illuminate(s.attached)
	}
}

// makePictures scales a cover for each channel of a player, off the house's
// goroutine.
func (h *house) makePictures(ctx context.Context, p *sendspin.Player, cover string, wanted []wire.ArtworkChannel, colours bool) error {
	largest := 256
	for _, c := range wanted {
		largest = max(largest, c.Width, c.Height)
	}
	data, _, err := h.cfg.Covers.Cover(ctx, cover, largest)
	if err != nil {
		return err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if colours {
		c := palette(img)
		c.Timestamp = int64(h.cfg.Clock.Now())
		_ = p.SetColor(c)
	}
	exact := p.Security().Dialect == wire.Current
	for i, want := range wanted {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if want.Source != "album" { // of artists there are no pictures
			continue
		}
		pic, err := picture(img, want, exact)
		if err != nil {
			return err
		}
		if err := p.SetArtwork(i, int64(h.cfg.Clock.Now()), pic); err != nil {
			return err
		}
	}
	return nil
}

// screenOnly tells whether the player plays no audio: a screen, a remote, a lamp.
// It belongs to a zone without being a member of it.
func (l *playerLink) screenOnly() bool {
	return !slices.Contains(l.player.Hello().Roles, sendspin.PlayerV1)
}

// paintText shows text and offers buttons on what is no member of its zone; a
// member does that for itself.
func (h *house) paintText(l *playerLink, st zone.State) {
	n := zone.NowPlaying{
		Zone: st.Name, State: st.State, Offset: st.Offset, At: st.At, Epoch: st.Epoch, Repeat: st.Repeat, Shuffle: st.Arranged == zone.Shuffled,
	}
	if st.Track != nil {
		n.Track = *st.Track
	}
	_ = l.player.SetGroup(st.ID, st.Name, st.State == zone.Playing)
	_ = l.player.SetMetadata(member.PlayerMetadata(n))
	_ = l.player.SetController(member.PlayerController(n, h.loudness(st.ID)))
}

// ratingNames are ratings as our own role says them.
var ratingNames = map[store.Rating]string{store.Liked: "like", store.Disliked: "dislike", store.Unrated: "none"}

// paintButtons tells a player with our own role what its buttons do.
func (h *house) paintButtons(l *playerLink, st zone.State, anew bool) {
	if !slices.Contains(l.player.Hello().Roles, sendspin.JumpgateV1) {
		return
	}
	track := ""
	if st.Track != nil {
		track = st.Track.ID
	}
	if !anew && l.screen.rating == track && track != "" {
		return
	}
	l.screen.rating = track
	shown := sendspin.Jumpgate{Commands: []string{"jump"}, Rating: "none"}
	if track != "" {
		shown.Commands = append(shown.Commands, "like", "dislike")
		if ratings, err := h.cfg.Store.Ratings(h.ctx, h.cfg.Tastes(st.ID), []string{track}); err == nil {
			shown.Rating = ratingNames[ratings[track]]
		}
	}
	_ = l.player.SetJumpgate(shown)
}

// rated shows a rating on the players whose zone plays the track.
func (h *house) rated(track string) {
	h.tell(func() {
		for _, s := range h.speakers {
			if link, ok := s.link.(*playerLink); ok && link.screen.rating == track {
				h.paintButtons(link, link.screen.zone, true)
			}
		}
	})
}

// pressOwn carries out a button of our own role.
func (h *house) pressOwn(s *speaker, l *playerLink, command string) {
	z, ok := h.cfg.Zones.get(s.attached)
	if !ok {
		return
	}
	name, track := s.device.Name, l.screen.rating
	h.workers.Go(func() {
		ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
		defer cancel()
		var err error
		switch command {
		case "jump":
			_, err = z.Jump(ctx)
		case "like", "dislike":
			err = h.rate(ctx, z.id, track, command)
		}
		if err != nil && ctx.Err() == nil {
			h.log.Info("a player's button failed", "player", name, "command", command, "error", err)
		}
	})
}

// rate likes or dislikes a track; what it says already is taken back.
func (h *house) rate(ctx context.Context, zone, track, command string) error {
	if track == "" {
		return nil
	}
	want := store.Liked
	if command == "dislike" {
		want = store.Disliked
	}
	now, err := h.cfg.Store.Ratings(ctx, h.cfg.Tastes(zone), []string{track})
	if err != nil {
		return err
	}
	if now[track] == want {
		want = store.Unrated
	}
	return h.cfg.Rate(ctx, zone, track, want)
}
