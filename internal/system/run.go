package system

import (
	"context"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	poll  = 2 * time.Second  // how often a replica looks for a revision
	again = 3 * time.Second  // after an attempt that failed
	least = 15 * time.Second // that an attempt may take, however short revert-after is
)

// Held is what the database holds of settings, by name, secrets sealed.
type Held = map[string]string

// Apply makes a replica serve with other settings, or changes nothing and says
// why it cannot. The context ends with the attempt: nothing that serves on may
// live under it.
type Apply func(context.Context, *config.Config) error

// Run follows the revisions until ctx ends; held is in effect at first. A
// revision on trial is kept once apply was well, and reverted when it was not
// for as long as the setting revert-after says, counted from its making: an
// attempt that hangs is broken off, and one that ends the process is not
// repeated for ever.
func (s *System) Run(ctx context.Context, held Held, apply Apply) {
	f := follower{System: s, apply: apply, held: held, least: least}
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
	held     Held          // in effect here
	least    time.Duration // that an attempt may take
	revision int64         // that since is about
	since    time.Time     // when it was seen first
	fault    error         // of the last attempt
}

func (f *follower) look(ctx context.Context) error {
	is, err := f.read(ctx)
	if err != nil {
		return err
	}
	if f.revision != is.Revision {
		f.revision, f.since, f.fault = is.Revision, time.Now(), nil
	}
	if is.State == ballast.SettingsOnTrial && f.over(is, f.base.RevertAfter+f.least) {
		return f.revert(ctx, is.Revision, f.why())
	}
	if !f.inEffect(is.Held) {
		err = f.take(ctx, is.Held)
	}
	if is.State != ballast.SettingsOnTrial {
		return err
	}
	if err == nil {
		f.o.Log.Info("settings are in effect", "revision", is.Revision)
		return f.db.Write(ctx, "keep settings", func(tx *meta.Tx) error { return tx.KeepSettings(is.Revision) })
	}
	f.fault = err
	if ctx.Err() != nil || !f.over(is, f.base.RevertAfter) {
		return err
	}
	return f.revert(ctx, is.Revision, err)
}

// inEffect reports whether this replica serves with what is held. What was
// sealed anew is the same setting.
func (f *follower) inEffect(held Held) bool {
	if len(held) != len(f.held) {
		return false
	}
	for name, text := range held {
		was, ok := f.held[name]
		if !ok || was != text && !f.samePlain(name, was, text) {
			return false
		}
	}
	return true
}

func (f *follower) samePlain(name, a, b string) bool {
	one, err := unseal(f.o.Keys, name, a)
	if err != nil {
		return false
	}
	two, err := unseal(f.o.Keys, name, b)
	return err == nil && one == two
}

// over reports whether a revision is older than age, by its own time or, when
// clocks differ, since it was seen here.
func (f *follower) over(is ballast.Settings, age time.Duration) bool {
	return time.Since(is.Made) > age || time.Since(f.since) > age
}

// why is the reason to revert what was not even tried again.
func (f *follower) why() error {
	if f.fault != nil {
		return f.fault
	}
	return ballast.Errorf(ballast.Unavailable, "no server came to serve with them within %s: those that tried ended meanwhile (see their logs), or the clocks of the servers differ", f.base.RevertAfter)
}

// take makes this replica serve with what is held. What does not answer must
// not keep it from the revisions that come.
func (f *follower) take(ctx context.Context, held Held) error {
	cfg, err := f.with(held)
	if err == nil {
		trying, cancel := context.WithTimeout(ctx, max(f.base.RevertAfter, f.least))
		defer cancel()
		err = f.apply(trying, cfg)
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

// Revert ends the trial that is under way, whoever tries: what was before counts
// again. It returns the revision.
func (s *System) Revert(ctx context.Context, why string) (int64, error) {
	is, err := s.read(ctx)
	if err != nil {
		return 0, err
	}
	done := false
	err = s.db.Write(ctx, "revert settings", func(tx *meta.Tx) (err error) {
		done, err = tx.RevertSettings(is.Revision, why)
		return err
	})
	if err == nil && !done {
		err = ballast.Errorf(ballast.NotFound, "no change of settings is being tried: the last one has ended")
	}
	return is.Revision, err
}
