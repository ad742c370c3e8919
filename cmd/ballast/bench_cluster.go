package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

// addCluster gives "ballast bench" the flag --cluster.
func addCluster(w world, cmd *cobra.Command) {
	cmd.Long = "With --cluster, starts MariaDB, Redis and an S3 server of this machine, and replicas on them, and\n" +
		"prints what these reach beside one server on its data folder in the same run; with --out it also\n" +
		"writes performance-cluster.md there. Otherwise name a figure."
	var b benchFlags
	b.bind(cmd)
	cluster := cmd.Flags().Bool("cluster", false, "measure replicas on the services of a cluster")
	out := cmd.Flags().String("out", "", "folder that gets performance-cluster.md")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !*cluster {
			return cmd.Help()
		}
		o, err := b.options()
		if err != nil {
			return err
		}
		r := bench.NewReport(time.Now().UTC().Format(time.DateOnly))
		f, err := bench.Cluster(cmd.Context(), o)
		if err != nil {
			return fmt.Errorf("measuring a cluster: %w", err)
		}
		if *out != "" {
			if err := os.WriteFile(filepath.Join(*out, "performance-cluster.md"), r.ClusterPage(f), 0o644); err != nil {
				return fmt.Errorf("writing performance-cluster.md: %w", err)
			}
		}
		if b.asJSON {
			return json.NewEncoder(w.Out).Encode(f)
		}
		f.Print(w.Out)
		return nil
	}
}
