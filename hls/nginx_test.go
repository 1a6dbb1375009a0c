//go:build peers

package hls

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const nginxConf = `
daemon off; master_process off; pid %[1]s/pid; error_log stderr crit;
events { worker_connections 512; }
http {
  access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f;
  uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  proxy_cache_path %[1]s/cache keys_zone=hls:1m;
  server {
    listen %[2]s;
    location / { %[3]s }
  }
}
`

// nginxCache is a location that keeps what an origin answers.
const nginxCache = `
  proxy_pass %s; proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_cache hls; proxy_cache_lock on; proxy_cache_lock_timeout 10s; proxy_cache_lock_age 10s;
`

// startNginx runs Debian's nginx, one process, with a location, and returns its URL
// and process.
func startNginx(t *testing.T, location string) (url string, pid int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // its worker is another user
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, dir, address, location), 0o600); err != nil {
		t.Fatal(err)
	}
	program := "/usr/sbin/nginx"
	cmd := exec.Command(program, "-p", dir, "-c", conf)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("nginx (Debian's package nginx-light): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return "http://" + address, cmd.Process.Pid
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nginx does not answer")
	return "", 0
}

// A shared cache asks the origin once for each part and each playlist, however
// many listen behind it.
func TestSharedCacheServesAnAudience(t *testing.T) {
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, Epoch: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := map[string]int{}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.RequestURI()]++
		mu.Unlock()
		live.ServeHTTP(w, r)
	}))
	defer origin.Close()
	cache, _ := startNginx(t, fmt.Sprintf(nginxCache, origin.URL))
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(4096 * time.Second / 44100)
		defer ticker.Stop()
		for pts := int64(0); ; pts += 4096 {
			if err := live.WriteFrame(pts, 4096, make([]byte, 8000)); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
	parts := make(chan int, 40)
	for range 40 {
		running.Go(func() { parts <- listen(ctx, t, cache) })
	}
	running.Wait()
	total := 0
	for range 40 {
		total += <-parts
	}
	media, twice := 0, 0
	mu.Lock() // nginx may still ask for the next part
	defer mu.Unlock()
	for uri, n := range asked {
		if !strings.Contains(uri, "live.m3u8") || strings.Contains(uri, "_HLS_") {
			media++
			if n > 1 {
				twice++
				t.Errorf("%s was asked of the origin %d times", uri, n)
			}
		}
	}
	t.Logf("40 listeners got %d parts and playlists; the origin answered %d requests", total, media)
	// nginx looks every half second whether the one request has come back.
	if total < 40*6 || twice > 0 {
		t.Errorf("listeners got %d parts", total)
	}
}

var newestPart = regexp.MustCompile(`#EXT-X-PART:.*URI="((\d+)\.(\d+)\.[^"]+)"`)

// listen follows a stream part by part, as low-latency players do, and returns
// how many parts came.
func listen(ctx context.Context, t *testing.T, base string) (got int) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	fetch := func(name string) string {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/"+name, nil)
		if err != nil {
			return ""
		}
		answer, err := client.Do(request)
		if err != nil {
			return ""
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", name, answer.Status)
		}
		return string(body)
	}
	list := fetch("live.m3u8")
	for ctx.Err() == nil {
		all := newestPart.FindAllStringSubmatch(list, -1)
		if len(all) == 0 {
			return got
		}
		newest := all[len(all)-1]
		if fetch(newest[1]) != "" {
			got++
		}
		var part int
		_, _ = fmt.Sscan(newest[3], &part)
		list = fetch(fmt.Sprintf("live.m3u8?_HLS_msn=%s&_HLS_part=%d", newest[2], part+1))
	}
	return got
}
