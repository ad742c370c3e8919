package service

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Main runs a package's tests with the path of the program in *ballast:
// BALLAST_BIN, or built once, as it is released.
func Main(m *testing.M, ballast *string) {
	dir, err := os.MkdirTemp("", "ballast-program-")
	if err == nil {
		*ballast, err = program(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func program(dir string) (string, error) {
	if given := os.Getenv("BALLAST_BIN"); given != "" {
		return filepath.Abs(given)
	}
	exe := filepath.Join(dir, "ballast")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", exe, "github.com/ballast-ml/ballast/cmd/ballast")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return exe, nil
}
