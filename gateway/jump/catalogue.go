package jump

import (
	"fmt"
	"slices"
)

// The weight of each kind of tag beside the others.
const (
	weightGenre  = 1
	weightMood   = 1
	weightTag    = 0.7
	weightDecade = 0.35
)

// kindDecade groups by decade; it helps likeness and is no context.
const kindDecade Kind = "decade"

// groups maps names to the items that share them.
type groups struct {
	index map[string]int32
	all   []group
}

// group is one artist, album or tag.
type group struct {
	kind   Kind
	key    string // within its kind
	name   string // as first seen
	weight float64
	items  []int32

	idf            float32 // of a tag, for so many items among so many
	counted, among int
}

func newGroups() groups { return groups{index: map[string]int32{}} }

// get returns the group's number, making the group if it is new.
func (g *groups) get(kind Kind, key, name string, weight float64) int32 {
	full := string(kind) + "\x00" + key
	if i, ok := g.index[full]; ok {
		return i
	}
	i := int32(len(g.all))
	g.index[full] = i
	g.all = append(g.all, group{kind: kind, key: key, name: name, weight: weight})
	return i
}

// find returns the group of a context.
func (g *groups) find(kind Kind, key string) (*group, bool) {
	i, ok := g.number(kind, key)
	if !ok {
		return nil, false
	}
	return &g.all[i], true
}

// number returns the number of a context's group.
func (g *groups) number(kind Kind, key string) (int32, bool) {
	i, ok := g.index[string(kind)+"\x00"+key]
	return i, ok
}

// alias makes the group known under an id of the caller's as well, which then
// is what its Context is called.
func (g *groups) alias(kind Kind, id string, i int32) {
	if id == "" {
		return
	}
	full := string(kind) + "\x00" + id
	if _, ok := g.index[full]; !ok {
		g.index[full] = i
		g.all[i].key = id
	}
}

func (g *groups) add(i, slot int32) { g.all[i].items = append(g.all[i].items, slot) }

func (g *groups) remove(i, slot int32) {
	if at := slices.Index(g.all[i].items, slot); at >= 0 {
		g.all[i].items = slices.Delete(g.all[i].items, at, at+1)
	}
}

// SetCatalogue makes items the whole catalogue. What is known of items that
// are not in it is kept until they come back.
func (e *Engine) SetCatalogue(items []Item) {
	words := e.words
	e.words = newWords()
	for s := range e.items {
		speech := e.items[s].speech
		e.items[s] = unknown(int32(s))
		e.items[s].speech = speech
		e.makers[s] = -1
		la := &e.labels[s]
		la.recording, la.work, la.same = 0, -1, -1
		for _, w := range la.shared() {
			*w = e.words.number(words.all[*w])
		}
	}
	e.live = 0
	e.edition++
	e.artists, e.albums, e.tags, e.works = newGroups(), newGroups(), newGroups(), newGroups()
	e.tagged = tagSets{}
	e.twins = recordings{}
	for _, it := range items {
		e.insert(it)
	}
}

// Upsert adds an item or replaces what is known of it.
func (e *Engine) Upsert(it Item) {
	e.Remove(it.ID)
	e.insert(it)
}

// Remove takes an item out of the catalogue; its plays and its places in
// playlists are kept in case that it comes back.
func (e *Engine) Remove(id string) {
	s, ok := e.liveSlot(id)
	if !ok {
		return
	}
	e.twins.leave(e.labels, s)
	en := &e.items[s]
	en.live = false
	e.live--
	e.edition++
	if en.artist >= 0 {
		e.artists.remove(en.artist, s)
	}
	if en.album >= 0 {
		e.albums.remove(en.album, s)
	}
	if en.composer >= 0 {
		e.artists.remove(en.composer, s)
	}
	for _, t := range e.tagged.of(en) {
		e.tags.remove(t, s)
	}
	if work := e.labels[s].work; work >= 0 {
		e.works.remove(work, s)
		e.link(work)
		en.before, en.after = -1, -1
	}
}

func (e *Engine) insert(it Item) {
	if it.ID == "" {
		return
	}
	s := e.slot(it.ID)
	if e.items[s].live {
		e.Remove(it.ID) // the same id twice: the last one counts
	}
	en, la := unknown(s), e.label(s, &it)
	en.live, en.speech = true, it.Speech
	name := e.artistKey(it.Artist)
	if name != "" {
		en.artist = e.artists.get(KindArtist, name, it.Artist, 1)
		e.artists.add(en.artist, s)
		e.artists.alias(KindArtist, it.ArtistID, en.artist)
	}
	if k := e.artistKey(it.Composer); k != "" && k != name {
		en.composer = e.artists.get(KindArtist, k, it.Composer, 1)
		e.artists.add(en.composer, s)
	}
	if it.Album != "" || it.AlbumID != "" {
		id := it.AlbumID
		if id == "" {
			id = name + "/" + fold(it.Album)
		}
		en.album = e.albums.get(KindAlbum, id, it.Album, 1)
		e.albums.add(en.album, s)
		if w := fold(it.Work); w != "" {
			la.work = e.works.get(KindAlbum, id+"\x00"+w, it.Work, 1)
			e.works.add(la.work, s)
		}
	}
	tags := e.tagsOf(it)
	for _, t := range tags {
		e.tags.add(t, s)
	}
	en.tags = e.tagged.number(tags)
	la.recording = recordingKey(&it, name)
	e.labels[s] = la
	e.items[s] = en
	e.makers[s] = en.artist
	e.twins.join(e, s)
	if la.work >= 0 {
		e.link(la.work)
	}
	e.live++
	e.edition++
}

// tagsOf returns the tags of an item, each once.
func (e *Engine) tagsOf(it Item) []int32 {
	var out []int32
	put := func(kind Kind, names []string, weight float64) {
		for _, n := range names {
			k := fold(n)
			if k == "" {
				continue
			}
			if t := e.tags.get(kind, k, n, weight); !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	put(KindGenre, it.Genres, weightGenre)
	put(KindMood, it.Moods, weightMood)
	put(KindTag, it.Tags, weightTag)
	if it.Year > 0 {
		put(kindDecade, []string{fmt.Sprintf("%ds", it.Year/10*10)}, weightDecade)
	}
	return out
}
