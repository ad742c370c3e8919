package ingest

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
)

// purgePage is how many runs are looked up at once; each is purged in a
// transaction of its own, so that no request waits for long.
const purgePage = 200

// Purge removes for good what runs, projects and teams held that were deleted
// longer ago than they can be brought back. Their objects are the collector's
// from then on.
func (in *Ingest) Purge(ctx context.Context) error {
	before := in.now().Add(-in.opt.Undelete)
	err := in.purgeEach(ctx, "purging deleted runs", func(tx *meta.Tx) ([]int64, error) { return tx.PurgeDue(before, purgePage) },
		func(tx *meta.Tx, id int64, now time.Time) error { return tx.PurgeRun(id, before, now) })
	if err != nil {
		return err
	}
	err = in.purgeEach(ctx, "purging deleted projects", func(tx *meta.Tx) ([]int64, error) { return tx.PurgedProjects(before, purgePage) },
		(*meta.Tx).PurgeProject)
	if err != nil {
		return err
	}
	return in.purgeEach(ctx, "purging contents of deleted teams", func(tx *meta.Tx) ([]int64, error) { return tx.PurgedEntities(before) }, (*meta.Tx).PurgeContents)
}

// purgeEach purges what due lists until that is nothing, or the same again.
func (in *Ingest) purgeEach(ctx context.Context, what string, due func(*meta.Tx) ([]int64, error), purge func(*meta.Tx, int64, time.Time) error) error {
	for last := int64(0); ; {
		var ids []int64
		err := in.db.Read(ctx, func(tx *meta.Tx) (err error) {
			ids, err = due(tx)
			return err
		})
		if err != nil || len(ids) == 0 || ids[len(ids)-1] == last {
			return err
		}
		last = ids[len(ids)-1]
		for _, id := range ids {
			if err := in.db.Write(ctx, what, func(tx *meta.Tx) error { return purge(tx, id, in.now()) }); err != nil {
				return err
			}
			in.pause(ctx)
		}
		in.log.Info(what, "count", len(ids))
	}
}
