// Package memcache is the cache in memory: bounded by bytes, the least
// recently used goes first.
package memcache

import (
	"context"
	"sync"
	"time"

	"github.com/ballast-ml/ballast/internal/cache"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache implements [cache.Cache].
type Cache struct {
	max int64
	now func() time.Time

	mu      sync.Mutex
	bytes   int64
	entries *simplelru.LRU[string, entry]
}

var _ cache.Cache = (*Cache)(nil)

type entry struct {
	value   []byte
	expires time.Time // zero: not
}

// overhead is what an entry costs beside its key and value, roughly.
const overhead = 160

func (e entry) cost(key string) int64 { return int64(len(key)+cap(e.value)) + overhead }

// New returns a cache of at most max bytes, keys and overhead included. A
// value above an eighth of max is not kept.
func New(max int64) *Cache {
	c := &Cache{max: max, now: time.Now}
	c.entries, _ = simplelru.NewLRU(1<<30, func(key string, e entry) { c.bytes -= e.cost(key) })
	return c
}

// Get implements [cache.Cache].
func (c *Cache) Get(_ context.Context, key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries.Get(key)
	if ok && !e.expires.IsZero() && !c.now().Before(e.expires) {
		c.entries.Remove(key)
		return nil, false
	}
	return e.value, ok
}

// Put implements [cache.Cache].
func (c *Cache) Put(_ context.Context, key string, value []byte, ttl time.Duration) {
	e := entry{value: value}
	if ttl > 0 {
		e.expires = c.now().Add(ttl)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries.Remove(key)
	if e.cost(key) > c.max/8 {
		return
	}
	c.entries.Add(key, e)
	for c.bytes += e.cost(key); c.bytes > c.max; {
		c.entries.RemoveOldest()
	}
}

// Delete implements [cache.Cache].
func (c *Cache) Delete(_ context.Context, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries.Remove(key)
}

// Bytes returns how much is kept.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}
