package main

import (
	"context"
	"crypto/tls"
	endian "encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
)

type castRecordCommand struct {
	castTarget
	File string `arg:"" help:"The transcript: a line of JSON for every message." type:"path"`
}

// Run plays a short tone on a device, quietly, does to it what a gateway does,
// and writes down what both say. It does not touch a device that somebody uses.
func (c castRecordCommand) Run(ctx context.Context) error {
	d, at, err := c.find(ctx)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "jumpgate-record-*")
	if err != nil {
		return fmt.Errorf("make a folder for the tones: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var files []string
	for i := range recordTones {
		name := filepath.Join(folder, fmt.Sprintf("tone%d.wav", i+1))
		if err := os.WriteFile(name, toneWAV(220*float64(i+2), 30*time.Second), 0o600); err != nil {
			return fmt.Errorf("make a tone: %w", err)
		}
		files = append(files, name)
	}
	served, err := gateway.ServeCastFiles(ctx, at.Addr(), member.CastFormatsOf(d.Model, d.Group, false), files)
	if err != nil {
		return err
	}
	defer func() { _ = served.Close() }()
	out, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // it holds no secrets, to be sent to others
	if err != nil {
		return fmt.Errorf("make the transcript: %w", err)
	}
	session, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	err = record(session, at, d.Group, served.Items(), out)
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("record a session with %s: %w", d.Name, err)
	}
	fmt.Printf("%s is the transcript of a session with %s.\nNames, addresses and ids are not in it; look through it before you send it to anybody.\n", c.File, d.Name)
	return nil
}

// recordTones is how many items the session plays.
const recordTones = 3

// record connects, runs castSession, and writes what was said to w.
func record(ctx context.Context, at netip.AddrPort, group bool, items []cast.Item, w io.Writer) error {
	tape := &castTape{out: json.NewEncoder(w), begin: time.Now(), redact: newRedactor()}
	dial := func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
		// Devices sign their own certificates; nothing secret is said to one.
		d := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}} //nolint:gosec // see above
		conn, err := d.DialContext(ctx, "tcp", addr.String())
		if err != nil {
			return nil, err
		}
		return &tapedConn{Conn: conn, sent: tape.side("sender"), heard: tape.side("device")}, nil
	}
	err := cast.Once(ctx, cast.Config{Group: group, Dial: dial}, at, func(ctx context.Context, s *cast.Sender) error {
		return castSession(ctx, s, items, tape.note)
	})
	return errors.Join(err, tape.failed())
}

// castSession is what is done to a device for a transcript, and what a replay
// does again. note is told what the Sender makes of the device's answers.
func castSession(ctx context.Context, s *cast.Sender, items []cast.Item, note func(step string, s cast.Status)) error {
	status := s.Status()
	note("connected", status)
	if status.Foreign || status.State == cast.Playing {
		return errors.New("somebody uses the device: try again when it rests")
	}
	was := status.Volume
	id := func(i int) string { return items[i].ID }
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
		met  func(cast.Status) bool
	}{
		{"quiet", func(ctx context.Context) error { return s.SetVolume(ctx, min(was, 0.15)) }, nil},
		{
			"load", func(ctx context.Context) error { return s.Load(ctx, items[:2], 0) },
			func(s cast.Status) bool { return s.Item == id(0) && s.State == cast.Playing },
		},
		{"pause", s.Pause, func(s cast.Status) bool { return s.State == cast.Paused }},
		{"play", s.Play, func(s cast.Status) bool { return s.State == cast.Playing }},
		{
			"seek", func(ctx context.Context) error { return s.Seek(ctx, 10*time.Second) },
			func(s cast.Status) bool { return s.State == cast.Playing && s.Position >= 9*time.Second },
		},
		{"follow", func(ctx context.Context) error { return s.Follow(ctx, id(0), items[1:], false) }, nil},
		{
			"jump", func(ctx context.Context) error { return s.JumpTo(ctx, id(2), 0) },
			func(s cast.Status) bool { return s.Item == id(2) && s.State == cast.Playing },
		},
		{"stop", s.Stop, func(s cast.Status) bool { return s.State == cast.Idle }},
		{"as it was", func(ctx context.Context) error { return s.SetVolume(ctx, was) }, nil},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		met, err := awaitStatus(ctx, s, step.met)
		note(step.name, met)
		if err != nil {
			return fmt.Errorf("%s: the device did not get there: %w", step.name, err)
		}
	}
	return nil
}

// stepLimit is how long a device may take to do what it said it would.
const stepLimit = 10 * time.Second

func awaitStatus(ctx context.Context, s *cast.Sender, met func(cast.Status) bool) (cast.Status, error) {
	limit := time.NewTimer(stepLimit)
	defer limit.Stop()
	for {
		status := s.Status()
		if met == nil || met(status) {
			return status, nil
		}
		select {
		case <-s.Statuses():
		case <-limit.C:
			return status, errors.New("it took too long")
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

// castTapeLine is one line of a transcript.
type castTapeLine struct {
	AtMs      int64           `json:"atMs"`
	From      string          `json:"from"` // "sender" or "device"; "note" for what the sender made of it
	Source    string          `json:"source,omitempty"`
	To        string          `json:"to,omitempty"`
	Namespace string          `json:"namespace,omitempty"`
	Payload   json.RawMessage `json:"payload,omitempty"`
	Step      string          `json:"step,omitempty"`
	State     string          `json:"state,omitempty"`
	Item      string          `json:"item,omitempty"`
}

// castTape writes a transcript. It may be used from any goroutine.
type castTape struct {
	begin time.Time

	mu     sync.Mutex
	out    *json.Encoder
	redact *redactor
	err    error
}

func (t *castTape) write(line castTapeLine) {
	line.AtMs = time.Since(t.begin).Milliseconds()
	if err := t.out.Encode(line); err != nil && t.err == nil {
		t.err = fmt.Errorf("write the transcript: %w", err)
	}
}

func (t *castTape) note(step string, s cast.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.write(castTapeLine{From: "note", Step: step, State: string(s.State), Item: t.redact.text("jumpgateItem", s.Item)})
}

func (t *castTape) failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// side returns what takes the bytes of one direction.
func (t *castTape) side(from string) *castSide { return &castSide{tape: t, from: from} }

// castSide cuts frames out of what passes.
type castSide struct {
	tape *castTape
	from string
	buf  []byte
}

func (s *castSide) pass(p []byte) {
	s.buf = append(s.buf, p...)
	for len(s.buf) >= 4 {
		size := int(endian.BigEndian.Uint32(s.buf))
		if size > 64<<10 || len(s.buf) < 4+size {
			return
		}
		m, ok := parseCastMessage(s.buf[4 : 4+size])
		s.buf = s.buf[4+size:]
		if !ok {
			continue
		}
		s.tape.mu.Lock()
		s.tape.write(castTapeLine{
			From: s.from, Source: s.tape.redact.endpoint(m.source), To: s.tape.redact.endpoint(m.destination), Namespace: m.namespace,
			Payload: s.tape.redact.payload(m.payload),
		})
		s.tape.mu.Unlock()
	}
}

// tapedConn is a connection whose both directions are written down.
type tapedConn struct {
	net.Conn
	sent, heard *castSide
}

func (c *tapedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.heard.pass(p[:n])
	return n, err
}

func (c *tapedConn) Write(p []byte) (int, error) {
	c.sent.pass(p) // first: the answer may be heard before Write returns
	return c.Conn.Write(p)
}
