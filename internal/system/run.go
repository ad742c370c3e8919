package system

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	poll  = 2 * time.Second // how often a replica looks for a revision
	again = 3 * time.Second // after an attempt that failed
)

// Held is what the database holds of settings, by name, secrets sealed.
type Held = map[string]string

// Apply makes a replica serve with other settings, or changes nothing and says
// why it cannot.
type Apply func(context.Context, *config.Config) error

// Run follows the revisions until ctx ends; held is in effect at first. A
// revision on trial is kept once apply was well, and reverted when it was not
// for as long as the setting revert-after says.
func (s *System) Run(ctx context.Context, held Held, apply Apply) {
	f := follower{System: s, apply: apply, held: held}
	for pause := poll; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = poll
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("the settings that were changed are not in effect here yet", "error", err, "again in", again)
			pause = again
		}
	}
}

// follower is a replica's place in the revisions.
type follower struct {
	*System
	apply    Apply
	held     Held      // in effect here
	revision int64     // that since is about
	since    time.Time // when it was seen first
}

func (f *follower) look(ctx context.Context) error {
	is, err := f.read(ctx)
	if err != nil {
		return err
	}
	if f.revision != is.Revision {
		f.revision, f.since = is.Revision, time.Now()
	}
	if !maps.Equal(is.Held, f.held) {
		err = f.take(ctx, is.Held)
	}
	if is.State != ballast.SettingsOnTrial {
		return err
	}
	if err == nil {
		f.o.Log.Info("settings are in effect", "revision", is.Revision)
		return f.db.Write(ctx, "keep settings", func(tx *meta.Tx) error { return tx.KeepSettings(is.Revision) })
	}
	if ctx.Err() != nil || time.Since(f.since) < f.base.RevertAfter {
		return err
	}
	return f.revert(ctx, is.Revision, err)
}

// take makes this replica serve with what is held.
func (f *follower) take(ctx context.Context, held Held) error {
	cfg, err := f.with(held)
	if err == nil {
		err = f.apply(ctx, cfg)
	}
	if err == nil {
		f.held = held
	}
	return err
}

func (f *follower) revert(ctx context.Context, revision int64, why error) error {
	done := false
	err := f.db.Write(ctx, "revert settings", func(tx *meta.Tx) (err error) {
		done, err = tx.RevertSettings(revision, fmt.Sprintf("%.2000s", why.Error()))
		return err
	})
	if done {
		f.o.Log.Warn("settings were reverted: they did not work", "revision", revision, "error", why)
	}
	return err
}
