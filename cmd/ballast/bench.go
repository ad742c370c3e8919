package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

// newBench is the group of measurements: each prints a figure beside a limit
// of the same machine that was measured in the same run.
func newBench(w world) *cobra.Command {
	g := group("bench", "Measure the figures that Ballast is built for", append(newBenchFigures(w), newBenchIngest(w), newBenchIdle(w), newBenchStart(w), newBenchAPI(w), newBenchGrowth(w), newBenchAll(w))...)
	addCluster(w, g)
	return g
}

func newBenchIngest(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "ingest", Short: "Durable ingest through the file stream: points and requests a second", Args: noArgs,
		Long: "Starts a server of its own on an empty store and sends it what training processes send:\n" +
			"requests of 100 rows × 100 keys, then of 1 row × 10 keys, from a client on the same machine.\n" +
			"Every reply is durable. Beside each figure stands what the same client reaches against a server\n" +
			"that stores nothing, and what the disk takes of the same bytes."}
	o := bench.IngestOptions{Project: "bench"}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", "", "folder on the disk to measure (default: the folder of temporary files)")
	flags.IntVar(&o.Runs, "runs", 64, "runs that write at once, each with one request in flight")
	flags.DurationVar(&o.Duration, "duration", 5*time.Second, "length of each measurement")
	asJSON := flags.Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program's own file: %w", err)
		}
		s, err := bench.StartServer(cmd.Context(), exe, o.Dir)
		if err != nil {
			return err
		}
		defer s.Stop()
		o.URL, o.Key, o.PID, o.Dir = s.URL, s.Key, s.PID, s.Dir
		r, err := bench.Ingest(cmd.Context(), o)
		if err != nil {
			return fmt.Errorf("measuring ingest: %w", err)
		}
		if *asJSON {
			return json.NewEncoder(w.Out).Encode(r)
		}
		r.Print(w.Out)
		return nil
	}
	return cmd
}
