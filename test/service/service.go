// Package service starts real servers that others wrote, for tests: a store
// that speaks S3, Redis, a queue that speaks SQS. Each runs for one test and
// its subtests, on loopback ports of its own, and ends with the process,
// however that ends. What is not installed fails the test and says what to do:
// build/need.sh installs all of them.
package service

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ballast-ml/ballast/internal/process"
)

// run starts a program for the test and its subtests, and waits until ready.
func run(t testing.TB, cmd *exec.Cmd, ready func() error) *process.Process {
	t.Helper()
	p, err := process.Start(cmd, filepath.Join(t.TempDir(), "log"))
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
	n, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tool finds a program in the cache folder or on the path.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := process.Tool(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Cache is the folder where build/need.sh installs what tests need.
func Cache(t testing.TB) string {
	t.Helper()
	dir, err := process.Cache()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
