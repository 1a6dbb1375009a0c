package gateway

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// catalogue is what can be played, and by which names artists go.
type catalogue struct {
	items   []jump.Item
	aliases [][]string
	ids     trackIDs // nil where nobody asks for them
	mark    string   // an equal one is of an equal catalogue
}

func (c *catalogue) tell(e *jump.Engine) {
	e.SetAliases(c.aliases)
	e.SetCatalogue(c.items)
}

// catalogue reads what can be played.
func (r *recommender) catalogue(ctx context.Context) (c catalogue, err error) {
	g := newGrouping()
	if r.hasNeighbours() {
		c.ids = trackIDs{}
	}
	err = r.store.EachTrack(ctx, func(t store.Track) error {
		if t.Missing || t.Waiting != "" {
			return nil
		}
		it := jump.Item{
			ID: t.ID, Title: t.Title, Artist: t.Artist, ArtistID: t.ArtistID, Album: t.Album, AlbumID: t.AlbumID,
			Genres: tags(t.Genre), Moods: tags(t.Mood), Year: t.Year, Duration: t.Duration, Speech: spoken(tags(t.Genre)),
		}
		g.take(&it, &t, len(c.items))
		c.ids.add(&t)
		c.items = append(c.items, it)
		return nil
	})
	g.join(c.items)
	c.aliases = g.aliases()
	sum := fnv.New128a()
	var buf []byte
	for i := range c.items {
		buf = marked(buf[:0], &c.items[i])
		_, _ = sum.Write(buf) // a hash takes everything
	}
	_, _ = fmt.Fprintf(sum, "%q", c.aliases)
	c.mark = fmt.Sprintf("%x", sum.Sum(nil))
	return c, err
}

// marked appends everything that an item says.
func marked(b []byte, it *jump.Item) []byte {
	for _, s := range []string{it.ID, it.Title, it.Artist, it.ArtistID, it.Composer, it.Album, it.AlbumID, it.Work} {
		b = append(append(b, s...), 0)
	}
	for _, list := range [][]string{it.Genres, it.Moods, it.Tags} {
		for _, s := range list {
			b = append(append(b, s...), 1)
		}
		b = append(b, 0)
	}
	for _, n := range []int64{int64(it.Year), int64(it.Duration), int64(it.Part)} {
		b = binary.AppendVarint(b, n)
	}
	return strconv.AppendBool(b, it.Speech)
}

// tags takes apart what the store keeps as one text.
func tags(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, "; ")
}
