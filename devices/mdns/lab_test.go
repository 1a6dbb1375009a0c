//go:build peers

package mdns

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// needed are the programs that the tests against foreign peers run, and the
// Debian packages that they come in.
var needed = map[string]string{
	"ip":            "iproute2",
	"avahi-daemon":  "avahi-daemon",
	"avahi-publish": "avahi-utils",
	"avahi-browse":  "avahi-utils",
	"dbus-daemon":   "dbus",
	python:          "python3-zeroconf",
}

// python is the system's: Debian's zeroconf is installed for that one.
const python = "/usr/bin/python3"

// lab is a number of machines, each a network namespace, on one or two bridges.
type lab struct {
	t      *testing.T
	prefix string
	dir    string
	ports  int
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("these tests make network namespaces: run them as root")
	}
	for program, pkg := range needed {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: apt-get install %s", program, pkg)
		}
	}
	if out, err := exec.Command(python, "-c", "import zeroconf").CombinedOutput(); err != nil {
		t.Fatalf("python3-zeroconf is missing: apt-get install python3-zeroconf\n%s", out)
	}
	l := &lab{t: t, prefix: fmt.Sprintf("jg%d-", os.Getpid()), dir: t.TempDir()}
	sw := l.space("sw")
	for _, br := range []string{"br0", "br1"} {
		sw.ip("link", "add", br, "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
		sw.ip("link", "set", br, "up")
	}
	return l
}

// space is one machine.
type space struct {
	*lab
	name string
	full string
}

func (l *lab) space(name string) *space {
	l.t.Helper()
	s := &space{l, name, l.prefix + name}
	if out, err := exec.Command("ip", "netns", "add", s.full).CombinedOutput(); err != nil {
		l.t.Fatalf("make a network namespace: %v: %s\n(needs CAP_SYS_ADMIN: in a container, run it privileged)", err, out)
	}
	l.t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", s.full).CombinedOutput(); err != nil {
			l.t.Errorf("delete namespace %s: %v: %s", s.full, err, out)
		}
	})
	s.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad")
	s.ip("link", "set", "lo", "up")
	return s
}

// machine makes one with an interface eth0 on the first bridge.
func (l *lab) machine(name, addr string) *space {
	l.t.Helper()
	s := l.space(name)
	s.attach("eth0", "br0", addr)
	return s
}

// attach adds an interface that leads to a bridge.
func (s *space) attach(iface, bridge, addr string) {
	s.t.Helper()
	s.ports++
	port := fmt.Sprintf("p%d", s.ports)
	s.ip("link", "add", iface, "type", "veth", "peer", "name", port, "netns", s.prefix+"sw")
	sw := &space{s.lab, "sw", s.prefix + "sw"}
	sw.ip("link", "set", port, "master", bridge, "up")
	s.ip("addr", "add", addr, "dev", iface)
	s.ip("link", "set", iface, "up")
}

// ip runs ip in the namespace.
func (s *space) ip(args ...string) {
	s.t.Helper()
	if out, err := exec.Command("ip", append([]string{"-n", s.full}, args...)...).CombinedOutput(); err != nil {
		s.t.Fatalf("ip -n %s %s: %v: %s", s.full, strings.Join(args, " "), err, out)
	}
}

// run runs a program to its end and returns what it wrote.
func (s *space) run(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %s: %v: %s", s.name, args[0], err, out)
	}
	return string(out)
}

func (s *space) command(args ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", s.full}, args...)...)
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+s.bus(), "LC_ALL=C.UTF-8", "PYTHONIOENCODING=utf-8")
	return cmd
}

func (s *space) bus() string { return filepath.Join(s.dir, s.name+".bus") }

// process is a program that runs in a namespace, until the test ends.
type process struct {
	t     *testing.T
	what  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan line
	done  chan struct{}
	seen  *transcript
}

// line is one line of a program's output, and when it came.
type line struct {
	text string
	at   time.Time
}

// transcript keeps what a program said, for when a test fails.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.buf.Write(p)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.buf.String()
}

// start runs a program in the background.
func (s *space) start(env []string, args ...string) *process {
	s.t.Helper()
	cmd := s.command(args...)
	cmd.Env = append(cmd.Env, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := &process{t: s.t, what: s.name + ": " + filepath.Base(args[0]), cmd: cmd, lines: make(chan line, 4096), done: make(chan struct{}), seen: &transcript{}}
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("%s: %v", p.what, err)
	}
	go func() {
		defer close(p.lines)
		scan := bufio.NewScanner(io.TeeReader(read, p.seen))
		for scan.Scan() {
			p.lines <- line{scan.Text(), time.Now()}
		}
	}()
	go func() {
		_ = cmd.Wait()
		_ = write.Close()
		close(p.done)
	}()
	s.t.Cleanup(func() {
		p.kill(syscall.SIGKILL)
		if s.t.Failed() {
			s.t.Logf("--- %s said:\n%s", p.what, p.seen)
		}
	})
	return p
}

// kill sends a signal to the program and what it started, and waits for its end.
func (p *process) kill(sig syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, sig)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// stop ends a program that ends with its input.
func (p *process) stop() {
	_ = p.in.Close()
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.t.Errorf("%s does not end", p.what)
	}
}

// wait reads lines until one contains the text.
func (p *process) wait(text string, limit time.Duration) line {
	p.t.Helper()
	end := time.After(limit)
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("%s ended before it said %q", p.what, text)
			}
			if strings.Contains(l.text, text) {
				return l
			}
		case <-end:
			p.t.Fatalf("%s did not say %q within %s", p.what, text, limit)
		}
	}
}

// avahi starts a message bus and an avahi-daemon of the machine's own.
func (s *space) avahi(host string) *process {
	s.t.Helper()
	write := func(name, text string) string {
		path := filepath.Join(s.dir, s.name+name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return path
	}
	bus := s.start(nil, "dbus-daemon", "--nofork", "--print-address=1", "--config-file="+write(".dbus", `<busconfig><type>system</type>
<listen>unix:path=`+s.bus()+`</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>`))
	bus.wait("unix:", 5*time.Second)
	conf := write(".conf", "[server]\nhost-name="+host+"\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-hinfo=no\npublish-workstation=no\n")
	// Its process id file has one place: each gets a /run/avahi-daemon of its own.
	daemon := s.start(nil, "sh", "-c", `mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon &&
		exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file="$0"`, conf)
	daemon.wait("Server startup complete", 10*time.Second)
	return daemon
}

// publish has avahi publish a service, and waits until it is established.
func (s *space) publish(name, service string, port int, txt ...string) (*process, line) {
	s.t.Helper()
	p := s.start(nil, append([]string{"avahi-publish", "-s", name, service, fmt.Sprint(port)}, txt...)...)
	return p, p.wait("Established", 5*time.Second)
}

// zeroconfPeer registers what it is told to, with python-zeroconf: lines of
// JSON on its input.
const zeroconfPeer = `
import json, socket, sys
from zeroconf import ServiceInfo, Zeroconf
z, known = Zeroconf(), {}
print("ready", flush=True)
for line in sys.stdin:
    c = json.loads(line)
    full = c["name"] + "." + c["type"] + ".local."
    i = ServiceInfo(c["type"] + ".local.", full, port=c["port"], addresses=[socket.inet_aton(a) for a in c["addrs"]],
        properties=c["txt"], server=c["host"] + ".local.", host_ttl=c["ttl"], other_ttl=c["ttl"])
    if c["do"] == "register":
        z.register_service(i, ttl=c["ttl"])
    elif c["do"] == "update":
        z.update_service(i)
    known[full] = i
    print("done", c["name"], flush=True)
z.close()
print("closed", flush=True)
`

// zeroconf is a python-zeroconf process.
type zeroconf struct{ *process }

type zeroconfService struct {
	Do    string            `json:"do"`
	Name  string            `json:"name"`
	Type  string            `json:"type"`
	Port  int               `json:"port"`
	Addrs []string          `json:"addrs"`
	TXT   map[string]string `json:"txt"`
	Host  string            `json:"host"`
	TTL   int               `json:"ttl"`
}

func (s *space) zeroconf() zeroconf {
	s.t.Helper()
	p := s.start(nil, python, "-c", zeroconfPeer)
	p.wait("ready", 10*time.Second)
	return zeroconf{p}
}

func (z zeroconf) tell(c zeroconfService) line {
	z.t.Helper()
	if err := json.NewEncoder(z.in).Encode(c); err != nil {
		z.t.Fatal(err)
	}
	return z.wait("done "+c.Name, 10*time.Second)
}

// told is what our own node says from inside a namespace, a line each.
type told struct {
	Change   Change
	Instance Instance
	Announce []Announced
	Started  bool
}

// node is our node in a namespace: this test binary, started again there.
type node struct {
	*process
	early *[]heard // what was told and not yet asked for
}

type heard struct {
	told
	at time.Time
}

// insideConfig is what TestInside runs with.
type insideConfig struct {
	Browse   []string
	Host     string
	Announce []Service
	Hostile  time.Duration // throw packets at the group for so long, instead
	Diagnose bool          // write a report, instead
}

const insideEnv = "MDNS_TEST_INSIDE"

func (s *space) node(cfg insideConfig) node {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	return node{process: s.start([]string{insideEnv + "=" + string(text)}, self, "-test.run=^TestInside$", "-test.timeout=2m"), early: new([]heard)}
}

// next returns what the node tells that is of interest, or has told already.
func (n node) next(limit time.Duration, of func(told) bool) (told, time.Time) {
	n.t.Helper()
	for i, h := range *n.early {
		if of(h.told) {
			*n.early = slices.Delete(*n.early, i, i+1)
			return h.told, h.at
		}
	}
	end := time.After(limit)
	for {
		select {
		case l, ok := <-n.lines:
			if !ok {
				n.t.Fatalf("%s ended", n.what)
			}
			var what told
			if json.Unmarshal([]byte(l.text), &what) != nil {
				continue
			}
			if of(what) {
				return what, l.at
			}
			*n.early = append(*n.early, heard{what, l.at})
		case <-end:
			n.t.Fatalf("%s: nothing within %s", n.what, limit)
		}
	}
}

// event waits for a change of an instance.
func (n node) event(limit time.Duration, change Change, name string) (Instance, time.Time) {
	n.t.Helper()
	what, at := n.next(limit, func(t told) bool { return t.Change == change && t.Instance.Name == name })
	return what.Instance, at
}

// none fails if something is told that should not be.
func (n node) none(limit time.Duration, of func(told) bool) {
	n.t.Helper()
	end := time.After(limit)
	for {
		select {
		case l := <-n.lines:
			var what told
			if json.Unmarshal([]byte(l.text), &what) == nil && of(what) {
				n.t.Fatalf("%s: told %s", n.what, l.text)
			}
		case <-end:
			return
		}
	}
}

// announced waits until everything is established, and returns the first's name.
func (n node) announced(limit time.Duration, links ...string) Announced {
	n.t.Helper()
	what, _ := n.next(limit, func(t told) bool { return len(t.Announce) > 0 && slices.Equal(t.Announce[0].On, links) })
	return what.Announce[0]
}
