package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/bench"
)

// benchFlags are the flags of every figure.
type benchFlags struct {
	o           bench.Options
	asJSON      bool
	small, long bool
}

func (b *benchFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&b.o.Dir, "dir", "", "folder on the disk to measure (default: the folder of temporary files)")
	flags.BoolVar(&b.asJSON, "json", false, "print JSON")
	flags.BoolVar(&b.small, "small", false, "measure little: it takes seconds and says little")
	flags.BoolVar(&b.long, "long", false, "measure much, as a nightly run does")
}

func (b *benchFlags) options() (bench.Options, error) {
	exe, err := os.Executable()
	if err != nil {
		return b.o, fmt.Errorf("finding this program's own file: %w", err)
	}
	b.o.Exe = exe
	switch {
	case b.small && b.long:
		return b.o, errors.New("--small and --long exclude each other: give one of them")
	case b.small:
		b.o.Size = bench.Small
	case b.long:
		b.o.Size = bench.Large
	}
	return b.o, nil
}

// newBenchFigures are a command for each figure, but for those that have one
// with settings of its own.
func newBenchFigures(w world) []*cobra.Command {
	var all []*cobra.Command
	for _, k := range bench.Known {
		if k.Name == "ingest" || k.Name == "idle" {
			continue
		}
		var b benchFlags
		cmd := &cobra.Command{Use: k.Name, Short: k.What, Args: noArgs,
			Long: fmt.Sprintf("Figure %d: %s.\n\nStarts a server of its own on an empty store where it needs one, and prints what is reached\n"+
				"beside the goal, a limit of the same machine that was measured in the same run, and the memory.", k.Number, k.What)}
		b.bind(cmd)
		cmd.RunE = func(cmd *cobra.Command, _ []string) error {
			o, err := b.options()
			if err != nil {
				return err
			}
			f, err := bench.Measure(cmd.Context(), k.Name, o)
			if err != nil {
				return err
			}
			if b.asJSON {
				return json.NewEncoder(w.Out).Encode(f)
			}
			f.Print(w.Out)
			return nil
		}
		all = append(all, cmd)
	}
	return all
}

// newBenchAll measures everything and writes docs/performance.md.
func newBenchAll(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "all", Short: "Every figure, how they grow, and peers; writes performance.md", Args: noArgs,
		Long: "Measures every figure and the growth curves one after the other and prints them. With --out it also\n" +
			"writes performance.md and its pictures there. With --mlflow, the Python of an environment that\n" +
			"has MLflow, it measures MLflow in the same run."}
	var b benchFlags
	b.bind(cmd)
	out := cmd.Flags().String("out", "", "folder that gets performance.md and performance/*.svg")
	python := cmd.Flags().String("mlflow", defaultMLflow(), "Python of an environment with MLflow (empty: leave it out)")
	curves := cmd.Flags().Bool("growth", true, "measure how the figures grow")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := b.options()
		if err != nil {
			return err
		}
		r := bench.NewReport(time.Now().UTC().Format(time.DateOnly))
		fault := measureAll(cmd.Context(), w, o, r, *curves, *python, b.asJSON)
		if *out != "" {
			if err := r.Write(*out); err != nil {
				return fmt.Errorf("writing performance.md: %w", err)
			}
		}
		if b.asJSON {
			return errors.Join(fault, json.NewEncoder(w.Out).Encode(r))
		}
		return fault
	}
	return cmd
}

// newBenchGrowth measures how the figures grow.
func newBenchGrowth(w world) *cobra.Command {
	var names []string
	for _, g := range bench.Growths {
		names = append(names, g.Name)
	}
	cmd := &cobra.Command{Use: "growth [" + strings.Join(names, " | ") + "]", Short: "How the figures grow with what is stored or written", Args: cobra.OnlyValidArgs, ValidArgs: names,
		Long: "Measures the growth curves, all or those named, and prints them. With --long a series has up to\n" +
			"100,000,000 steps."}
	var b benchFlags
	b.bind(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := b.options()
		if err != nil {
			return err
		}
		r := bench.NewReport(time.Now().UTC().Format(time.DateOnly))
		err = measureGrowth(cmd.Context(), w, o, r, args, b.asJSON)
		if b.asJSON {
			return errors.Join(err, json.NewEncoder(w.Out).Encode(r.Curves))
		}
		return err
	}
	return cmd
}

// measureGrowth adds the curves of some names, nil for all, to a report.
func measureGrowth(ctx context.Context, w world, o bench.Options, r *bench.Report, names []string, quiet bool) error {
	var faults []error
	for _, g := range bench.Growths {
		if len(names) > 0 && !slices.Contains(names, g.Name) {
			continue
		}
		c, err := g.Measure(ctx, o)
		if err != nil {
			faults = append(faults, fmt.Errorf("measuring how it grows by %s: %w", g.Name, err))
			continue
		}
		r.Curves = append(r.Curves, *c)
		if !quiet {
			fmt.Fprintf(w.Out, "growth by %s: %v\n", g.Name, c.Lines)
		}
	}
	return errors.Join(faults...)
}

// measureAll fills a report. What fails is reported at the end; the rest is
// measured.
func measureAll(ctx context.Context, w world, o bench.Options, r *bench.Report, growth bool, python string, quiet bool) error {
	var faults []error
	for _, k := range bench.Known {
		f, err := bench.Measure(ctx, k.Name, o)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		r.Figures = append(r.Figures, f)
		if !quiet {
			f.Print(w.Out)
		}
	}
	if growth {
		faults = append(faults, measureGrowth(ctx, w, o, r, nil, quiet))
	}
	if python != "" {
		peers, err := bench.MLflow(ctx, python, o.Dir, r)
		faults = append(faults, err)
		r.Peers = peers
	}
	return errors.Join(faults...)
}

// defaultMLflow is the environment that is measured when nothing else is said, if it is
// there.
func defaultMLflow() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	cache := os.Getenv("BALLAST_CACHE")
	if cache == "" {
		cache = filepath.Join(home, ".cache", "ballast")
	}
	python := filepath.Join(cache, "mlflow", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return ""
	}
	return python
}
