package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

// shownErasure is what was deleted of a run's history, as scripts see it.
type shownErasure struct {
	Keys   []string `json:"keys"`
	Values int64    `json:"values"`
	DryRun bool     `json:"dry_run"`
}

func (a *admin) runs() *cobra.Command {
	return group("run", "Runs: delete keys of their history", a.runDeleteKeys())
}

func (a *admin) runDeleteKeys() *cobra.Command {
	var choice query.KeyChoice
	var from, to int64
	var dry bool
	var cmd *cobra.Command
	cmd = a.command("delete-keys ENTITY/PROJECT/RUN", "Delete values of keys of a run's history for good", 1, func(ctx context.Context, s *store, args []string) error {
		if cmd.Flags().Changed("from-step") {
			choice.MinStep = &from
		}
		if cmd.Flags().Changed("to-step") {
			choice.MaxStep = &to
		}
		found, err := s.deleteKeys(ctx, args[0], choice, dry)
		if err != nil {
			return err
		}
		done := map[bool]string{true: "would be deleted", false: "are deleted"}[dry]
		return a.say(shownErasure{append([]string{}, found.Keys...), found.Values, dry}, "%d values of %d keys of %s %s: %s", found.Values, len(found.Keys), args[0], done, strings.Join(found.Keys, ", "))
	})
	cmd.Long = "Values are hidden at once, also from the summary; a server frees their space when it writes the segments that hold them anew.\nThey cannot be brought back, except from a backup. Rows that come later are not touched."
	flags := cmd.Flags()
	flags.StringArrayVar(&choice.Keys, "key", nil, "a key by its name; may be given several times")
	flags.StringVar(&choice.Prefix, "prefix", "", "keys that begin with this, too")
	flags.StringVar(&choice.Pattern, "pattern", "", "keys in which this regular expression finds something, too")
	flags.Int64Var(&from, "from-step", 0, "only values whose step is at least this")
	flags.Int64Var(&to, "to-step", 0, "only values whose step is below this")
	flags.BoolVar(&dry, "dry-run", false, "say what would be deleted")
	return cmd
}

// deleteKeys deletes values of the run at a path.
func (s *store) deleteKeys(ctx context.Context, path string, choice query.KeyChoice, dry bool) (*query.Chosen, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	run, err := s.runAt(ctx, path)
	if err != nil {
		return nil, err
	}
	found, err := query.New(s.db, stores.all, nil, query.Options{}).ChooseKeys(ctx, run.ID, run.Config, choice)
	if err != nil || dry {
		return found, err
	}
	done := false
	err = s.db.Write(ctx, "delete keys of "+path, func(tx *meta.Tx) (err error) {
		done, err = found.Erase(tx, time.Now())
		return err
	})
	if err == nil && !done {
		err = ballast.Errorf(ballast.Unavailable, "the history of run %s is being replaced; try again", path)
	}
	return found, err
}

// runAt finds the run at ENTITY/PROJECT/RUN.
func (s *store) runAt(ctx context.Context, path string) (run ballast.Run, err error) {
	parts := strings.Split(path, "/")
	if len(parts) != 3 {
		return run, fmt.Errorf("run %q: give it as ENTITY/PROJECT/RUN", path)
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		e, err := tx.EntityByName(parts[0])
		if err != nil {
			return err
		}
		p, err := tx.ProjectByName(e.ID, parts[1])
		if err != nil {
			return err
		}
		run, err = tx.RunByName(p.ID, parts[2])
		return err
	})
	return run, err
}
