// Package system holds the settings that admins change while the server runs:
// in the database, under flags, environment and file, secrets sealed. A change
// is a revision on trial. The first replica that serves with it keeps it; when
// none can within the time allowed, what was before counts again
// (docs/design/125).
package system

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

// maxValue is the longest value of a setting, in bytes.
const maxValue = 8 << 10

// Options are what the room needs beside the database.
type Options struct {
	Keys  []config.SecretKey // of the server: the first seals
	Probe Probe              // nil: nothing can be tested
	// Place says where a bucket's address leads to, whatever its key: the same text
	// for the same place, "" for no address. nil: each address is a place.
	Place func(address string) string
	Log   *slog.Logger
}

// System is the settings that may change.
type System struct {
	db   *meta.DB
	base *config.Config // of flags, environment and file
	o    Options
}

// New returns the settings over those that the process was started with.
func New(db *meta.DB, base *config.Config, o Options) *System {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Place == nil {
		o.Place = func(address string) string { return address }
	}
	return &System{db: db, base: base, o: o}
}

// Proven returns the settings that are known to work, and what is held of them:
// what is on trial does not count.
func (s *System) Proven(ctx context.Context) (*config.Config, Held, error) {
	is, err := s.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := s.with(is.Prior)
	return cfg, is.Prior, err
}

// Now is the settings as they are, with what is on trial.
type Now struct {
	Config   *config.Config
	Revision int64
	State    string
	Log      []ballast.SettingRevision
}

// logged is how many revisions [System.Now] tells.
const logged = 20

// Now returns the settings as they are, and the last changes.
func (s *System) Now(ctx context.Context) (n Now, err error) {
	var is ballast.Settings
	err = s.db.Read(ctx, func(tx *meta.Tx) (err error) {
		if is, err = tx.Settings(); err == nil {
			n.Log, err = tx.SettingRevisions(logged)
		}
		return err
	})
	if err != nil {
		return n, err
	}
	n.Revision, n.State = is.Revision, is.State
	n.Config, err = s.with(is.Held)
	return n, err
}

func (s *System) read(ctx context.Context) (is ballast.Settings, err error) {
	err = s.db.Read(ctx, func(tx *meta.Tx) (err error) {
		is, err = tx.Settings()
		return err
	})
	return is, err
}

// with lays what is kept under what the process was started with.
func (s *System) with(held map[string]string) (*config.Config, error) {
	open := map[string]string{}
	for name, text := range held {
		if !config.Changeable(name) {
			s.o.Log.Warn("a system setting has no effect: it cannot be changed while the server runs", "setting", name)
			continue
		}
		if v, ok := s.base.Value(name); ok && v.Source != "default" {
			continue // it does not count, so that a lost key does no harm
		}
		plain, err := unseal(s.o.Keys, name, text)
		if err != nil {
			return nil, ballast.Wrap(ballast.Unavailable, err, "%s", err.Error())
		}
		open[name] = plain
	}
	return s.base.With(open)
}

// Change is what an admin asks for.
type Change struct {
	Revision int64             // that the admin saw
	Values   map[string]string // by name; "" sets nothing: the default counts
	Actor    string            // login name
	Origin   string            // of the page that it was made on, "" for none
}

// Change puts a revision on trial. Settings that the environment, the file or
// a flag gives are locked. What cannot be understood is refused whole.
func (s *System) Change(ctx context.Context, c Change) (int64, error) {
	is, err := s.read(ctx)
	if err != nil {
		return 0, err
	}
	before, err := s.with(is.Held)
	if err != nil {
		return 0, err
	}
	after, err := s.try(is.Held, before, c.Values)
	if err == nil {
		err = locksOut(before, after, c.Origin)
	}
	if err != nil {
		return 0, err
	}
	var changes []ballast.SettingChange
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		was, _ := before.Value(name)
		now, _ := after.Value(name)
		if was.Text == now.Text && was.Source == now.Source {
			continue
		}
		one := ballast.SettingChange{Name: name, Was: was.Redacted(), Now: now.Redacted(), Held: now.Text}
		if now.Source != config.SystemSource {
			one.Held = ""
		} else if now.Secret {
			if one.Held, err = seal(s.o.Keys, name, now.Text); err != nil {
				return 0, err
			}
		}
		changes = append(changes, one)
	}
	if len(changes) == 0 {
		return 0, ballast.Errorf(ballast.Invalid, "these settings are in effect already: there is nothing to change")
	}
	var revision int64
	err = s.db.Write(ctx, "change settings", func(tx *meta.Tx) (err error) {
		revision, err = tx.ChangeSettings(c.Revision, c.Actor, changes, time.Now())
		return err
	})
	if err == nil {
		s.o.Log.Info("settings are on trial", "revision", revision, "by", c.Actor, "settings", slices.Sorted(maps.Keys(c.Values)))
	}
	return revision, err
}

// Try returns the settings as they would be with these values.
func (s *System) Try(ctx context.Context, values map[string]string) (*config.Config, error) {
	is, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	before, err := s.with(is.Held)
	if err != nil {
		return nil, err
	}
	return s.try(is.Held, before, values)
}

func (s *System) try(held map[string]string, before *config.Config, values map[string]string) (*config.Config, error) {
	next := map[string]string{}
	for name := range held {
		if v, ok := before.Value(name); ok && v.Source == config.SystemSource {
			next[name] = v.Text
		}
	}
	for name, text := range values {
		text = strings.TrimSpace(text)
		if err := s.allowed(name, text); err != nil {
			return nil, err
		}
		if name == "bucket" {
			text = s.keepReadable(text, before)
		}
		delete(next, name)
		if text != "" {
			next[name] = text
		}
	}
	cfg, err := s.base.With(next)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "%s", err.Error())
	}
	return cfg, nil
}

func (s *System) allowed(name, text string) error {
	v, ok := s.base.Value(name)
	switch {
	case !ok || !config.Changeable(name):
		return ballast.Errorf(ballast.Invalid, "the setting %.80q cannot be changed while the server runs", name)
	case v.Source != "default":
		return ballast.Errorf(ballast.Denied, "the setting %s is given by %s, which wins: change it there", name, v.Source)
	case len(text) > maxValue:
		return ballast.Errorf(ballast.Invalid, "the setting %s has %d bytes, at most %d are possible", name, len(text), maxValue)
	case strings.Contains(text, config.Mask):
		return ballast.Errorf(ballast.Invalid, "the setting %s holds the mask %s in place of a secret: write the secret itself", name, config.Mask)
	case config.NamesPlace(text):
		return ballast.Errorf(ballast.Invalid, "the setting %s names a file or a secret elsewhere: that is possible in the environment only", name)
	}
	return nil
}

// leastSession is the shortest life of a session that the page may set: who is
// signed out before the next change cannot make one.
const leastSession = 5 * time.Minute

// locksOut refuses what no trial proves, and what would lock everybody out of
// the page that could take it back: an address that the admin's own browser does
// not reach the server by (cookies and the check of the origin follow from it),
// and sessions that end at once.
func locksOut(before, after *config.Config, origin string) error {
	if after.URL != before.URL && !strings.EqualFold(after.URL, origin) {
		if origin == "" {
			origin = "no page"
		}
		return ballast.Errorf(ballast.Invalid, "the setting url would be %.200s, but this change comes from %.200s: open /system-admin under the new address first, which shows that it works, or set it by --url or BALLAST_URL", after.URL, origin)
	}
	if after.SessionLifetime != before.SessionLifetime && after.SessionLifetime < leastSession {
		return ballast.Errorf(ballast.Invalid, "the setting session-lifetime would be %s: at least %s are needed, or nobody stays signed in for long enough to change it back", after.SessionLifetime, leastSession)
	}
	return nil
}

// keepReadable adds the addresses of buckets that were used and have a key of
// their own: what is in them must stay readable. An address of the same place
// takes the place of the one before, so that keys can be changed.
func (s *System) keepReadable(text string, before *config.Config) string {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	if len(all) == 0 && len(before.Buckets) > 0 {
		all = []string{config.Folder}
	}
	for _, old := range before.Buckets {
		same := func(one string) bool { return one == old || s.o.Place(one) != "" && s.o.Place(one) == s.o.Place(old) }
		if strings.Contains(old, "@") && !slices.ContainsFunc(all, same) {
			all = append(all, old)
		}
	}
	if len(all) == 1 && all[0] == config.Folder {
		return ""
	}
	return strings.Join(all, ",")
}
