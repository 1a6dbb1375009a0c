package gateway

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// writeFLAC makes a file of silence.
func writeFLAC(t *testing.T, path string, seconds int) {
	t.Helper()
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = enc.Close() }()
	data := append([]byte(nil), enc.Stream().Header...)
	data[4] |= 0x80 // the last metadata block
	frames, err := enc.Encode(make([]float32, seconds*44100*2))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		data = append(data, f.Data...)
	}
	if binary.BigEndian.Uint32(data) != 0x664c6143 {
		t.Fatalf("no FLAC file: % x", data[:8])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFolderAsHLS(t *testing.T) {
	outside := t.TempDir()
	writeFLAC(t, filepath.Join(outside, "secret.flac"), 1)
	dir := filepath.Join(t.TempDir(), "music")
	writeFLAC(t, filepath.Join(dir, "Ä #1", "one.flac"), 20)
	writeFLAC(t, filepath.Join(dir, "two.flac"), 1)
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("private"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.flac"), []byte("fLaC and no more"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.flac"), filepath.Join(dir, "link.flac")); err != nil {
		t.Fatal(err)
	}
	folder, err := OpenFolderHLS(dir)
	if err != nil {
		t.Fatal(err)
	}
	whole := folder
	defer func() { _ = whole.Close() }()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		folder.ServeHTTP(w, r)
		return w
	}
	page := get("/").Body.String()
	if !strings.Contains(page, `href="%C3%84%20%231/one.flac/index.m3u8"`) || strings.Contains(page, "notes") || strings.Contains(page, "link") {
		t.Errorf("the page:\n%s", page)
	}
	if list := get("/Ä #1/one.flac/index.m3u8").Body.String(); strings.Count(list, "#EXTINF") != 4 {
		t.Errorf("the playlist:\n%s", list)
	}
	if w := get("/Ä #1/one.flac/3.m4s"); w.Code != http.StatusOK {
		t.Errorf("a segment: %d", w.Code)
	}
	for _, path := range []string{
		"/notes.txt/index.m3u8", "/broken.flac/index.m3u8", "/link.flac/index.m3u8", "/two.flac", "/two.flac/", "/two.flac/9.m4s",
		"/../" + filepath.Base(outside) + "/secret.flac/index.m3u8", "/./two.flac/index.m3u8", "//two.flac/index.m3u8", "/Ä #1/index.m3u8", "/x/index.m3u8",
	} {
		if w := get(path); w.Code != http.StatusNotFound || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	// A file that is written anew is indexed anew.
	writeFLAC(t, filepath.Join(dir, "two.flac"), 13)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "two.flac"), later, later); err != nil {
		t.Fatal(err)
	}
	if list := get("/two.flac/index.m3u8").Body.String(); strings.Count(list, "#EXTINF") != 3 {
		t.Errorf("the playlist of a file that changed:\n%s", list)
	}
	one, err := OpenFolderHLS(filepath.Join(dir, "two.flac"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = one.Close() }()
	folder = one
	if get("/two.flac/index.m3u8").Code != http.StatusOK || get("/Ä #1/one.flac/index.m3u8").Code != http.StatusNotFound {
		t.Error("a single file is served with its neighbours, or not at all")
	}
	for _, name := range []string{"notes.txt", "broken.flac", "missing"} {
		if _, err := OpenFolderHLS(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// What a client writes into the request line, untouched by any client library, comes
// to nothing but the folder's own files.
func TestFolderAsHLSOverTheWire(t *testing.T) {
	outside := t.TempDir()
	writeFLAC(t, filepath.Join(outside, "secret.flac"), 1)
	dir := filepath.Join(outside, "music")
	writeFLAC(t, filepath.Join(dir, "a", "one.flac"), 1)
	writeFLAC(t, filepath.Join(dir, "100%2f.flac"), 1)
	folder, err := OpenFolderHLS(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(folder)
	defer func() {
		server.Close()
		_ = folder.Close()
	}()
	for target, want := range map[string]int{
		"/a/one.flac/index.m3u8":                          200,
		"/100%252f.flac/index.m3u8":                       200, // a name with a percent sign
		"/a%2fone.flac/index.m3u8":                        404,
		"/a/one.flac%2Findex.m3u8":                        404,
		"/a/one.flac/%2e%2e/one.flac/index.m3u8":          404,
		"/../secret.flac/index.m3u8":                      404,
		"/..%2fsecret.flac/index.m3u8":                    404,
		"/%2e%2e/secret.flac/index.m3u8":                  404,
		"/%2e%2e%2fsecret.flac/index.m3u8":                404,
		"/a/../../secret.flac/index.m3u8":                 404,
		"/a/..%5c..%5csecret.flac/index.m3u8":             404,
		"/" + outside + "/secret.flac/index.m3u8":         404,
		"/%2f" + outside + "/secret.flac/index.m3u8":      404,
		"/a/one.flac%00/index.m3u8":                       404,
		"/a/one.flac/%zz":                                 400,
		"/a/one.flac/..%2f..%2f..%2fsecret.flac/0.m4s":    404,
		"http://example.org/../secret.flac/index.m3u8":    404,
		"/a/" + strings.Repeat("../", 50) + "etc/passwd":  404,
		"/a/one.flac/" + strings.Repeat("x", 300_000):     404,
		"/a/one.flac/" + strings.Repeat("%2e%2e/", 1_000): 404,
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: den.local\r\nConnection: close\r\n\r\n", target)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%.80s: %v", target, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != want || len(body) == 0 {
			t.Errorf("%.80s: %s, %v, want %d", target, answer.Status, err, want)
		}
		_ = conn.Close()
	}
}
