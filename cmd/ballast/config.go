package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/config"
)

// shownSetting is a line of "ballast config".
type shownSetting struct {
	Name   string `json:"name"`
	Env    string `json:"env"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Type   string `json:"type"`
	Help   string `json:"help"`
}

func newConfig(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Print each setting with its value and where it came from", Args: noArgs,
		Long: "Prints each setting with its value and where it came from; secrets are masked.\nSettings whose feature is still to come are left out unless they are set.\nWhat is wrong is reported, and the exit code is 2 then."}
	addSettings(cmd.Flags())
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, wrong := load(w, cmd.Flags())
		all := shownSettings(cfg)
		if *asJSON {
			if err := printJSON(w, all); err != nil {
				return err
			}
			return wrong
		}
		t := tabwriter.NewWriter(w.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "SETTING\tVALUE\tFROM\tENVIRONMENT")
		for _, s := range all {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.Name, s.Value, s.Source, s.Env)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		return wrong
	}
	return cmd
}

// shownSettings are the settings that there are or that were given, secrets
// masked.
func shownSettings(cfg *config.Config) (all []shownSetting) {
	for _, v := range cfg.Values {
		if (v.Planned != "" || v.Ignored) && v.Source == "default" {
			continue
		}
		line := shownSetting{v.Name, v.Env(), v.Shown(), v.Source, v.Type, v.Help}
		if v.Name == "url" && v.Text == "" {
			line.Value, line.Source = cfg.URL, "default, from listen"
		}
		all = append(all, line)
	}
	return all
}
