//go:build bench && peers && linux

package hls

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The server runs in a process of its own, so that its memory and processor
// time are its own: this test binary again, told what to serve by the
// environment.
const serverEnv = "JUMPGATE_HLS_BENCH"

func TestMain(m *testing.M) {
	if what := os.Getenv(serverEnv); what != "" {
		serveBench(what)
		return
	}
	os.Exit(m.Run())
}

const benchFrame = 16 << 10 // bytes

// benchTrack is a file of equal frames.
type benchTrack struct {
	*os.File
	memoryTrack
}

func (t benchTrack) Frame(i int) (int64, int, uint32)        { return int64(i) * benchFrame, benchFrame, 4096 }
func (t benchTrack) ReadAt(p []byte, off int64) (int, error) { return t.File.ReadAt(p, off) }
func (t benchTrack) OpenFile() (*os.File, error)             { return os.Open(t.Name()) }

// serveBench serves what the first word says, of a file or folder that the second
// names; by QUIC where the first begins with "h3".
func serveBench(what string) {
	kind, arg, _ := strings.Cut(what, " ")
	handler := benchHandler(strings.TrimPrefix(kind, "h3"), arg)
	if strings.HasPrefix(kind, "h3") {
		serveBenchHTTP3(handler)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	_ = http.Serve(listener, handler)
}

func benchHandler(kind, arg string) http.Handler {
	switch kind {
	case "live":
		live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, Window: 10, Epoch: time.Now()})
		if err != nil {
			panic(err)
		}
		go func() {
			data := make([]byte, 8000)
			start := live.line.epoch
			for pts := int64(4096); ; pts += 4096 {
				time.Sleep(time.Until(start.Add(live.codec.duration(pts))))
				_ = live.WriteFrame(pts-4096, 4096, data)
			}
		}()
		return live
	case "vod":
		file, _ := os.Open(arg)
		info, _ := file.Stat()
		vod, err := NewVOD(benchTrack{file, memoryTrack{codec: flacConfig(), frames: int(info.Size() / benchFrame), dur: 4096}}, "")
		if err != nil {
			panic(err)
		}
		return vod
	case "files":
		return http.FileServer(http.Dir(filepath.Dir(arg)))
	case "servecontent":
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			file, _ := os.Open(arg)
			defer file.Close()
			w.Header().Set("Content-Type", segmentType)
			http.ServeContent(w, r, "", time.Time{}, file)
		})
	}
	panic("nothing is called " + kind)
}

// startBench returns the server's URL and process.
func startBench(t *testing.T, what string) (string, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"="+what)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), cmd.Process.Pid
}

// cpuTime is the processor time of a process so far.
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func memory(t *testing.T, pid int, field string) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), field+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func loadAverage() string {
	load, _ := os.ReadFile("/proc/loadavg")
	return strings.Fields(string(load))[0]
}

// rawClient is the least that speaks HTTP/1.1: the load must not be the client's.
type rawClient struct {
	conn net.Conn
	r    *bufio.Reader
	host string
	body []byte
}

func (c *rawClient) get(path, header string) ([]byte, error) {
	if _, err := fmt.Fprintf(c.conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, c.host, header); err != nil {
		return nil, err
	}
	length, status := 0, ""
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if status == "" {
			status = string(line[9:12])
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && string(name) == "Content-Length" {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	_, err := io.ReadFull(c.r, c.body[:length])
	if status[0] != '2' {
		return nil, fmt.Errorf("status %s", status)
	}
	return c.body[:length], err
}

func dialRaw(url string) (*rawClient, error) {
	host := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &rawClient{conn: conn, r: bufio.NewReader(conn), host: host}, nil
}

// Part availability: so many clients reload by blocking and fetch each part.
// The figure is the time from a part's publication to the playlist that lists
// it being whole at a client.
func TestLoadOfBlockingClients(t *testing.T) {
	for _, clients := range []int{500, 2000} {
		t.Run(strconv.Itoa(clients), func(t *testing.T) {
			url, pid := startBench(t, "live")
			time.Sleep(2500 * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			defer cancel()
			before := cpuTime(t, pid)
			var mu sync.Mutex
			var delays []time.Duration
			failures, parts := 0, 0
			var running sync.WaitGroup
			for range clients {
				running.Go(func() {
					got, n, err := chase(ctx, url)
					mu.Lock()
					defer mu.Unlock()
					delays, parts = append(delays, got...), parts+n
					if err != nil {
						failures++
					}
				})
			}
			running.Wait()
			slices.Sort(delays)
			at := func(share int) time.Duration { return delays[len(delays)*share/1000].Round(time.Millisecond) }
			t.Logf("%d clients, load %s: edge p50 %v, p95 %v, p99 %v; %d playlists, %d parts, %d clients failed; VmHWM %s, RSS %s, processor %.0f %%",
				clients, loadAverage(), at(500), at(950), at(990), len(delays), parts, failures, memory(t, pid, "VmHWM"), memory(t, pid, "VmRSS"),
				float64(cpuTime(t, pid)-before)/float64(15*time.Second)*100)
		})
	}
}

// chase follows a stream and measures when each part is known.
func chase(ctx context.Context, url string) (delays []time.Duration, parts int, err error) {
	c, err := dialRaw(url)
	if err != nil {
		return nil, 0, err
	}
	defer c.conn.Close()
	list, err := c.get("/live.m3u8", "")
	for first := true; err == nil && ctx.Err() == nil; first = false {
		now := time.Now()
		published, newest, msn, part := newestIn(list)
		if !first {
			delays = append(delays, now.Sub(published))
		}
		if _, err = c.get("/"+newest, ""); err != nil {
			break
		}
		parts++
		list, err = c.get(fmt.Sprintf("/live.m3u8?_HLS_msn=%s&_HLS_part=%s", msn, part), "")
	}
	return delays, parts, err
}

// newestIn finds, with as little work as may be, when the newest part of a
// playlist ended, its name, and what is hinted at.
func newestIn(list []byte) (end time.Time, uri, msn, part string) {
	_, tail, _ := bytes.Cut(list[bytes.LastIndex(list, []byte("PROGRAM-DATE-TIME:")):], []byte(":"))
	line, tail, _ := bytes.Cut(tail, []byte("\n"))
	end, _ = time.Parse(time.RFC3339Nano, string(line))
	for {
		_, rest, ok := bytes.Cut(tail, []byte("PART:DURATION="))
		if !ok {
			break
		}
		duration, rest, _ := bytes.Cut(rest, []byte(`,URI="`))
		seconds, _ := strconv.ParseFloat(string(duration), 64)
		end = end.Add(time.Duration(seconds * float64(time.Second)))
		name, rest, _ := bytes.Cut(rest, []byte(`"`))
		uri, tail = string(name), rest
	}
	_, hint, _ := bytes.Cut(tail, []byte(`TYPE=PART,URI="`))
	fields := strings.SplitN(string(hint), ".", 3)
	return end, uri, fields[0], fields[1]
}
