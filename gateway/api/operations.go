package api

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// commands is everything that can be asked for by REST or over the WebSocket,
// by name. What only reads is for REST alone, but for the queue, which pages
// of a remote ask for all the time.
func (a *API) commands() map[string]operation {
	all := map[string]operation{
		"server.get":      {run: args(a.getServer)},
		"track.list":      {run: args(a.listTracks)},
		"track.get":       {run: args(a.getTrack)},
		"track.rate":      {run: args(a.rateTrack), socket: true},
		"track.stream":    {run: args(a.trackStream)},
		"album.list":      {run: args(a.listAlbums)},
		"album.get":       {run: args(a.getAlbum)},
		"artist.list":     {run: args(a.listArtists)},
		"artist.get":      {run: args(a.getArtist)},
		"playlist.list":   {run: args(a.listPlaylists)},
		"playlist.get":    {run: args(a.getPlaylist)},
		"playlist.create": {run: args(a.createPlaylist), socket: true},
		"playlist.patch":  {run: args(a.patchPlaylist), socket: true},
		"playlist.delete": {run: args(a.deletePlaylist), socket: true},
		"search":          {run: args(a.search)},
		"chart":           {run: args(a.chart)},
		"scan.get":        {run: args(a.getScan)},
		"scan.start":      {run: args(a.startScan), socket: true},
		"scan.report":     {run: args(a.scanReport)},

		"mix":             {run: args(a.mix)},
		"listener.list":   {run: args(a.listListeners)},
		"listener.create": {run: args(a.createListener)},
		"listener.patch":  {run: args(a.patchListener)},
		"listener.delete": {run: args(a.deleteListener)},
		"taste.get":       {run: args(a.getTaste)},
		"taste.forget":    {run: args(a.forgetTaste)},
		"taste.wish":      {run: args(a.setWish)},
		"scrobbling.get":  {run: args(a.getScrobbling)},
		"scrobbling.set":  {run: args(a.setScrobbling)},
		"scrobbling.stop": {run: args(a.stopScrobbling)},
		"taste.not-me":    {run: args(a.takeBack)},

		"device.list":   {run: args(a.listDevices)},
		"device.get":    {run: args(a.getDevice)},
		"device.add":    {run: args(a.addDevice), socket: true},
		"device.patch":  {run: args(a.patchDevice), socket: true},
		"device.delete": {run: args(a.deleteDevice), socket: true},
		"device.pair":   {run: args(a.pairDevice), socket: true},
		"device.code":   {run: args(a.enterCode), socket: true},
		"device.cancel": {run: args(a.cancelPairing), socket: true},
		"device.unpair": {run: args(a.unpairDevice), socket: true},
		"players.get":   {run: args(a.getPlayerSettings)},
		"players.set":   {run: args(a.setPlayerSettings)},

		"zone.list":    {run: args(a.listZones)},
		"zone.get":     {run: args(a.getZone)},
		"zone.create":  {run: args(a.createZone), socket: true},
		"zone.patch":   {run: args(a.patchZone), socket: true},
		"zone.delete":  {run: args(a.deleteZone), socket: true},
		"zone.stream":  {run: args(a.zoneStream)},
		"zone.play":    {run: args(a.playZone), socket: true},
		"zone.seek":    {run: args(a.seekZone), socket: true},
		"zone.jump":    {run: args(a.jumpZone), socket: true},
		"queue.get":    {run: args(a.getQueue), socket: true},
		"queue.add":    {run: args(a.addToQueue), socket: true},
		"queue.patch":  {run: args(a.patchQueue)},
		"queue.move":   {run: args(a.moveInQueue), socket: true},
		"queue.remove": {run: args(a.removeFromQueue), socket: true},
	}
	for name, press := range map[string]func(Zone, context.Context) error{
		"zone.pause": Zone.Pause, "zone.stop": Zone.Stop, "zone.next": Zone.Next, "zone.previous": Zone.Previous,
		"queue.clear": Zone.Clear,
	} {
		all[name] = operation{run: args(a.pressing(press)), socket: true}
	}
	return all
}

// none is for operations without arguments.
type none struct{}

// nullable tells null from left out.
type nullable[T any] struct {
	given bool
	value *T // nil for null
}

// UnmarshalJSON is called where the value is given, null included.
func (n *nullable[T]) UnmarshalJSON(raw []byte) error {
	n.given = true
	return json.Unmarshal(raw, &n.value)
}

// pageArgs are the arguments of every list.
type pageArgs struct {
	Offset int  `json:"offset"`
	Limit  *int `json:"limit"`
}

const maxPage = 1000

func (p pageArgs) page() (store.Page, error) {
	limit, err := bounded(p.Limit, 100, maxPage)
	if err != nil {
		return store.Page{}, err
	}
	if p.Offset < 0 {
		return store.Page{}, invalid("offset must be 0 or more.")
	}
	return store.Page{Offset: p.Offset, Limit: limit}, nil
}

// bounded returns a limit between 1 and most, otherwise where none is given.
func bounded(limit *int, otherwise, most int) (int, error) {
	if limit == nil {
		return otherwise, nil
	}
	if *limit < 1 || *limit > most {
		return 0, invalid("limit must be 1 to %d.", most)
	}
	return *limit, nil
}

// cleanName trims what a person called something, and refuses what cannot be
// shown in a line.
func cleanName(s string, most int) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || utf8.RuneCountInString(s) > most || !utf8.ValidString(s) {
		return "", Invalid(phrase.NameLength, most)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", Invalid(phrase.NameControl)
	}
	return s, nil
}

func (a *API) getServer(ctx context.Context, _ none) (any, error) { return a.serverView(ctx) }

func (a *API) serverView(ctx context.Context) (Server, error) {
	n, err := a.cfg.Accounts.Accounts(ctx)
	if err != nil {
		return Server{}, err
	}
	return Server{Version: a.cfg.Version, Name: a.cfg.Name, Claimed: n > 0, HTTPS: a.cfg.HTTPS, Features: a.cfg.Features}, nil
}

func (a *API) getScan(context.Context, none) (any, error) {
	return scanView(a.cfg.Scanner.Progress()), nil
}

func (a *API) startScan(ctx context.Context, in none) (any, error) {
	a.cfg.Scanner.Rescan()
	return a.getScan(ctx, in)
}

type scanProblem struct {
	Path         string        `json:"path"`
	Reason       string        `json:"reason"`
	ReasonPhrase phrase.Phrase `json:"reasonPhrase,omitzero"`
}

func (a *API) scanReport(context.Context, none) (any, error) {
	return List[scanProblem]{mapped(a.cfg.Scanner.Report(), func(p library.Problem) scanProblem {
		return scanProblem{Path: p.Path, Reason: p.Reason.String(), ReasonPhrase: p.Reason}
	})}, nil
}
