package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot returns the tree of commands. started is set once the command line
// was understood and the command begins.
func newRoot(w world, started *bool) *cobra.Command {
	root := &cobra.Command{
		Use:           "ballast",
		Short:         "A home for machine-learning experiments that the wandb SDK talks to",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagMistake)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	root.AddCommand(newServe(w), newWorker(w), newAdmin(w), newDoctor(w), newBackup(w), newRestore(w), newConfig(w), newVersion(w), newBench(w), newDemo(w))
	noteStart(root, started)
	return root
}

// noteStart sets started when a command begins: whatever fails before is a
// mistake of the command line.
func noteStart(cmd *cobra.Command, started *bool) {
	if do := cmd.RunE; do != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return do(cmd, args)
		}
	}
	for _, c := range cmd.Commands() {
		noteStart(c, started)
	}
}

// noArgs refuses arguments. Of a command that holds others, the first is a
// command that is not there.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return fmt.Errorf("%q takes no argument, but was given %q", cmd.CommandPath(), args[0])
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	hint := config.Nearest(args[0], names)
	if hint == "" {
		hint = fmt.Sprintf("; \"%s --help\" lists what there is", cmd.CommandPath())
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
}

// flagMistake adds to an unknown flag the nearest one that there is.
func flagMistake(cmd *cobra.Command, err error) error {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("unknown flag --%s%s", name, config.Nearest("--"+name, names))
}

// group is a command that only holds others: naming none of them is a usage
// error.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	g.AddCommand(commands...)
	return g
}

// addSettings gives a command a flag for each setting that works today.
func addSettings(flags *pflag.FlagSet) {
	for _, s := range config.Table() {
		if s.Planned == "" && !s.Ignored {
			flags.String(s.Name, s.Default, s.Help)
		}
	}
}

// load reads the settings, the given flags first.
func load(w world, flags *pflag.FlagSet) (*config.Config, error) {
	given := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		for _, s := range config.Table() {
			if s.Name == f.Name {
				given[f.Name] = f.Value.String()
			}
		}
	})
	return config.Load(config.Sources{Flags: given, Env: w.Env})
}

// printJSON writes v for a script.
func printJSON(w world, v any) error {
	e := json.NewEncoder(w.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// build says which binary this is.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func thisBuild() build {
	b := build{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}

func newVersion(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Print which binary this is", Args: noArgs}
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(*cobra.Command, []string) error {
		b := thisBuild()
		if *asJSON {
			return printJSON(w, b)
		}
		_, err := fmt.Fprintln(w.Out, strings.Join(strings.Fields(fmt.Sprintf("ballast %s %.12s %s %s", b.Version, b.Commit, b.Go, b.System)), " "))
		return err
	}
	return cmd
}

// userName is who runs this, in a form that a login name may have.
func userName(env []string) string {
	for _, kv := range env {
		if name, ok := strings.CutPrefix(kv, "USER="); ok && name != "" && name != "root" {
			return name
		}
	}
	return "root"
}

// exists reports whether a path is there, whatever it is.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
