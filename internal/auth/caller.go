package auth

import (
	"context"

	"github.com/ballast-ml/ballast"
)

// Caller is who sent a request. The zero Caller is nobody.
type Caller struct {
	User    ballast.User
	Key     *ballast.Key     // set when an API key was sent
	Session *ballast.Session // set when a browser's cookie was sent
	// AdminPrivileges says that an admin of the instance asks to act as one
	// (wandb.Api sends Use-Admin-Privileges: true, the app where it must).
	// Without it an admin is a user like any other.
	AdminPrivileges bool
	// OnBehalf is the member of its team that a service account logs for, set
	// by Auth.OnBehalf; the zero User otherwise.
	OnBehalf ballast.User
}

// Signed reports whether somebody is signed in.
func (c *Caller) Signed() bool { return c != nil && c.User.ID != 0 }

// Author returns whose the runs are that the caller creates.
func (c *Caller) Author() ballast.User {
	if c.OnBehalf.ID != 0 {
		return c.OnBehalf
	}
	return c.User
}

type callerKey struct{}

// WithCaller returns a context that carries the caller.
func WithCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// From returns the context's caller, never nil: nobody when there is none.
func From(ctx context.Context) *Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok && c != nil {
		return c
	}
	return &Caller{}
}
