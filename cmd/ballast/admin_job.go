package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// shownDead is a job that was given up, as scripts see it.
type shownDead struct {
	Queue string `json:"queue"`
	Name  string `json:"name"`
	Tries int    `json:"tries"`
	Fault string `json:"fault"`
}

func (a *admin) jobs() *cobra.Command {
	return group("jobs", "Background jobs that were given up: list, replay",
		a.command("dead", "List the jobs that failed again and again, each with the reason", 0, func(ctx context.Context, s *store, _ []string) error {
			dead, err := sqlqueue.New(s.db).Dead(ctx)
			if err != nil {
				return err
			}
			shown, rows := []shownDead{}, [][]string{}
			for _, d := range dead {
				shown = append(shown, shownDead{d.Queue, d.Name, d.Tries, d.Fault})
				rows = append(rows, []string{d.Queue, d.Name, fmt.Sprint(d.Tries), d.Fault})
			}
			return a.table(shown, "QUEUE JOB TRIES REASON", rows)
		}),
		a.command("replay QUEUE JOB", "Have a job that was given up done again, as if it was never tried", 2, func(ctx context.Context, s *store, args []string) error {
			if err := sqlqueue.New(s.db).Replay(ctx, args[0], args[1]); err != nil {
				return err
			}
			return a.say(map[string]string{"queue": args[0], "job": args[1]}, "the job %s of the queue %s is due now", args[1], args[0])
		}))
}
