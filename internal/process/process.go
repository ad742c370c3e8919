// Package process runs programs that others wrote, as children of this one: real
// servers for tests and for the figures of a cluster. Each listens on a loopback
// port of its own and ends with this process, however that ends.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
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

// Tool returns the path of a program: in the folder where build/need.sh installs
// what it builds, or on the path. One that is nowhere is an error that says what
// installs it.
func Tool(name string) (string, error) {
	dir, err := Cache()
	if err != nil {
		return "", err
	}
	if path := filepath.Join(dir, "bin", name); isExecutable(path) {
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: build/need.sh services, apt-get install mariadb-server redis-server", name)
	}
	return path, nil
}

// Cache is the folder where build/need.sh installs what tests and benchmarks need.
func Cache() (string, error) {
	if dir := os.Getenv("BALLAST_CACHE"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache", "ballast"), err
}

func isExecutable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

// OwnDir gives a folder to the user that a server will run as: nobody, where this
// process is root and the server refuses to be. Others may read the folder.
func OwnDir(dir string) (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{}
	if os.Geteuid() != 0 {
		return as, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(nobody.Gid)
	if err != nil {
		return nil, err
	}
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return as, errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, uid, gid))
}
