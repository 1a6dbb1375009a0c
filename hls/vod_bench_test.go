//go:build bench && peers && linux

package hls

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

const (
	benchFile    = 256 << 20
	benchSegment = 64 * benchFrame // 64 frames of 4096 samples are 5.94 s
)

// serveBenchHTTP3 serves by QUIC alone, and says where.
func serveBenchHTTP3(h http.Handler) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	cert, err := newSelfSigned()
	if err != nil {
		panic(err)
	}
	fmt.Printf("https://%s\n", conn.LocalAddr())
	server := &http3.Server{Handler: h, TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{cert}})}
	_ = server.Serve(conn)
}

// Bytes a second of processor time: segments of a file, and the same ranges of it by
// http.ServeContent and by nginx; and by HTTP/3 as segments and by http.FileServer.
// The best of three rounds counts, one of each in turn.
func TestLoadOfVOD(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, benchFile), 0o644); err != nil {
		t.Fatal(err)
	}
	best := map[string]float64{}
	keep := func(kind string, rate float64) { best[kind] = max(best[kind], rate) }
	for range 3 {
		for _, kind := range []string{"vod", "servecontent"} {
			url, pid := startBench(t, kind+" "+path)
			keep(kind, pull(t, kind, url, pid))
		}
		url, pid := startNginx(t, "root "+filepath.Dir(path)+"; sendfile on; tcp_nopush on; keepalive_requests 100000;")
		keep("nginx", pull(t, "nginx", url, pid))
		for _, kind := range []string{"h3vod", "h3files"} {
			url, pid := startBench(t, kind+" "+path)
			keep(kind, pullHTTP3(t, kind, url, pid))
		}
	}
	t.Logf("load %s, MB a second of the server's processor time: segments %.0f, http.ServeContent %.0f, nginx %.0f; by HTTP/3 segments %.0f, http.FileServer %.0f",
		loadAverage(), best["vod"], best["servecontent"], best["nginx"], best["h3vod"], best["h3files"])
	t.Logf("segments reach %.2f of http.ServeContent and %.2f of nginx, http.ServeContent %.2f of nginx; by HTTP/3 %.2f of http.FileServer",
		best["vod"]/best["servecontent"], best["vod"]/best["nginx"], best["servecontent"]/best["nginx"], best["h3vod"]/best["h3files"])
}

// benchRequest is what is asked of a server for the n-th segment.
func benchRequest(kind string, n int) (path, ranges string) {
	if kind == "vod" || kind == "h3vod" {
		return fmt.Sprintf("/%d.m4s", n), ""
	}
	return "/file", fmt.Sprintf("bytes=%d-%d", n*benchSegment, (n+1)*benchSegment-1)
}

// shared has 8 clients fetch so many segments each, and returns megabytes a second of
// the server's processor time.
func shared(t *testing.T, pid, each int, client func() (fetch func(n int) (size int64, err error), end func())) float64 {
	t.Helper()
	before := cpuTime(t, pid)
	var running sync.WaitGroup
	var mu sync.Mutex
	total := int64(0)
	for k := range 8 {
		running.Go(func() {
			fetch, end := client()
			if fetch == nil {
				return
			}
			defer end()
			sum := int64(0)
			for i := range each {
				size, err := fetch((i*8 + k) % (benchFile / benchSegment))
				if err != nil || size < benchSegment {
					t.Errorf("%d bytes: %v", size, err)
					return
				}
				sum += size
			}
			mu.Lock()
			total += sum
			mu.Unlock()
		})
	}
	running.Wait()
	return float64(total) / 1e6 / (cpuTime(t, pid) - before).Seconds()
}

// pull fetches 4 GB.
func pull(t *testing.T, kind, url string, pid int) float64 {
	t.Helper()
	return shared(t, pid, 512, func() (func(int) (int64, error), func()) {
		c, err := dialRaw(url)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		return func(n int) (int64, error) {
			path, header := benchRequest(kind, n)
			if header != "" {
				header = "Range: " + header + "\r\n"
			}
			body, err := c.get(path, header)
			return int64(len(body)), err
		}, func() { _ = c.conn.Close() }
	})
}

// pullHTTP3 fetches 256 MB.
func pullHTTP3(t *testing.T, kind, url string, pid int) float64 {
	t.Helper()
	return shared(t, pid, 32, func() (func(int) (int64, error), func()) {
		transport := &http3.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		client := &http.Client{Transport: transport, Timeout: time.Minute}
		return func(n int) (int64, error) {
			path, ranges := benchRequest(kind, n)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
			if err != nil {
				return 0, err
			}
			if ranges != "" {
				request.Header.Set("Range", ranges)
			}
			answer, err := client.Do(request)
			if err != nil {
				return 0, err
			}
			defer answer.Body.Close()
			return io.Copy(io.Discard, answer.Body)
		}, func() { _ = transport.Close() }
	})
}
