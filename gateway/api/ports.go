package api

import (
	"context"
	"net/http"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Catalog is the music that the gateway knows, and what listeners think of it;
// *store.Store is one. Every method may be called from any goroutine, and
// returns store.ErrNotFound for an id that is not there.
type Catalog interface {
	// Tracks, Albums, Artists and Playlists return a page and how many there
	// are in all.
	Tracks(ctx context.Context, f store.TrackFilter, p store.Page) ([]store.Track, int, error)
	Albums(ctx context.Context, artist string, p store.Page) ([]store.Album, int, error)
	Artists(ctx context.Context, p store.Page) ([]store.Artist, int, error)
	Playlists(ctx context.Context, p store.Page) ([]store.Playlist, int, error)

	Track(ctx context.Context, id string) (store.Track, error)
	Album(ctx context.Context, id string) (store.Album, error)
	Artist(ctx context.Context, id string) (store.Artist, error)
	Playlist(ctx context.Context, id string) (store.Playlist, error)
	// TracksByID leaves out what is not there and keeps the order.
	TracksByID(ctx context.Context, ids []string) ([]store.Track, error)

	PlaylistTracks(ctx context.Context, id string) ([]string, error)
	CreatePlaylist(ctx context.Context, name string, tracks []string) (store.Playlist, error)
	RenamePlaylist(ctx context.Context, id, name string) error
	SetPlaylistTracks(ctx context.Context, id string, tracks []string) error
	DeletePlaylist(ctx context.Context, id string) error
	// PlaylistRevision counts the changes of playlists.
	PlaylistRevision() uint64

	// Ratings is what the tastes together say; it has no entry for a track
	// without a rating.
	Ratings(ctx context.Context, tastes, tracks []string) (map[string]store.Rating, error)
	SetRating(ctx context.Context, tastes []string, track string, value store.Rating) error

	Search(ctx context.Context, typed string, limit int) (store.Found, error)
}

// Covers has the pictures that tracks and albums name; *library.Library is one.
type Covers interface {
	// Cover returns a picture of about size pixels and its type, or
	// library.ErrNoCover.
	Cover(ctx context.Context, id string, size int) (data []byte, contentType string, err error)
}

// Charts ranks music for the tastes together.
type Charts interface {
	Chart(ctx context.Context, tastes []string, limit int) ([]Ranked, error)
	// Mix sorts tracks by predicted liking; each comes back as often as it
	// was given.
	Mix(ctx context.Context, tastes, tracks []string) ([]Ranked, error)
}

// Ranked is one place of a chart or a mix.
type Ranked struct {
	Track string // its id
	Why   phrase.Phrase
}

// Scanner looks for changes in the music folders; *library.Library is one.
type Scanner interface {
	// Rescan begins a scan when none runs. It does not wait.
	Rescan()
	Progress() library.Progress
	Report() []library.Problem
}

// Zones keeps the zones. Get and the methods of a Zone return the errors of
// package zone; Delete of the last one returns ErrLastZone.
type Zones interface {
	Get(id string) (Zone, bool)
	// List is in the order of making.
	List() []Zone
	Create(ctx context.Context, name string) (Zone, error)
	Rename(ctx context.Context, id, name string) error
	// SetCrossfade returns zone.ErrCrossfade for a length that no zone takes.
	SetCrossfade(ctx context.Context, id string, d time.Duration) error
	Delete(ctx context.Context, id string) error
}

// Zone is what a person can do to a zone. Methods return when the zone has
// done it and it is on disk.
type Zone interface {
	Play(ctx context.Context) error
	PlayEntry(ctx context.Context, e zone.EntryID) error
	Pause(ctx context.Context) error
	Stop(ctx context.Context) error
	Next(ctx context.Context) error
	Previous(ctx context.Context) error
	Seek(ctx context.Context, offset time.Duration) error
	Jump(ctx context.Context) (zone.ContextRef, error)
	JumpAfter(ctx context.Context) (zone.ContextRef, error)

	Add(ctx context.Context, r zone.AddRequest) ([]zone.EntryID, error)
	Remove(ctx context.Context, ids []zone.EntryID) error
	Move(ctx context.Context, ids []zone.EntryID, before zone.EntryID) error
	Clear(ctx context.Context) error

	SetRepeat(ctx context.Context, r zone.Repeat) error
	SetShuffle(ctx context.Context, on bool) error
	SetMix(ctx context.Context, on bool) error
	SetContext(ctx context.Context, c zone.ContextRef) error
	SetClick(ctx context.Context, on bool) error

	State(ctx context.Context) (zone.State, error)
	Queue(ctx context.Context, offset, limit int) (zone.QueuePage, error)
}

// Devices is what is on the network. Methods return store.ErrNotFound for a
// device that is not known.
type Devices interface {
	List(ctx context.Context) ([]Device, error)
	Get(ctx context.Context, id string) (Device, error)
	Patch(ctx context.Context, id string, p DevicePatch) (Device, error)
	Add(ctx context.Context, r DeviceRequest) (Device, error)
	Remove(ctx context.Context, id string) error

	// Of players that are connected. What is wrong with a code or a token is
	// an Invalid.
	Pair(ctx context.Context, id string, r PairRequest) (Device, error)
	EnterCode(ctx context.Context, id, code string) (Device, error)
	CancelPairing(ctx context.Context, id string) (Device, error)
	// Unpair drops a pairing; the player need not be there.
	Unpair(ctx context.Context, id string) (Device, error)
	// Announce has players with an announcement role play a clip over what they
	// play. Invalid: none of them can, or the clip cannot be read.
	Announce(ctx context.Context, r AnnounceRequest) (Announced, error)
	PlayerSettings(ctx context.Context) (PlayerSettings, error)
	SetPlayerSettings(ctx context.Context, s PlayerSettings) error
}

// Tabs turns WebSocket clients into members of zones. session is unguessable
// and names the client across reconnects.
type Tabs interface {
	Listen(ctx context.Context, session string, r ListenRequest) (Listening, error)
	// Unlisten is also called when a client has been gone for a while; it
	// does nothing for one that does not listen.
	Unlisten(ctx context.Context, session string) error
}

// ListenRequest asks to hear a zone. Mode is "hls" or "whep".
type ListenRequest struct {
	Zone string `json:"zone"`
	Mode string `json:"mode"`
	Name string `json:"name"`
}

// Listening tells a tab what it became and what to play.
type Listening struct {
	Device string `json:"device"`
	URL    string `json:"url"`
	// Push is where parts are pushed by WebTransport, on HTTPS pages; PushHash
	// is of the certificate to expect there, empty for a public one.
	Push     string `json:"push,omitempty"`
	PushHash []byte `json:"pushHash,omitempty"`
}

// Accounts keeps accounts, sessions and tokens; *store.Store is one. It keeps
// secrets hashed.
type Accounts interface {
	// Accounts counts them: none means that the gateway is not claimed.
	Accounts(ctx context.Context) (int, error)
	Account(ctx context.Context, name string) (store.Account, error)
	// Claim makes the first account; store.ErrExists once there is one.
	Claim(ctx context.Context, name, passwordHash string) error

	// SetPassword ends the account's sessions; store.ErrNotFound if there is
	// no such account.
	SetPassword(ctx context.Context, name, passwordHash string) error

	AddSession(ctx context.Context, secret, account string, expires time.Time) error
	// Session returns store.ErrNotFound for a secret that is not known or
	// whose time is over.
	Session(ctx context.Context, secret string) (account string, expires time.Time, err error)
	ExtendSession(ctx context.Context, secret string, expires time.Time) error
	DeleteSession(ctx context.Context, secret string) error

	AddToken(ctx context.Context, secret, name, account string) (store.Token, error)
	Token(ctx context.Context, secret string) (store.Token, error)
	Tokens(ctx context.Context) ([]store.Token, error)
	DeleteToken(ctx context.Context, id string) error
}

// Media serves what signed URLs name, and says where it is. A nil Media has
// none of it.
type Media interface {
	// Handlers are by resource kind. A handler sees the path behind the
	// signature, "/ID/FILE", and the values "id" and "file".
	Handlers() map[string]http.Handler
	// TrackStream and ZoneStream return paths on this gateway, empty where
	// there is no such stream.
	TrackStream(ctx context.Context, track string) (TrackStream, error)
	ZoneStream(ctx context.Context, zone string) (ZoneStream, error)
	// WHEP answers offers, trickles and ends at
	// /api/v1/zones/{id}/whep[/{session}]; nil where there is none.
	WHEP() http.Handler
	// WHIP answers the same at /api/v1/zones/{id}/whip[/{session}], for who sends.
	WHIP() http.Handler
}

// Broadcasts are what is sent by WHIP now. In a queue each takes the place of a track,
// as InputPrefix and its id.
type Broadcasts interface {
	// Broadcast returns what one is called, and whether it is there.
	Broadcast(id string) (name string, ok bool)
}
