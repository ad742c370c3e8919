package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

func newBenchStart(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "start", Short: "Starts of runs: what 1,000 processes send when they begin, within a second", Args: noArgs,
		Long: "Starts a server of its own on an empty store and sends it what the SDK sends when a run\n" +
			"starts, recorded from wandb 0.31 up to the first stored point: once alone, then for many\n" +
			"runs that begin within one second, each on a connection of its own. Fails when a start does."}
	var o bench.StartOptions
	var dir string
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "folder on the disk to measure (default: the folder of temporary files)")
	flags.IntVar(&o.Starts, "starts", 1000, "starts of runs")
	asJSON := flags.Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program's own file: %w", err)
		}
		s, err := bench.StartServer(cmd.Context(), exe, dir)
		if err != nil {
			return err
		}
		defer s.Stop()
		o.URL, o.Key, o.PID, o.Entity = s.URL, s.Key, s.PID, "bench"
		r, err := bench.Start(cmd.Context(), o)
		if err != nil {
			return fmt.Errorf("replaying starts of runs: %w", err)
		}
		if *asJSON {
			err = json.NewEncoder(w.Out).Encode(r)
		} else {
			r.Print(w.Out)
		}
		if err == nil && r.Failed > 0 {
			err = fmt.Errorf("%d of %d starts failed", r.Failed, r.Starts)
		}
		return err
	}
	return cmd
}
