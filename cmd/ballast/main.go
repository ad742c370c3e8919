// Command ballast is the server and its tools in one binary.
//
//	ballast serve     HTTP and background jobs
//	ballast worker    background jobs only
//	ballast admin     accounts, keys, teams, projects and runs, on the store itself
//	ballast demo      a sample project with plausible runs
//	ballast doctor    what is wrong with an installation, and what to do
//	ballast backup    copy everything into a folder
//	ballast restore   bring a backup to an empty data folder
//	ballast config    the settings, and where each came from
//	ballast version
//
// This package only wires: it reads settings, opens drivers, and connects the
// rooms under internal/. Exit codes: 0 done, 1 it failed, 2 the command line
// or the settings are wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ballast-ml/ballast/internal/config"
)

// version is stamped by the build: -ldflags "-X main.version=…".
var version = "dev"

func main() {
	unix.Umask(0o077) // whatever we make is the owner's only
	os.Exit(run(context.Background(), os.Args[1:], world{Env: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// world is what a command touches beside the store.
type world struct {
	Env      []string
	In       io.Reader
	Out, Err io.Writer
}

const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, w world) int {
	started := false
	root := newRoot(w, &started)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, errTold) {
		fmt.Fprintln(w.Err, "ballast: "+strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	var mistakes config.Mistakes
	if !started || errors.As(err, &mistakes) {
		return exitUsage
	}
	return exitFailed
}

// errTold is a failure that was printed already.
var errTold = errors.New("failed")
