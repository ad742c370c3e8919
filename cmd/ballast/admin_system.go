package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
)

func (a *admin) systems() *cobra.Command {
	revert := a.command("revert", "Take the change of settings back that is being tried now", 0, func(ctx context.Context, s *store, _ []string) error {
		revision, err := s.system.Revert(ctx, "taken back by ballast admin system revert")
		if err != nil {
			return err
		}
		return a.say(map[string]any{"revision": revision, "state": ballast.SettingsReverted}, "the change %d of settings is taken back: what was before counts", revision)
	})
	revert.Long = "Ends the trial of a change that was made on /system-admin. Servers end trials that fail by themselves,\nafter revert-after; this is for when none runs, or none can be waited for."
	return group("system", "Settings changed on /system-admin: take back", revert)
}
