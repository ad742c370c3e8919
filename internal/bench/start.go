package bench

import (
	"bytes"
	"context"
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
	"time"
)

// Server is a server of our own, started for a measurement on an empty store.
type Server struct {
	URL string
	Key string // of its only user
	PID int
	Dir string // its data, removed by Stop
	cmd *exec.Cmd

	settings []string // variables of its environment; none: the defaults
}

// StartServer runs the binary exe as a process of its own: a server on a free
// port, with an empty store in a new folder below dir ("" for the default
// folder of temporary files), and a user with a key.
func StartServer(ctx context.Context, exe, dir string) (*Server, error) {
	data, err := os.MkdirTemp(dir, "ballast-bench-")
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: data}
	if err := s.start(ctx, exe); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting a server to measure: %w", err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, exe string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	l.Close()
	s.URL = "http://" + address
	if s.Key, err = s.makeUser(ctx, exe); err != nil {
		return err
	}
	if err := s.serve(exe); err != nil {
		return err
	}
	return s.awaitReady(ctx)
}

// makeUser makes the user and a key.
func (s *Server) makeUser(ctx context.Context, exe string) (string, error) {
	if _, err := s.admin(ctx, exe, "user", "create", "bench", "--email", "bench@example.com"); err != nil {
		return "", err
	}
	text, err := s.admin(ctx, exe, "key", "create", "--user", "bench", "--name", "bench")
	if err != nil {
		return "", err
	}
	var made struct{ Key string }
	if err := json.Unmarshal(text, &made); err != nil || made.Key == "" {
		return "", fmt.Errorf("no key in %.200q", text)
	}
	return made.Key, nil
}

// serve starts the process.
func (s *Server) serve(exe string) error {
	log, err := os.OpenFile(filepath.Join(s.Dir, "bench.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(exe, "serve", "--data", filepath.Join(s.Dir, "data"), "--listen", strings.TrimPrefix(s.URL, "http://"), "--url", s.URL)
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env = log, log, append(plainEnv(), s.settings...)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.PID = s.cmd.Process.Pid
	return nil
}

func (s *Server) admin(ctx context.Context, exe string, args ...string) ([]byte, error) {
	return s.run(ctx, exe, append(append([]string{"admin"}, args...), "--data", filepath.Join(s.Dir, "data"), "--json")...)
}

// run executes another command of the program.
func (s *Server) run(ctx context.Context, exe string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, exe, args...)
	var fault bytes.Buffer
	cmd.Env = append(plainEnv(), s.settings...)
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w: %.300s", args, err, fault.Bytes())
	}
	return out, nil
}

// plainEnv is the environment without settings: what is measured is the
// default.
func plainEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "BALLAST_") })
}

func (s *Server) awaitReady(ctx context.Context) error {
	for deadline := time.Now().Add(20 * time.Second); ; {
		res, err := http.Get(s.URL + "/ready")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("status %d", res.StatusCode)
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(s.Dir, "bench.log"))
			return fmt.Errorf("it does not become ready: %w\n%.2000s", err, text)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stop ends the server and removes its data.
func (s *Server) Stop() error {
	if s.cmd != nil && s.cmd.Process != nil {
		s.cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(20*time.Second, func() { s.cmd.Process.Kill() })
		s.cmd.Wait()
		kill.Stop()
	}
	return os.RemoveAll(s.Dir)
}
