package main

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
)

type castPlayCommand struct {
	castTarget
	What  []string `arg:"" help:"URLs that the device can fetch, or files of this machine." placeholder:"URL|FILE"`
	Type  string   `help:"Content type of the URLs, where their names do not tell." placeholder:"audio/…"`
	HiRes bool     `help:"Files up to 96 kHz and 24 bit go to the device as they are."`
	Queue bool     `help:"Play them behind what is queued already."`
	Start float64  `help:"Where in the first to begin, in seconds."`
}

// Run plays. Files are served by this command, which therefore stays until they
// have played; an interrupt stops them. URLs play on without it.
func (c castPlayCommand) Run(ctx context.Context) error {
	d, at, err := c.find(ctx)
	if err != nil {
		return err
	}
	var urls, files []string
	for _, what := range c.What {
		if u, err := url.Parse(what); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			urls = append(urls, what)
		} else {
			files = append(files, what)
		}
	}
	if len(urls) > 0 && len(files) > 0 {
		return errors.New("play URLs or files, not both at once")
	}
	var items []cast.Item
	if len(files) > 0 {
		served, err := gateway.ServeCastFiles(ctx, at.Addr(), member.CastFormatsOf(d.Model, d.Group, c.HiRes), files)
		if err != nil {
			return err
		}
		defer func() { _ = served.Close() }()
		items = served.Items()
	} else if items, err = c.urlItems(urls); err != nil {
		return err
	}
	// The ids of one command differ from those of others in the same queue.
	run := strconv.FormatInt(time.Now().UnixMilli(), 36)
	for i := range items {
		items[i].ID = run + "-" + strconv.Itoa(i+1)
	}
	// The connection outlives an interrupt: what plays is stopped over it.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	interrupted := context.AfterFunc(ctx, end)
	late := time.AfterFunc(c.Timeout, end)
	err = cast.Once(life, cast.Config{Group: d.Group}, at, func(_ context.Context, s *cast.Sender) error {
		interrupted()
		late.Stop()
		if err := c.load(ctx, s, items); err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
		if len(files) > 0 {
			return c.accompany(ctx, d.Name, s, items)
		}
		return stateOf(d.Name, s.Status(), s.Media(), nil).print(c.JSON)
	})
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return fmt.Errorf("%s at %s did not answer within %s", d.Name, at, c.Timeout)
	}
	return err
}

// urlItems describes URLs.
func (c castPlayCommand) urlItems(urls []string) ([]cast.Item, error) {
	var items []cast.Item
	for _, u := range urls {
		parsed, err := url.Parse(u)
		if err != nil {
			return nil, fmt.Errorf("%s is no URL", u)
		}
		item := cast.Item{URL: u, ContentType: c.Type, Title: path.Base(parsed.Path)}
		if item.ContentType == "" {
			item.ContentType = audioType(parsed.Path)
		}
		if item.ContentType == "" {
			return nil, fmt.Errorf("the name of %s does not tell what it is: say it with --type, like --type audio/mpeg", u)
		}
		if strings.HasSuffix(parsed.Path, ".m3u8") {
			item.HLSSegments = cast.SegmentsFMP4
		}
		items = append(items, item)
	}
	return items, nil
}

// audioType is a content type by the ending of a name; empty if none is known.
func audioType(name string) string {
	types := map[string]string{
		".flac": "audio/flac", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "audio/mp4", ".wav": "audio/wav",
		".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".webm": "audio/webm", ".m3u8": "application/x-mpegURL",
	}
	ending := strings.ToLower(path.Ext(name))
	if t, ok := types[ending]; ok {
		return t
	}
	return mime.TypeByExtension(ending)
}

func (c castPlayCommand) load(ctx context.Context, s *cast.Sender, items []cast.Item) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if c.Queue {
		err := s.Insert(ctx, "", items...)
		if !errors.Is(err, cast.ErrIdle) {
			return err
		}
	}
	return s.Load(ctx, items, time.Duration(c.Start*float64(time.Second)))
}

// accompany stays with files until they have played.
func (c castPlayCommand) accompany(ctx context.Context, name string, s *cast.Sender, items []cast.Item) error {
	ours := map[string]bool{}
	for _, i := range items {
		ours[i.ID] = true
	}
	var last string
	for {
		select {
		case <-ctx.Done():
			return c.silence(ctx, s, ours)
		case status := <-s.Statuses():
			line := stateOf(name, status, s.Media(), nil)
			if now := status.Item + string(status.State) + strconv.FormatBool(status.Connected); now != last {
				last = now
				if err := line.print(c.JSON); err != nil {
					return err
				}
			}
			switch {
			case !status.Connected:
			case status.Foreign:
				return fmt.Errorf("%s was taken over by %s", name, status.AppName)
			case status.State == cast.Idle && status.IdleReason == "ERROR":
				return fmt.Errorf("%s could not play it: %s", name, cast.MediaErrorText(status.FailedCode))
			case status.State == cast.Idle && (status.IdleReason != "" || status.Item == ""):
				return nil
			}
		}
	}
}

// silence stops our files: nobody serves them any more.
func (c castPlayCommand) silence(ctx context.Context, s *cast.Sender, ours map[string]bool) error {
	if !ours[s.Status().Item] {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return s.Stop(ctx)
}
