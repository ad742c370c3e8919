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
	users       memory[int64, ballast.User]
	entities    memory[int64, ballast.Entity]
	named       memory[string, ballast.Entity]
	allowed     memory[permission, error]
	memberships memory[int64, []ballast.Membership]
}

// memory is what a request looked up, by what it asked for.
type memory[K comparable, V any] map[K]func() (V, error)

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

// recall looks something up once per request: the engine resolves the items of
// a list at the same time, and they share the answer.
func recall[K comparable, V any](v *visit, m *memory[K, V], key K, look func() (V, error)) (V, error) {
	v.mu.Lock()
	if *m == nil {
		*m = memory[K, V]{}
	}
	known, ok := (*m)[key]
	if !ok {
		known = sync.OnceValues(look)
		(*m)[key] = known
	}
	v.mu.Unlock()
	return known()
}
