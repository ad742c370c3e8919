// Command seed writes many runs straight into the store of a server that is
// down, so that a walk can begin with a large project within seconds.
//
//	seed <data folder> <owner> <project> <runs>                  summaries, for tables
//	seed <data folder> <owner> <project> <runs> <metrics> <rows> series, for charts: the newest 20 log all rows, the others one
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

func main() {
	if err := seed(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "seeding runs:", err)
		os.Exit(1)
	}
}

func seed(ctx context.Context, args []string) error {
	if len(args) != 4 && len(args) != 6 {
		return errors.New("say: seed <data folder> <owner> <project> <runs> [<metrics> <rows>]")
	}
	var n [3]int
	for i, text := range args[3:] {
		var err error
		if n[i], err = strconv.Atoi(text); err != nil || n[i] < 1 {
			return fmt.Errorf("%q is no number of runs, metrics or rows", text)
		}
	}
	folder, owner, project := args[0], args[1], args[2]
	db, err := meta.Open(ctx, meta.Options{SQLite: filepath.Join(folder, "ballast.db")})
	if err != nil {
		return err
	}
	defer db.Close()
	var p ballast.Project
	var user ballast.User
	err = db.Write(ctx, "make the project", func(tx *meta.Tx) error {
		e, err := tx.EntityByName(owner)
		if err == nil {
			user, err = tx.UserByName(owner)
		}
		if err == nil {
			p, _, err = tx.EnsureProject(e.ID, project, e.ID, time.Now())
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(args) == 6 {
		return seedSeries(ctx, db, folder, p, n[0], n[1], n[2])
	}
	return seedTable(ctx, db, p, user.ID, n[0])
}
