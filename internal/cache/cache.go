// Package cache is the contract of the cache of results. Losing it loses
// nothing: keys contain immutable object names or revisions, so nothing is
// ever invalidated by hand, and an entry may vanish at any time.
//
// The suite in cachetest says the rest; every driver passes it unchanged.
package cache

import (
	"context"
	"time"
)

// Cache keeps values by key. It is safe for concurrent use. No method fails:
// a driver that cannot reach its store logs it and behaves as if empty.
type Cache interface {
	// Get returns the value, which the caller must not change.
	Get(ctx context.Context, key string) ([]byte, bool)

	// Put keeps a value for at most ttl (0: as long as there is room). The
	// cache owns value from then on. A value may be refused, when it is larger
	// than the cache takes for instance.
	Put(ctx context.Context, key string, value []byte, ttl time.Duration)

	// Delete forgets a key; an absent one is fine.
	Delete(ctx context.Context, key string)
}
