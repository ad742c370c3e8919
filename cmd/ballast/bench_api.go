package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

func newBenchAPI(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "api", Short: "Reading through wandb.Api: runs listed a second, the server's share of scan_history", Args: noArgs,
		Long: "Starts a server of its own, makes runs, and lists them with and without filters by the document\n" +
			"that api.runs sends; beside each figure stands what the same client reaches when the replies are\n" +
			"ready. With --python, an interpreter that has the wandb package, it also logs a long run and has\n" +
			"the real SDK scan it: the server's processor time is compared with the client's whole time."}
	var o bench.APIOptions
	flags := cmd.Flags()
	dir := flags.String("dir", "", "folder for the store (default: the folder of temporary files)")
	flags.IntVar(&o.Runs, "runs", 10_000, "runs that are listed")
	flags.IntVar(&o.Rows, "rows", 1_000_000, "rows that are scanned, of 5 keys")
	flags.StringVar(&o.Python, "python", "", "interpreter with the SDK (default: no scan)")
	asJSON := flags.Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program's own file: %w", err)
		}
		s, err := bench.StartServer(cmd.Context(), exe, *dir)
		if err != nil {
			return err
		}
		defer s.Stop()
		o.URL, o.Key, o.PID = s.URL, s.Key, s.PID
		r, err := bench.API(cmd.Context(), o)
		if err != nil {
			return fmt.Errorf("measuring reads: %w", err)
		}
		if *asJSON {
			return json.NewEncoder(w.Out).Encode(r)
		}
		r.Print(w.Out)
		return nil
	}
	return cmd
}
