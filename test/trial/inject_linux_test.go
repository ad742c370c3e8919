package trial_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// inject has the kernel answer system calls of the server with a fault for a
// while: some in a row, again and again. path limits it to a file of the data
// folder, rows is the load's size, first the latest call that is the first to get one. It
// needs strace, and leave to trace.
func (t *trial) inject(calls, fault, path string, rows, first int) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not here: faults of the disk are not tried")
	}
	t.begin(2, rows)
	t.rest(50, 200)
	log := filepath.Join(t.TempDir(), "strace")
	args := []string{"-f", "-qq", "-o", log, "-p", fmt.Sprint(t.s.cmd.Process.Pid), "-e", "trace=" + calls,
		"-e", fmt.Sprintf("inject=%s:%s:when=%d+%d", calls, fault, 1+t.rnd.IntN(first), 1+t.rnd.IntN(4))}
	if path != "" {
		args = append(args, "-P", filepath.Join(t.s.data, path))
	}
	tracer := exec.Command("strace", args...)
	var said strings.Builder
	tracer.Stderr = &said
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	t.rest(500, 900)
	fired := func() int {
		text, _ := os.ReadFile(log)
		return strings.Count(string(text), "INJECTED") + strings.Count(string(text), "DELAYED")
	}
	for end := time.Now().Add(10 * time.Second); fired() == 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	tracer.Process.Signal(syscall.SIGINT) // it lets go of the server
	tracer.Wait()
	if fired() == 0 {
		if strings.Contains(said.String(), "not permitted") {
			t.Skip("tracing is not permitted here: faults of the disk are not tried")
		}
		panic(missed("no call was answered with it " + said.String()))
	}
	select {
	case err := <-t.s.ended: // it gave up, which is one way to be safe
		t.Logf("the server ended: %v", err)
		t.s.cmd = nil
		t.s.start()
	case <-time.After(20 * time.Millisecond):
		if t.rnd.IntN(2) == 0 {
			t.again()
		}
	}
	t.rest(50, 200)
}
