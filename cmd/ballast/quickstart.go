package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// welcome tells how to get in: the set-up link of an empty store in the log,
// or, with --quickstart, an account that is made now.
func (r *rooms) welcome(ctx context.Context, w world, quick bool) error {
	token, err := r.auth.SetupToken(ctx)
	if err != nil {
		return fmt.Errorf("making the set-up link: %w", err)
	}
	switch {
	case token != "" && quick:
		return r.quickstart(ctx, w)
	case token != "":
		r.log.Info("the store has no users: open this link once to become its admin", "link", setupURL(r.cfg.URL, token))
	case quick:
		fmt.Fprintf(w.Out, "\n  Ballast is at %s\n\n  The store has its users already: sign in as before. Another key:\n    ballast admin --data %s key create --user NAME\n  Lost the password:\n    ballast admin --data %s user reset NAME\n\n",
			r.cfg.URL, r.cfg.Data, r.cfg.Data)
	}
	return nil
}

// quickstart makes the first admin, as the page of the set-up link would, with
// a random password, and a key; both are printed once and nowhere stored.
func (r *rooms) quickstart(ctx context.Context, w world) error {
	name := userName(w.Env)
	if ballast.CheckEntityName(name) != nil {
		name = "root"
	}
	password := strings.ToLower(rand.Text()[:16])
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	var u ballast.User
	err = r.db.Write(ctx, "make the first admin", func(tx *meta.Tx) (err error) {
		if n, err := tx.CountUsers(); err != nil || n > 0 {
			return err
		}
		u, err = tx.CreateUser(ballast.User{Name: name, Email: name + "@localhost", EmailProven: true, Admin: true}, hash)
		return err
	})
	if err != nil || u.ID == 0 {
		return err
	}
	key, _, err := r.auth.NewKey(ctx, u.ID, "quickstart", time.Time{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w.Out, `
  Ballast is at %[1]s

  Sign in     %[2]s   password %[3]s
  API key     %[4]s

  Log a run from any script that uses wandb:

    export WANDB_BASE_URL=%[1]s
    export WANDB_API_KEY=%[4]s

  Password and key are shown this once.

`, r.cfg.URL, u.Name, password, key)
	return nil
}
