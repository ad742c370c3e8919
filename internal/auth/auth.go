// Package auth says who is calling and what they may do.
//
// # Who
//
// A request brings an API key ([Auth.ByAuthorization]) or a browser's cookie
// ([Auth.BySession]); either gives a [Caller], which travels in the context
// ([WithCaller], [From]). Keys and cookies are stored as HMACs under the
// server's secret keys and looked up by index; what was found is kept for a
// few seconds, so that a revocation works within five everywhere.
//
// # What
//
// [Auth.May] is the one place that decides whether a caller may act on what an
// entity owns. What a caller may not even read is NotFound with the text of
// [Hidden], which is also what to answer for a thing that does not exist, so
// that the two cannot be told apart.
//
// # The policy table
//
// policy.tsv has a row for each route and each GraphQL field with what it
// requires of the caller (see [Requirement] for the words). A route or a field
// without a row is refused, and a test fails. The server and the executor ask
// [Policy.Route] and [Policy.Field] and then [Requirement.Admit], which checks
// what can be known before the object is found; a requirement of "read",
// "write" or "manage" says that the handler or resolver asks May for the object
// that its arguments name.
package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const (
	// remember is how long a key, a session or a role is believed without
	// asking the store. With a read under way and a little skew it stays below
	// the five seconds that revocation may take.
	remember = 4 * time.Second
	// flushEvery is how often last uses are written.
	flushEvery = 15 * time.Second
	// cached bounds each cache, in entries.
	cached = 20_000
)

// Options are what New can do without.
type Options struct {
	SessionLife time.Duration // how long an unused session lasts; 0: 30 days
	AdminsOnly  bool          // only admins of the instance may sign in by password
	Log         *slog.Logger
	Now         func() time.Time // nil: the clock
}

// Auth answers who and what. It is safe for concurrent use.
type Auth struct {
	db      *meta.DB
	secrets []Secret
	life    time.Duration
	admins  bool // only they sign in by password
	log     *slog.Logger
	now     func() time.Time

	callers *lru.Cache[[32]byte, known]
	roles   *lru.Cache[roleKey, knownRole]
	looking singleflight.Group
	used    used
	guesses guesses
	hashing hashing
	settled settled
}

// New returns an Auth over a store. The first secret signs, all verify.
func New(db *meta.DB, secrets []Secret, o Options) (*Auth, error) {
	if len(secrets) == 0 {
		return nil, errors.New("auth: there is no secret key")
	}
	for _, s := range secrets {
		if s.ID == "" || len(s.ID) > 16 || len(s.Secret) < 16 {
			return nil, errors.New("auth: a secret key needs an id of 1 to 16 characters and at least 16 bytes")
		}
	}
	if o.SessionLife == 0 {
		o.SessionLife = 30 * 24 * time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	callers, err := lru.New[[32]byte, known](cached)
	if err != nil {
		return nil, err
	}
	roles, err := lru.New[roleKey, knownRole](cached)
	if err != nil {
		return nil, err
	}
	a := &Auth{db: db, secrets: secrets, life: o.SessionLife, admins: o.AdminsOnly, log: o.Log, now: o.Now, callers: callers, roles: roles}
	if err := a.used.init(); err != nil {
		return nil, err
	}
	if err := a.guesses.init(); err != nil {
		return nil, err
	}
	a.hashing.init()
	return a, nil
}

// Run writes last uses and removes ended sessions until ctx ends, and then
// writes what is left. It returns nil.
func (a *Auth) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	swept := time.Time{}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			a.flush(last)
			return nil
		case <-tick.C:
			a.flush(ctx)
			if a.now().Sub(swept) > time.Hour {
				swept = a.now()
				a.sweep(ctx)
			}
		}
	}
}

func (a *Auth) sweep(ctx context.Context) {
	err := a.db.Write(ctx, "remove ended sessions", func(tx *meta.Tx) error { return tx.DeleteExpiredSessions(a.now()) })
	if err != nil {
		a.log.WarnContext(ctx, "ended sessions were not removed; they will be tried again", "error", err)
	}
}

// Forget makes this process ask the store again about a user: call it after
// changing the user, their keys or their memberships. Other replicas follow
// within five seconds by themselves.
func (a *Auth) Forget(userID int64) {
	for _, k := range a.callers.Keys() {
		if v, ok := a.callers.Peek(k); ok && v.user.ID == userID {
			a.callers.Remove(k)
		}
	}
	for _, k := range a.roles.Keys() {
		if k.user == userID {
			a.roles.Remove(k)
		}
	}
}
