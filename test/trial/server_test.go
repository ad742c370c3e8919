// Package trial_test tries the real binary where it is hardest: killed under
// load, stopped under load, on a full disk. Clients speak raw HTTP as the SDK
// does: each sends a request again, the same bytes, until it is acknowledged.
// At the end every acknowledged row must be there, once, in order.
package trial_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/test/service"
)

// ballast is the program under trial.
var ballast string

func TestMain(m *testing.M) { service.Main(m, &ballast) }

// server is a process of the binary on a data folder. It may be started again
// after it ended, at the same address.
type server struct {
	t       *testing.T
	data    string
	temp    string // its TMPDIR
	address string
	url     string
	key     string
	log     string
	cmd     *exec.Cmd
	ended   chan error
}

// newServer makes a store with one user, ada, in a folder. Nothing runs yet.
func newServer(t *testing.T, data string) *server {
	t.Helper()
	s := placeServer(t, data)
	s.admin("user", "create", "ada", "--email", "ada@example.com")
	var made struct{ Key string }
	if err := json.Unmarshal(s.admin("key", "create", "--user", "ada", "--json"), &made); err != nil || made.Key == "" {
		t.Fatalf("no key was made: %v", err)
	}
	s.key = made.Key
	return s
}

// beside is a server on a copy of this one's store.
func (s *server) beside(data string) *server {
	s.t.Helper()
	other := placeServer(s.t, data)
	other.key = s.key
	return other
}

// placeServer gives a folder's server an address.
func placeServer(t *testing.T, data string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	s := &server{t: t, data: data, temp: filepath.Join(dir, "tmp"), address: l.Addr().String(), log: filepath.Join(dir, "log")}
	s.url = "http://" + s.address
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd != nil {
			s.end(syscall.SIGKILL)
		}
		if t.Failed() {
			text, _ := os.ReadFile(s.log)
			t.Logf("the server's log ends:\n%s", text[max(0, len(text)-8000):])
		}
	})
	return s
}

// env is the environment without settings of the machine.
func (s *server) env() []string {
	plain := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "BALLAST_") })
	return append(plain, "TMPDIR="+s.temp)
}

func (s *server) admin(args ...string) []byte {
	s.t.Helper()
	cmd := exec.Command(ballast, append([]string{"admin", "--data", s.data}, args...)...)
	cmd.Env = s.env()
	var fault bytes.Buffer
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("admin %v: %v\n%s", args, err, fault.Bytes())
	}
	return out
}

// start starts the process and waits until it is ready.
func (s *server) start() {
	s.t.Helper()
	if err := s.tryStart(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) tryStart() error {
	cmd, ended, err := s.launch()
	if err != nil {
		return err
	}
	s.cmd, s.ended = cmd, ended
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			s.cmd = nil
			return fmt.Errorf("the server ended at its start: %v", err)
		default:
		}
		if s.isReady() {
			return nil
		}
	}
	return fmt.Errorf("the server does not become ready")
}

// launch starts the process; ended tells its end.
func (s *server) launch() (cmd *exec.Cmd, ended chan error, err error) {
	log, err := os.OpenFile(s.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	cmd = exec.Command(ballast, "serve", "--data", s.data, "--listen", s.address, "--url", s.url)
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, s.env()
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	ended = make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return cmd, ended, nil
}

func (s *server) isReady() bool {
	res, err := http.Get(s.url + "/ready")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// begin starts another command and does not wait for it.
func (s *server) begin(args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command(ballast, args...)
	cmd.Env = s.env()
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return cmd
}

// end sends a signal and waits for the process's end.
func (s *server) end(sig syscall.Signal) error {
	s.t.Helper()
	cmd := s.cmd
	s.cmd = nil
	cmd.Process.Signal(sig)
	select {
	case err := <-s.ended:
		return err
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		<-s.ended
		return fmt.Errorf("it did not end within half a minute of %v", sig)
	}
}

// objects returns the sealed objects' files.
func (s *server) objects() []string {
	s.t.Helper()
	all, err := filepath.Glob(filepath.Join(s.data, "objects", "history", "*", "*.parquet"))
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// checkFiles fails when a half-written object or a temporary file is left.
func (s *server) checkFiles() {
	s.t.Helper()
	for _, dir := range []string{filepath.Join(s.data, "objects", ".tmp"), filepath.Join(s.data, "objects", ".parts"), s.temp} {
		left, err := os.ReadDir(dir)
		if err != nil {
			s.t.Error(err)
		}
		for _, f := range left {
			s.t.Errorf("%s is left in %s", f.Name(), dir)
		}
	}
	for _, path := range s.objects() {
		b, err := os.ReadFile(path)
		if err != nil || len(b) < 12 || string(b[:4]) != "PAR1" || string(b[len(b)-4:]) != "PAR1" {
			s.t.Errorf("object %s of %d bytes is no whole Parquet file (%v)", path, len(b), err)
		}
	}
}
