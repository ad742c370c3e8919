package graph

import (
	"context"
	"sync"

	"github.com/ballast-ml/ballast"
)

// visit is what one request remembers: kinds of errors met, and who and what
// it looked up, so that a page of a thousand runs asks for its users once.
type visit struct {
	shared bool // several processes write to the run

	mu          sync.Mutex
	kinds       []ballast.Kind
	users       map[int64]ballast.User
	entities    map[int64]ballast.Entity
	named       map[string]ballast.Entity
	allowed     map[permission]error
	memberships map[int64][]ballast.Membership
}

type visitKey struct{}

func visiting(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

func (v *visit) note(k ballast.Kind) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kinds = append(v.kinds, k)
}

// severity orders the kinds: which one decides the status when there are
// several. A fault that passes comes first, lest the SDK give up.
var severity = []ballast.Kind{ballast.Unavailable, ballast.Busy, ballast.Internal, ballast.Unsigned,
	ballast.Conflict, ballast.Gone, ballast.Denied, ballast.NotFound, ballast.TooLarge, ballast.Unsupported, ballast.Invalid}

// worst returns the kind that decides, false when there was no error.
func (v *visit) worst() (ballast.Kind, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range severity {
		for _, met := range v.kinds {
			if met == k {
				return k, true
			}
		}
	}
	return ballast.Internal, false
}

// recall returns what a request looked up before, or looks it up.
func recall[K comparable, V any](v *visit, m *map[K]V, key K, look func() (V, error)) (V, error) {
	v.mu.Lock()
	known, ok := (*m)[key]
	v.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := look()
	if err != nil {
		return found, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = found
	return found, nil
}
