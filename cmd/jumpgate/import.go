package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type importCommand struct {
	dataFolder
	For    string   `placeholder:"NAME" help:"Whose history it is: a listener's name. Needed where several live."`
	DryRun bool     `help:"Only say what would be found."`
	Report string   `type:"path" placeholder:"FILE" help:"Write what the library lacks there, a line each: listens, artist, title."`
	Files  []string `arg:"" type:"path" help:"Exports of ListenBrainz, Last.fm or Spotify (JSON, CSV, ZIP), M3U playlists, or lists of neighbours (docs/recommender.md)."`
}

// Run imports the files one after the other, through the gateway when it runs.
func (c importCommand) Run(ctx context.Context) error {
	var reports []gateway.ImportReport
	for _, file := range c.Files {
		var report gateway.ImportReport
		err := control(ctx, c.Data, "POST", "/import", url.Values{"file": {file}, "for": {c.For}, "dry": {strconv.FormatBool(c.DryRun)}}, &report)
		if errors.Is(err, errNotRunning) {
			report, err = gateway.ImportHistory(ctx, c.Data, gateway.Import{File: file, Listener: c.For, Dry: c.DryRun})
		}
		if err != nil {
			return err
		}
		c.say(report)
		reports = append(reports, report)
	}
	if c.Report == "" {
		return nil
	}
	return writeMissing(c.Report, reports)
}

func (c importCommand) say(r gateway.ImportReport) {
	if n := r.Neighbours; n != nil {
		fmt.Printf("neighbours: %d pairs read; %d are of tracks in the library, for %d tracks; %d ids are not in the library\n",
			n.Pairs, n.Kept, n.Tracks, n.NotFound)
		if c.DryRun {
			fmt.Println("Nothing was kept: this was a dry run.")
		} else {
			fmt.Println("They take the place of those that were imported before.")
		}
		return
	}
	fmt.Printf("%s: %d read; found %d by id, %d by path, %d by names, %d nearly; %d are not in the library\n",
		r.Format, r.Listens, r.ByID, r.ByPath, r.ByNames, r.Nearly, r.NotFound)
	switch {
	case c.DryRun:
		fmt.Println("Nothing was kept: this was a dry run.")
	case r.Playlist != "":
		fmt.Printf("Tracks in the playlist %q: %d.\n", r.Playlist, r.Added)
	case r.IsPlaylist():
		fmt.Println("No playlist was made: none of its tracks is in the library. Their paths or names have to be those of files there; --report FILE lists them.")
	default:
		fmt.Printf("%d plays are new.\n", r.Added)
	}
}
