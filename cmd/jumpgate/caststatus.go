package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
)

// castState is a device's state as these commands print it.
type castState struct {
	Device    string       `json:"device"`
	Connected bool         `json:"connected"`
	App       string       `json:"app"`
	State     string       `json:"state"`
	Item      string       `json:"item"`            // our id of what plays, empty where nothing of ours does
	Foreign   bool         `json:"foreign"`         // somebody else plays
	Title     string       `json:"title,omitempty"` // of what plays, whoever plays it
	Artist    string       `json:"artist,omitempty"`
	Position  float64      `json:"positionSeconds"`
	Duration  float64      `json:"durationSeconds"`
	Volume    int          `json:"volume"` // 0-100
	Muted     bool         `json:"muted"`
	Idle      string       `json:"idleReason,omitempty"`
	Problem   string       `json:"problem,omitempty"`
	Members   []castMember `json:"members,omitempty"`
}

type castMember struct {
	Name   string `json:"name"`
	Volume int    `json:"volume"`
	Muted  bool   `json:"muted"`
}

func stateOf(device string, s cast.Status, media cast.Item, members []cast.Member) castState {
	out := castState{
		Device: device, Connected: s.Connected, App: s.AppName, State: strings.ToLower(string(s.State)), Item: s.Item, Foreign: s.Foreign,
		Position: s.PositionAt(time.Now()).Seconds(), Duration: s.Duration.Seconds(),
		Title: media.Title, Artist: media.Artist,
		Volume: inPercent(s.Volume), Muted: s.Muted, Idle: strings.ToLower(s.IdleReason),
	}
	if s.Err != nil {
		out.Problem = s.Err.Error()
	}
	if s.Stalled {
		out.Problem = "it hangs"
	}
	for _, m := range members {
		out.Members = append(out.Members, castMember{m.Name, inPercent(m.Volume), m.Muted})
	}
	return out
}

func inPercent(level float64) int { return int(level*100 + 0.5) }

// print writes the state as a line for people, or as JSON.
func (s castState) print(asJSON bool) error {
	if asJSON {
		return printJSON(s)
	}
	fmt.Println(s.line())
	for _, m := range s.Members {
		fmt.Printf("  %s, volume %d\n", m.Name, m.Volume)
	}
	return nil
}

func (s castState) line() string {
	var b strings.Builder
	b.WriteString(s.Device + ": ")
	switch {
	case !s.Connected:
		b.WriteString("not connected")
	case s.Foreign:
		b.WriteString("somebody else plays by " + s.App)
		if what := titled(s.Artist, s.Title); what != "" {
			b.WriteString(": " + what)
		}
	case s.Item == "":
		b.WriteString("nothing plays")
	default:
		fmt.Fprintf(&b, "%s, %s at %s", s.State, cmp.Or(titled(s.Artist, s.Title), "item "+s.Item), clockTime(s.Position))
		if s.Duration > 0 {
			b.WriteString(" of " + clockTime(s.Duration))
		}
	}
	if s.Connected {
		fmt.Fprintf(&b, ", volume %d", s.Volume)
		if s.Muted {
			b.WriteString(" (muted)")
		}
	}
	if s.Problem != "" {
		b.WriteString(": " + s.Problem)
	}
	return b.String()
}

// titled is a track as people say it.
func titled(artist, title string) string { return strings.Trim(artist+" – "+title, " –") }

func clockTime(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}

type castStatusCommand struct{ castTarget }

// Run prints the state once.
func (c castStatusCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(_ context.Context, d castDevice, s *cast.Sender) error {
		return stateOf(d.Name, s.Status(), s.Media(), s.Members()).print(c.JSON)
	})
}

type castWatchCommand struct{ castTarget }

// Run prints every change. The device may go and come back meanwhile.
func (c castWatchCommand) Run(ctx context.Context) error {
	d, at, err := c.find(ctx)
	if err != nil {
		return err
	}
	s := cast.NewSender(cast.Config{Group: d.Group})
	s.Presence(at)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() { <-ended }()
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil
		case status := <-s.Statuses():
			if err := stateOf(d.Name, status, s.Media(), s.Members()).print(c.JSON); err != nil {
				return err
			}
		}
	}
}

type castVolumeCommand struct {
	castTarget
	Level string `arg:"" optional:"" help:"0 to 100, or a change like +5 or -5 (write -- in front of it)."`
	Mute  *bool  `help:"Mute, or with --no-mute unmute." negatable:""`
}

// Run sets what is given, and prints the volume.
func (c castVolumeCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(ctx context.Context, d castDevice, s *cast.Sender) error {
		if c.Level != "" {
			level, err := newLevel(s.Status().Volume, c.Level)
			if err != nil {
				return err
			}
			if err := s.SetVolume(ctx, level); err != nil {
				return err
			}
		}
		if c.Mute != nil {
			if err := s.SetMuted(ctx, *c.Mute); err != nil {
				return err
			}
		}
		return stateOf(d.Name, s.Status(), s.Media(), s.Members()).print(c.JSON)
	})
}

// newLevel is the volume that is asked for, 0 to 1.
func newLevel(now float64, text string) (float64, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < -100 || n > 100 {
		return 0, errors.New("the volume is 0 to 100, or a change like +5")
	}
	level := float64(n) / 100
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		level += now
	}
	return min(max(level, 0), 1), nil
}

type castQueueCommand struct {
	castTarget
	Skip int `help:"Move on by so many items; back where it is negative."`
}

// castQueued is an item of a device's queue.
type castQueued struct {
	Item    string `json:"item"` // empty where somebody else put it there
	Title   string `json:"title"`
	Artist  string `json:"artist"`
	URL     string `json:"url"`
	Playing bool   `json:"playing"`
}

// Run prints the queue.
func (c castQueueCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(ctx context.Context, _ castDevice, s *cast.Sender) error {
		if c.Skip != 0 {
			if err := s.Skip(ctx, c.Skip); err != nil {
				return err
			}
		}
		queue, err := s.Queue(ctx)
		if err != nil && !errors.Is(err, cast.ErrIdle) {
			return err
		}
		list := []castQueued{}
		for _, q := range queue {
			list = append(list, castQueued{q.ID, q.Title, q.Artist, q.URL, q.ID != "" && q.ID == s.Status().Item})
		}
		if c.JSON {
			return printJSON(list)
		}
		if len(list) == 0 {
			fmt.Println("Its queue is empty.")
		}
		for _, q := range list {
			mark := " "
			if q.Playing {
				mark = ">"
			}
			fmt.Printf("%s %s  %s\n", mark, q.Item, titled(q.Artist, q.Title))
		}
		return nil
	})
}
