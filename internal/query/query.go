// Package query is the read path: tables of runs, series and panels, rows for
// the SDK, keys and console lines.
//
// Every answer is computed from one snapshot of the metadata store, so it has
// every write that was acknowledged before the question (docs/design/010). The
// snapshot is closed before an object is fetched; immutable objects are cached
// by name, so nothing here is ever invalidated by hand.
//
// Nothing in this room asks who is calling: callers check that first.
package query

import (
	"log/slog"
	"runtime"
	"time"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/cache"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	lru "github.com/hashicorp/golang-lru/v2"
)

// maxOpenSegments is how many directories of segments are kept.
const maxOpenSegments = 512

// Options bounds what the read path may use. Zero fields take the defaults.
type Options struct {
	Log        *slog.Logger
	Workers    int              // runs read at once for one question; default: the cores
	PageBytes  int64            // decoded pages kept; default 64 MB
	TableBytes int64            // run tables kept, all projects together; default 64 MB
	Shared     cache.Cache      // whole answers, for all replicas; nil: each computes its own
	Now        func() time.Time // default time.Now
}

// Query answers questions about runs. It is safe for concurrent use.
type Query struct {
	db          *meta.DB
	stores      map[int]blob.Bucket // by store id
	cache       cache.Cache
	opt         Options
	tables      *tables
	mediaTables *mediaTables

	pages    *history.PageCache
	segments *lru.Cache[segmentKey, history.View]
	metrics  *lru.Cache[metricsKey, defined]
	fetches  chan struct{} // a token for each object being read
}

// New returns a Query over a store and its buckets by store id.
func New(db *meta.DB, stores map[int]blob.Bucket, c cache.Cache, o Options) *Query {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.PageBytes <= 0 {
		o.PageBytes = 64 << 20
	}
	if o.TableBytes <= 0 {
		o.TableBytes = 64 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// Their error would say that the size is not positive.
	metrics, _ := lru.New[metricsKey, defined](4096)
	segments, _ := lru.New[segmentKey, history.View](maxOpenSegments)
	return &Query{
		db: db, stores: stores, cache: c, opt: o, tables: newTables(o.TableBytes), mediaTables: newMediaTables(),
		pages: history.NewPageCache(o.PageBytes), segments: segments, metrics: metrics, fetches: make(chan struct{}, maxFetches),
	}
}
