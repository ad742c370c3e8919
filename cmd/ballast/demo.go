package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/demo"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// newDemo makes the sample project on the store itself, as admin works.
func newDemo(w world) *cobra.Command {
	a := &admin{w: w}
	var entity string
	cmd := a.command("demo", "Make a sample project with plausible runs of three kinds", 0, func(ctx context.Context, s *store, _ []string) error {
		p, added, err := makeDemo(ctx, s, entity)
		if err != nil {
			return err
		}
		url := fmt.Sprintf("%s/%s/%s", strings.TrimRight(s.address(), "/"), p.Entity, p.Name)
		return a.say(map[string]any{"entity": p.Entity, "project": p.Name, "added": added, "url": url},
			"sample project %s/%s: %d runs added; look at it at %s", p.Entity, p.Name, added, url)
	})
	cmd.Long = "Makes the project " + demo.Project + " with a vision pre-training, a fine-tuning of a language model and a\nsearch over a tabular model, through the write path that real runs take. Works beside a\nrunning server; given again, it adds what is missing and nothing twice."
	addSettings(cmd.Flags())
	cmd.Flags().StringVar(&entity, "entity", "", "the user or team whose the project becomes (default: the first administrator)")
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
	return cmd
}

func makeDemo(ctx context.Context, s *store, entity string) (p ballast.Project, added int, err error) {
	owner, err := demoOwner(ctx, s, entity)
	if err != nil {
		return p, 0, err
	}
	stores, err := s.stores(ctx)
	if err != nil {
		return p, 0, err
	}
	in, err := ingest.Open(ctx, s.db, stores.bucket(), sqlqueue.New(s.db), ingest.Options{Store: stores.current, Stores: stores.all})
	if err != nil {
		return p, 0, err
	}
	defer in.Close()
	return demo.Make(ctx, s.db, in, owner)
}

// demoOwner finds whose the project becomes: the named user or team, else the
// first administrator.
func demoOwner(ctx context.Context, s *store, entity string) (o demo.Owner, err error) {
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		if entity == "" {
			return eachUser(tx, "", func(u ballast.User) error {
				if u.Admin && o.EntityID == 0 {
					o = demo.Owner{EntityID: u.EntityID, UserID: u.ID}
				}
				return nil
			})
		}
		e, err := tx.EntityByName(entity)
		if err != nil {
			return err
		}
		o.EntityID = e.ID
		if u, err := tx.UserByName(entity); err == nil {
			o.UserID = u.ID
		} else if !ballast.Is(err, ballast.NotFound) {
			return err
		}
		return nil
	})
	if err == nil && o.EntityID == 0 {
		err = ballast.Errorf(ballast.NotFound, "nobody administers this store yet: sign in once, or name a user or team with --entity")
	}
	return o, err
}
