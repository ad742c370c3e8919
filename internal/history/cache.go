package history

import (
	"container/list"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// PageCache keeps decoded pages and blocks of directories, least recently used
// first out. Objects never change, so nothing is ever invalidated. Safe for
// concurrent use.
type PageCache struct {
	unzip   *zstd.Decoder
	scratch sync.Pool // *[]byte to decompress into

	mu     sync.Mutex
	budget int64
	used   int64
	order  *list.List // of *cacheEntry, the latest first
	known  map[cacheKey]*list.Element
}

type cacheKey struct {
	object string
	off    int64
}

type cacheEntry struct {
	key   cacheKey
	value any
	bytes int64
}

// NewPageCache returns a cache of about so many bytes.
func NewPageCache(bytes int64) *PageCache {
	// The options are constants; only their values could make this fail.
	unzip, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxBlock), zstd.WithDecodeAllCapLimit(true))
	return &PageCache{unzip: unzip, budget: bytes, order: list.New(), known: map[cacheKey]*list.Element{}}
}

func (c *PageCache) get(k cacheKey) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cacheEntry).value, true
}

func (c *PageCache) put(k cacheKey, value any, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[k]; ok || bytes > c.budget {
		return
	}
	c.known[k] = c.order.PushFront(&cacheEntry{k, value, bytes})
	c.used += bytes
	for c.used > c.budget {
		last := c.order.Back()
		e := last.Value.(*cacheEntry)
		c.order.Remove(last)
		delete(c.known, e.key)
		c.used -= e.bytes
	}
}
