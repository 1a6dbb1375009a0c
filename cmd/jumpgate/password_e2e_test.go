//go:build e2e

package main

import (
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// person is somebody with a browser.
type person struct {
	t      *testing.T
	url    string
	client *http.Client
}

func someone(t *testing.T, url string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, url: url, client: &http.Client{Jar: jar}}
}

// ask returns the status of a request with a JSON body.
func (p *person) ask(method, path, body string) int {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// Somebody forgot the password: a new one is set beside the running gateway,
// which ends the sessions, and again while none runs.
func TestPasswordIsSetFromTheDataFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	password := func(name, typed string) (string, error) {
		cmd := exec.Command(binary, "password", "--data", data, name)
		cmd.Stdin = strings.NewReader(typed)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	serve := func() (*running, string) {
		g := launch(t, "demo", "--data", data, "--listen", "127.0.0.1:0", "--no-discovery", "--player", "meter", "--no-autoplay")
		g.await("where it is", `is at (http://\S+)`, 15*time.Second, func(m []string) { g.url = m[1] })
		return g, g.url
	}
	g, url := serve()
	if out, err := password("mina", "x\n"); err == nil || !strings.Contains(out, "no account yet") {
		t.Errorf("before there is an account: %v %s", err, out)
	}
	var code string
	g.await("its setup code", `Setup code: (\d{4}-\d{4})`, patience, func(m []string) { code = m[1] })
	mina := someone(t, url)
	if status := mina.ask("POST", "/claim", `{"code":"`+code+`","name":"mina","password":"long forgotten"}`); status != http.StatusCreated {
		t.Fatalf("claim: %d", status)
	}
	dialer := websocket.Dialer{Jar: mina.client.Jar}
	socket, _, err := dialer.DialContext(t.Context(), strings.Replace(url, "http", "ws", 1)+"/api/v1/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := socket.WriteJSON(map[string]string{"id": "c1", "cmd": "subscribe"}); err != nil {
		t.Fatal(err)
	}

	for typed, says := range map[string]string{"short\n": "8 characters", "": "standard input"} {
		if out, err := password("mina", typed); err == nil || !strings.Contains(out, says) {
			t.Errorf("%q: %v %s", typed, err, out)
		}
	}
	if out, err := password("Nobody", "new and long\n"); err == nil || !strings.Contains(out, `no account "Nobody", but: mina`) {
		t.Errorf("another name: %v %s", err, out)
	}
	if status := mina.ask("GET", "/session", ""); status != http.StatusOK {
		t.Errorf("signed out by what was refused: %d", status)
	}

	if out, err := password("mina", "new and long\n"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if status := mina.ask("GET", "/session", ""); status != http.StatusUnauthorized {
		t.Errorf("an old session still answers: %d", status)
	}
	_ = socket.SetReadDeadline(time.Now().Add(20 * time.Second))
	for err = nil; err == nil; {
		_, _, err = socket.ReadMessage()
	}
	if !websocket.IsCloseError(err, 4001) {
		t.Errorf("the page that was open is told: %v", err)
	}
	if status := mina.ask("POST", "/session", `{"name":"mina","password":"long forgotten"}`); status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", status)
	}
	if status := mina.ask("POST", "/session", `{"name":"mina","password":"new and long"}`); status != http.StatusOK {
		t.Errorf("the new password: %d", status)
	}

	// While nothing runs, the store is opened; one account needs no name.
	g.end(syscall.SIGTERM)
	cmd := exec.Command(binary, "password", "--data", data)
	cmd.Stdin = strings.NewReader("newer and longer")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "mina has a new password") {
		t.Fatalf("%v: %s", err, out)
	}
	_, url = serve()
	mina = someone(t, url)
	if status := mina.ask("POST", "/session", `{"name":"mina","password":"newer and longer"}`); status != http.StatusOK {
		t.Errorf("the password that was set while nothing ran: %d", status)
	}
}
