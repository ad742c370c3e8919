package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

func newBenchIdle(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "idle", Short: "What a server costs that nobody uses: memory, start, size", Args: noArgs,
		Long: "Starts a server of its own on a store with many finished runs, several times, and prints the\n" +
			"time to /ready, the memory a while later, and the size of this program. Beside the start stands\n" +
			"what the same program needs to start and end at once."}
	var o bench.IdleOptions
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", "", "folder for the store (default: the folder of temporary files)")
	flags.IntVar(&o.Runs, "runs", 100_000, "runs in the store")
	flags.IntVar(&o.Starts, "starts", 5, "how often it is started")
	flags.DurationVar(&o.Rest, "rest", 10*time.Second, "how long it is left alone")
	asJSON := flags.Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if o.Exe, err = os.Executable(); err != nil {
			return fmt.Errorf("finding this program's own file: %w", err)
		}
		r, err := bench.Idle(cmd.Context(), o)
		if err != nil {
			return fmt.Errorf("measuring a server at rest: %w", err)
		}
		if *asJSON {
			return json.NewEncoder(w.Out).Encode(r)
		}
		r.Print(w.Out)
		return nil
	}
	return cmd
}
