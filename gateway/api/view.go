package api

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// The types of this file are what goes over the wire: the schemas of
// openapi.yaml under the same names.

// Server is what the gateway is and can do.
type Server struct {
	Version  string   `json:"version"`
	Name     string   `json:"name"`
	Claimed  bool     `json:"claimed"`
	HTTPS    bool     `json:"https"`
	Features Features `json:"features"`
}

// Features are what depends on the build and the machine.
type Features struct {
	Opus   bool `json:"opus"`
	FFmpeg bool `json:"ffmpeg"`
	Page   bool `json:"page"`
}

// Track is a track as clients see it.
type Track struct {
	ID            string        `json:"id"`
	Title         string        `json:"title"`
	Artist        string        `json:"artist"`
	ArtistID      string        `json:"artistId"`
	Album         string        `json:"album"`
	AlbumID       string        `json:"albumId"`
	DurationMs    int64         `json:"durationMs"`
	Disc          int           `json:"disc"`
	Number        int           `json:"number"`
	Year          int           `json:"year"`
	Genre         string        `json:"genre"`
	Rating        store.Rating  `json:"rating"`
	Cover         *string       `json:"cover"`
	Live          bool          `json:"live,omitempty"` // heard as it happens: it has no length
	Waiting       string        `json:"waiting"`        // why it cannot be played yet
	WaitingPhrase phrase.Phrase `json:"waitingPhrase,omitzero"`
}

// Album is an album as clients see it.
type Album struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Artist     string  `json:"artist"`
	ArtistID   string  `json:"artistId"`
	Year       int     `json:"year"`
	Tracks     int     `json:"tracks"`
	DurationMs int64   `json:"durationMs"`
	Cover      *string `json:"cover"`
}

// Artist is an artist as clients see one.
type Artist struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Albums int     `json:"albums"`
	Tracks int     `json:"tracks"`
	Cover  *string `json:"cover"`
}

// Playlist is a playlist as clients see it.
type Playlist struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Tracks  int       `json:"tracks"`
	Changed time.Time `json:"changed"`
}

// TrackStream is where a track can be fetched; HLS is empty where its codec
// cannot go into fMP4, Packed where there is no packed audio of it.
type TrackStream struct {
	HLS      string `json:"hls"`
	Packed   string `json:"packed"`
	Original string `json:"original"`
}

// ZoneStream is where a zone can be listened to; WHEP is empty where Opus
// cannot be encoded, Packed where AAC cannot.
type ZoneStream struct {
	HLS    string `json:"hls"`
	Packed string `json:"packed"`
	WHEP   string `json:"whep"`
}

// Scan is how far the scan is.
type Scan struct {
	Running    bool       `json:"running"`
	Done       int        `json:"done"`
	Total      int        `json:"total"`
	Rate       float64    `json:"rate"`
	ETASeconds int        `json:"etaSeconds"`
	Started    *time.Time `json:"started"`
	Finished   *time.Time `json:"finished"`
	Problems   int        `json:"problems"`
	Waiting    int        `json:"waiting"`
	Unmeasured int        `json:"unmeasured"`
}

// Device is a device as clients see it. Zone and Volume are nil where there is
// none or none is known.
type Device struct {
	ID            string        `json:"id"`
	Kind          string        `json:"kind"`
	Name          string        `json:"name"`
	Model         string        `json:"model"`
	Address       string        `json:"address"` // host:port
	Present       bool          `json:"present"`
	Playable      bool          `json:"playable"`
	Zone          *string       `json:"zone"`
	Volume        *int          `json:"volume"` // 0-100
	Muted         bool          `json:"muted"`
	Ceiling       int           `json:"ceiling"` // 1-100
	Approved      bool          `json:"approved"`
	Pulled        bool          `json:"pulled"`
	DelayMs       int           `json:"delayMs"`
	Manual        bool          `json:"manual"`
	Own           bool          `json:"own,omitempty"`    // the gateway's built-in player
	Silent        bool          `json:"silent,omitempty"` // it has a level meter only: nothing is heard
	State         string        `json:"state"`            // "idle", "connecting", "playing" or "error"
	Problem       string        `json:"problem"`
	ProblemPhrase phrase.Phrase `json:"problemPhrase,omitzero"`

	Cast   *CastView   `json:"cast,omitempty"`   // of a Chromecast or a Cast group
	Player *PlayerView `json:"player,omitempty"` // of a player that is connected or paired
}

// PlayerView is how a player's connection is protected, and how it can be paired.
type PlayerView struct {
	Protected bool         `json:"protected"` // encrypted
	Paired    bool         `json:"paired"`    // and both sides have proven who they are
	Lost      bool         `json:"lost"`      // the player has not got the key of its pairing any more
	Refuses   bool         `json:"refuses"`   // it plays for nobody without pairing
	Methods   []string     `json:"methods"`   // "digits", "qr", "static", "token"
	Roles     []string     `json:"roles"`     // that it has, as it names them
	Pairing   *PairingView `json:"pairing,omitempty"`
	// Input is there where the player has an input that zones can play: a queue
	// takes it as the track "input:" and the device's id.
	Input *InputView `json:"input,omitempty"`
}

// InputView is a device's input.
type InputView struct {
	Ready  bool   `json:"ready"`  // it can be played now; otherwise the player has to be approved, or is busy
	Signal string `json:"signal"` // "present", "absent", or empty where it does not feel that
}

// PairingView is where a pairing stands.
type PairingView struct {
	// Stage is "asked" (nothing to do), "device" (somebody has to act at it),
	// "code" (its code is wanted here) or "failed".
	Stage   string `json:"stage"`
	Method  string `json:"method"`
	Round   int    `json:"round"`   // of the code: more than 1 after one that was wrong
	Message string `json:"message"` // the device's own sentence; nobody has proven who says it
	Reason  string `json:"reason"`  // of a failure
}

// PairRequest begins a pairing.
type PairRequest struct {
	Method string `json:"method"`
	Token  string `json:"token"` // with "token"
}

// PlayerSettings are those of all players.
type PlayerSettings struct {
	// Cleartext takes players without encryption.
	Cleartext bool `json:"cleartext"`
}

// CastView is what a Chromecast has besides.
type CastView struct {
	Mode  string `json:"mode"`  // "auto", "queue" or "stream"
	HiRes bool   `json:"hiRes"` // it gets more than 48 kHz and 16 bit
	Hold  bool   `json:"hold"`  // it stays connected while it is in no zone
	// Certificate is "known", or "changed" where it shows another one than
	// before, or "refused" where its owner did not accept that.
	Certificate string `json:"certificate"`
	// Members are the devices of a group that is connected.
	Members []CastMember `json:"members,omitempty"`
}

// CastMember is a device of a Cast group.
type CastMember struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Volume int    `json:"volume"` // 0-100
	Muted  bool   `json:"muted"`
}

// What an owner can say to a changed certificate.
const (
	AcceptCertificate = "accept"
	RefuseCertificate = "refuse"
)

// CastPatch changes what is not nil.
type CastPatch struct {
	Mode  *string `json:"mode"`
	HiRes *bool   `json:"hiRes"`
	Hold  *bool   `json:"hold"`
	// Certificate is AcceptCertificate or RefuseCertificate.
	Certificate *string `json:"certificate"`
	// Member sets one device of a group.
	Member *CastMemberPatch `json:"member"`
}

// CastMemberPatch changes what is not nil of a group's member.
type CastMemberPatch struct {
	ID     string `json:"id"`
	Volume *int   `json:"volume"` // 0-100
	Muted  *bool  `json:"muted"`
}

// DevicePatch changes what is not nil. An empty Zone takes the device out of
// its zone.
type DevicePatch struct {
	Name     *string
	Zone     *string
	Volume   *int // 0-100
	Muted    *bool
	Ceiling  *int // 1-100
	Approved *bool
	Delay    *time.Duration
	Cast     *CastPatch // for a Chromecast only
}

// DeviceRequest adds a device by its address.
type DeviceRequest struct {
	Kind    string `json:"kind"` // "cast", "cast-group" or "player"
	Address string `json:"address"`
	Name    string `json:"name"`
}

// ZoneView is a zone as clients see it.
type ZoneView struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	State         zone.Transport `json:"state"`
	Entry         *EntryView     `json:"entry"`
	Track         *Track         `json:"track"`
	OffsetMs      int64          `json:"offsetMs"`
	At            int64          `json:"at"` // ms since the epoch
	Epoch         uint64         `json:"epoch"`
	Repeat        zone.Repeat    `json:"repeat"`
	Shuffle       bool           `json:"shuffle"`
	Mix           bool           `json:"mix"`
	Click         bool           `json:"click"`
	CrossfadeMs   int64          `json:"crossfadeMs"`
	Context       ContextView    `json:"context"`
	Landing       *ContextView   `json:"landing"`   // where JUMP leads, nil where nobody has looked
	Listeners     []string       `json:"listeners"` // ids; none: the zone has a taste of its own
	Learning      bool           `json:"learning"`  // what is heard teaches those who listen
	Leader        string         `json:"leader"`
	Members       []string       `json:"members"`
	Revision      uint64         `json:"revision"`
	Length        int            `json:"length"`
	Index         int            `json:"index"`
	Problem       string         `json:"problem"`
	ProblemPhrase phrase.Phrase  `json:"problemPhrase,omitzero"`
}

// EntryView is the current entry of a zone.
type EntryView struct {
	ID        zone.EntryID  `json:"id"`
	By        zone.By       `json:"by"`
	Why       string        `json:"why"`
	WhyPhrase phrase.Phrase `json:"whyPhrase,omitzero"`
}

// ContextView is what a flow is made from.
type ContextView struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Page is a part of a list.
type Page[T any] struct {
	Items  []T `json:"items"`
	Total  int `json:"total"`
	Offset int `json:"offset"`
}

// List is a whole list.
type List[T any] struct {
	Items []T `json:"items"`
}

func coverURL(id string) *string {
	if id == "" {
		return nil
	}
	u := "/api/v1/covers/" + id
	return &u
}

func trackView(t store.Track, r store.Rating) Track {
	return Track{
		ID: t.ID, Title: t.Title, Artist: t.Artist, ArtistID: t.ArtistID,
		Album: t.Album, AlbumID: t.AlbumID, DurationMs: t.Duration.Milliseconds(),
		Disc: t.Disc, Number: t.Number, Year: t.Year, Genre: t.Genre,
		Rating: r, Cover: coverURL(t.Cover), Waiting: t.Waiting, WaitingPhrase: library.Waits(t.Waiting),
	}
}

func albumView(a store.Album) Album {
	return Album{
		ID: a.ID, Title: a.Title, Artist: a.Artist, ArtistID: a.ArtistID, Year: a.Year,
		Tracks: a.Tracks, DurationMs: a.Duration.Milliseconds(), Cover: coverURL(a.Cover),
	}
}

func artistView(a store.Artist) Artist {
	return Artist{ID: a.ID, Name: a.Name, Albums: a.Albums, Tracks: a.Tracks, Cover: coverURL(a.Cover)}
}

func playlistView(p store.Playlist) Playlist {
	return Playlist{ID: p.ID, Name: p.Name, Tracks: p.Tracks, Changed: p.Changed.UTC()}
}

func scanView(s library.Progress) Scan {
	return Scan{
		Running: s.Running, Done: s.Done, Total: s.Total, Rate: s.Rate,
		ETASeconds: int(s.ETA.Round(time.Second) / time.Second),
		Started:    timeOrNil(s.Started), Finished: timeOrNil(s.Finished),
		Problems: s.Problems, Waiting: s.Waiting, Unmeasured: s.Unmeasured,
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// mapped applies f to every element; never nil, so that JSON shows [].
func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}
