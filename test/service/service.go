// Package service starts real servers that others wrote, for tests: a store
// that speaks S3, Redis, a queue that speaks SQS. Each runs for one test and
// its subtests, on loopback ports of its own, and ends with the process,
// however that ends. What is not installed fails the test and says what to do:
// build/need.sh installs all of them.
package service

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Process is a server that was started.
type Process struct {
	cmd   *exec.Cmd
	log   string // the file of its output
	ended chan struct{}
}

// Start starts a command that ends with this process, also when a test's
// time-out kills it. Its output goes to the file log.
func Start(cmd *exec.Cmd, log string) (*Process, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = f, f
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	dieWithParent(cmd)
	p := &Process{cmd: cmd, log: log, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The signal comes when the starting thread ends, so that thread is kept.
		runtime.LockOSThread()
		defer close(p.ended)
		defer f.Close()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
	}()
	return p, <-started
}

// Stop asks the server to end and waits for it.
func (p *Process) Stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		p.Kill()
	}
}

// Kill ends the server at once.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// Signal sends the server a signal: SIGSTOP makes it hang, SIGCONT goes on.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Log is the end of the server's output, for an error.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return ""
	}
	if lines := bytes.Split(text, []byte("\n")); len(lines) > 15 {
		text = bytes.Join(lines[len(lines)-15:], []byte("\n"))
	}
	return "\n" + string(text)
}

// Wait asks until ready returns nil, for at most a minute.
func (p *Process) Wait(ready func() error) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %w%s", filepath.Base(p.cmd.Path), err, p.Log())
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w%s", filepath.Base(p.cmd.Path), err, p.Log())
		}
	}
}

// FreePort returns a loopback port that nobody listens on.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// run starts a program for the test and its subtests, and waits until ready.
func run(t testing.TB, cmd *exec.Cmd, ready func() error) *Process {
	t.Helper()
	p, err := Start(cmd, filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatalf("starting %s: %v", cmd.Path, err)
	}
	t.Cleanup(p.Stop)
	if err := p.Wait(ready); err != nil {
		t.Fatal(err)
	}
	return p
}

func port(t testing.TB) int {
	t.Helper()
	n, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tool finds a program in the cache folder or on the path.
func tool(t testing.TB, name string) string {
	t.Helper()
	if path := filepath.Join(Cache(t), "bin", name); isFile(path) {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: build/need.sh services", name)
	}
	return path
}

// Cache is the folder where build/need.sh installs what tests need.
func Cache(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("BALLAST_CACHE"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, ".cache", "ballast")
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}
