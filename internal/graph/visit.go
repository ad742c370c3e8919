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

	mu    sync.Mutex
	kinds []ballast.Kind
	known
}

// known is what was looked up.
type known struct {
	users       memory[int64, ballast.User]
	entities    memory[int64, ballast.Entity]
	named       memory[string, ballast.Entity]
	allowed     memory[permission, error]
	memberships memory[int64, []ballast.Membership]
	summaries   memory[int64, map[int64][]byte] // of a page of runs, by each of them
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

func (v *visit) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known = known{}
}

// severity orders the kinds: which one decides the status when there are
// several. A fault that passes comes first, lest the SDK give up.
var severity = []ballast.Kind{ballast.Unavailable, ballast.Busy, ballast.Internal, ballast.Damaged, ballast.Unsigned,
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
	get, ok := (*m)[key]
	if !ok {
		get = sync.OnceValues(look)
		(*m)[key] = get
	}
	v.mu.Unlock()
	return get()
}

// expect says how the summaries of runs will be read when they are asked for.
func (v *visit) expect(runs []int64, page func() (map[int64][]byte, error)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.summaries == nil {
		v.summaries = memory[int64, map[int64][]byte]{}
	}
	for _, id := range runs {
		if _, ok := v.summaries[id]; !ok {
			v.summaries[id] = page
		}
	}
}
