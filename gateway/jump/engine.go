package jump

import "time"

// Config tunes an Engine. The zero Config is right for a home.
type Config struct {
	// NoRepeat is how many other tracks lie between two plays of one; 0
	// means 100.
	NoRepeat int
	// ArtistGap is in how many successive tracks an artist comes once; 0
	// means 5.
	ArtistGap int
	// SessionGap ends a listening session; 0 means 30 minutes.
	SessionGap time.Duration
}

// Engine recommends. It belongs to one goroutine; it keeps scratch memory
// between requests and is not safe for concurrent use.
type Engine struct {
	cfg  Config
	self *byte // tells one engine's slots from another's

	// A slot is an item's place in every dense slice; it is never reused, so
	// that plays and playlists survive an item that goes and comes back.
	slots   map[string]int32
	items   []entry
	labels  []label // by slot: what is only looked at for what is shown
	words   words   // in labels
	texts   texts   // in labels and slots
	makers  []int32 // by slot: its artist as in items, where many are looked up
	live    int     // items in the catalogue
	artists groups
	albums  groups
	tags    groups
	tagged  tagSets
	works   groups
	twins   recordings
	aliases aliases

	playlists  map[string]int32 // id -> index in lists and playlist baskets
	lists      []list
	heads      []listHead // by list,
	moved      []int32    // but for these
	spots      []spot
	inLists    baskets
	inSessions baskets
	vectors    vectors
	sounds     sounds
	neighbours map[int32][]beside // from elsewhere, by slot

	listeners map[string]*listener
	heat      []heat  // by slot: what all of the home heard
	vogue     []vogue // by slot: how often it was heard in sessions
	hearings  int64   // in sessions, of all items
	edition   int     // of the catalogue: changes with every item

	ease    easing
	scratch scratch
}

// entry is what requests look at of an item: half of a line of a processor's
// cache.
type entry struct {
	artist        int32 // in artists, -1 for nobody
	composer      int32 // in artists, -1 for none
	album         int32 // in albums, -1 for none
	tags          int32 // in tagged, -1 for none
	twin          int32 // the first slot of the same recording, often its own
	before, after int32 // the parts of one work beside this one, -1 for none
	live, speech  bool
}

// list is a playlist as the engine keeps it.
type list struct {
	id, name string
	gone     bool
	vector   []float32 // nil until it is asked for
}

// New returns an engine that knows nothing yet.
func New(cfg Config) *Engine {
	if cfg.NoRepeat <= 0 {
		cfg.NoRepeat = 100
	}
	if cfg.ArtistGap <= 0 {
		cfg.ArtistGap = 5
	}
	if cfg.SessionGap <= 0 {
		cfg.SessionGap = 30 * time.Minute
	}
	return &Engine{
		cfg:       cfg,
		self:      new(byte),
		slots:     map[string]int32{},
		artists:   newGroups(),
		albums:    newGroups(),
		tags:      newGroups(),
		works:     newGroups(),
		words:     newWords(),
		twins:     recordings{},
		playlists: map[string]int32{},
		listeners: map[string]*listener{},
	}
}

// Len returns how many items are in the catalogue.
func (e *Engine) Len() int { return e.live }

// Playlists returns the ids of all playlists.
func (e *Engine) Playlists() []string {
	var ids []string
	for i := range e.lists {
		if !e.lists[i].gone {
			ids = append(ids, e.lists[i].id)
		}
	}
	return ids
}

// slot returns the place of an id and makes one for an id that it sees for the
// first time: a play may be told before its item.
func (e *Engine) slot(id string) int32 {
	if s, ok := e.slots[id]; ok {
		return s
	}
	s := int32(len(e.items))
	id = e.texts.keep(id)
	e.slots[id] = s
	e.items = append(e.items, unknown(s))
	e.labels = append(e.labels, label{id: id, work: -1, same: -1})
	e.makers = append(e.makers, -1)
	e.heat = append(e.heat, heat{})
	e.vogue = append(e.vogue, vogue{})
	return s
}

// unknown is an entry that belongs to nothing.
func unknown(s int32) entry {
	return entry{artist: -1, composer: -1, album: -1, tags: -1, twin: s, before: -1, after: -1}
}

// item is the item that an entry is of, its tags named as first seen.
func (e *Engine) item(s int32) Item {
	en, la, w := &e.items[s], &e.labels[s], e.words.all
	it := Item{
		ID: la.id, Title: la.title, Artist: w[la.artist], ArtistID: w[la.artistID], Composer: w[la.composer],
		Album: w[la.album], AlbumID: w[la.albumID], Work: w[la.workName],
		Duration: la.duration, Part: int(la.part), Year: int(la.year), Speech: en.speech,
	}
	for _, t := range e.tagged.of(en) {
		switch g := &e.tags.all[t]; g.kind {
		case KindGenre:
			it.Genres = append(it.Genres, g.name)
		case KindMood:
			it.Moods = append(it.Moods, g.name)
		case KindTag:
			it.Tags = append(it.Tags, g.name)
		default: // the decade follows from the year
		}
	}
	return it
}

// liveSlot returns the place of an id that is in the catalogue.
func (e *Engine) liveSlot(id string) (int32, bool) {
	s, ok := e.slots[id]
	return s, ok && e.items[s].live
}
