//go:build e2e

package main

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

// chromecast is a receiver in a process of its own.
type chromecast struct {
	*emulated.Process
	t    *testing.T
	port int

	mu   sync.Mutex
	said []castLine
}

// castLine is what the receiver prints: what it was told, or what it fetches.
type castLine struct {
	Port     int    `json:"port"`
	Got      string `json:"got"`
	Did      string `json:"did"`
	Message  castMessage
	Fetching string `json:"fetching"`
	Fetched  string `json:"fetched"`
	Code     int    `json:"code"`
	Bytes    int    `json:"bytes"`
	// Due is for what is fetched ahead: how many seconds before it plays.
	Due *float64 `json:"due"`
}

type castMessage struct {
	Volume      struct{ Level *float64 }
	CurrentTime float64
	Items       []struct {
		Media struct {
			ContentID   string `json:"contentId"`
			ContentType string `json:"contentType"`
			StreamType  string `json:"streamType"`
		}
	}
}

// startChromecast starts a receiver; port 0 means any.
func startChromecast(t *testing.T, cert, key string, port int) *chromecast {
	t.Helper()
	c := &chromecast{t: t}
	c.Process = emulated.Start(t, func(text []byte) {
		var line castLine
		if json.Unmarshal(text, &line) == nil {
			c.mu.Lock()
			c.said = append(c.said, line)
			c.mu.Unlock()
		}
	}, emulated.Receiver, cert, key, strconv.Itoa(port))
	c.await("its port", 10*time.Second, func(l castLine) bool {
		c.port = l.Port
		return l.Port != 0
	})
	return c
}

func (c *chromecast) order(what string) { c.Order("%s", what) }

// await waits for a line, and forgets those up to it.
func (c *chromecast) await(what string, limit time.Duration, match func(castLine) bool) castLine {
	c.t.Helper()
	var found castLine
	eventually(c.t, what, limit, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, line := range c.said {
			if match(line) {
				found, c.said = line, c.said[i+1:]
				return true
			}
		}
		return false
	})
	return found
}

func (c *chromecast) awaitGot(kind string) castMessage {
	c.t.Helper()
	return c.await(kind, 15*time.Second, func(l castLine) bool { return l.Got == kind }).Message
}

// got counts what the device was told since what was awaited last.
func (c *chromecast) got(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, l := range c.said {
		if l.Got == kind {
			n++
		}
	}
	return n
}
