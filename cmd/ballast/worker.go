package main

import (
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// newWorker is a server that no client talks to.
func newWorker(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "worker", Short: "Run background jobs only, beside servers on the same database", Args: noArgs,
		Long: "Runs background jobs in a process of its own, until SIGTERM or SIGINT, on the database, bucket and\nqueue of its servers, which may then have --jobs=off. It serves /healthz, /ready and /metrics only.\nSeveral workers share the jobs. Settings are those of \"ballast serve\"."}
	addSettings(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := load(w, cmd.Flags())
		if err != nil {
			return err
		}
		switch {
		case !cfg.Jobs:
			return errors.New("a worker with the setting jobs=off would do nothing: leave jobs on for it")
		case cfg.Database == "":
			return errors.New("a worker needs the database of its servers: give the setting database; a server on SQLite runs its jobs itself")
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		return serve(ctx, w, cfg, false, true)
	}
	return cmd
}
