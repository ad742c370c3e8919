// Package rediscache is the cache that replicas share, in Redis: a single
// server, one with TLS, or a cluster. With Redis gone it behaves as if empty:
// everything works on, slower.
package rediscache

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache"
)

const (
	// keyPrefix keeps our keys apart from those of others in the same server.
	keyPrefix = "ballast:"
	// maxValue is the largest value kept, in bytes.
	maxValue = 8 << 20
	// rest is how long a server that did not answer is left alone, so that
	// not every request waits for it.
	rest = time.Second
	// answerIn is how long a server may take to answer, a new connection
	// included; a value takes longer by its size at lineRate, a line of 100 Mbit/s.
	answerIn = time.Second
	lineRate = 100e6 / 8 // bytes a second
	// tellEvery is how often a server that refuses values is logged.
	tellEvery = time.Minute
	// longest bounds the life of a value whose writer named none: keys hold
	// revisions, so that what is never read again must go by itself.
	longest = 24 * time.Hour
)

// Options say which server.
type Options struct {
	// URL is redis://[user:password@]host[:port][/database] or rediss://… (TLS).
	// The query takes what go-redis takes, "cluster=true" (all further nodes are
	// found by themselves) and "ca=/path" (a PEM file of who signs the server).
	URL string
	CA  []byte // PEM; nil: the system's
	Log *slog.Logger
	// Metrics registers the cache's figures (metrics.go); nil: they are only counted.
	Metrics prometheus.Registerer
}

// Cache implements [cache.Cache].
type Cache struct {
	client redis.UniversalClient
	log    *slog.Logger
	now    func() time.Time
	muted  atomic.Int64 // until then, in Unix nanoseconds, the server is left alone
	told   atomic.Int64 // until then no refusal is logged
	fault  atomic.Pointer[string]
	metrics
}

var _ cache.Cache = (*Cache)(nil)

// Open returns the cache. It does not connect; see [Cache.Fault]. A URL that
// cannot be read is Invalid; the error does not contain it, since it holds the
// password.
func Open(o Options) (*Cache, error) {
	options, err := parse(o)
	if err != nil {
		return nil, err
	}
	c := &Cache{client: redis.NewUniversalClient(options), log: o.Log, now: time.Now}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.metrics = newMetrics(c)
	if o.Metrics != nil {
		for _, m := range []prometheus.Collector{c.requests, c.up} {
			if err := o.Metrics.Register(m); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// parse reads the URL. The cluster's flag is ours: go-redis takes it from the
// number of addresses.
func parse(o Options) (*redis.UniversalOptions, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" {
		return nil, ballast.Errorf(ballast.Invalid, "the Redis address is not a URL: it looks like rediss://user:password@host:6379/0")
	}
	q := u.Query()
	cluster := q.Get("cluster") == "true"
	q.Del("cluster")
	u.RawQuery = q.Encode()
	single, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "the Redis address cannot be used: %s", strings.TrimPrefix(err.Error(), "redis: "))
	}
	if single.TLSConfig != nil && o.CA != nil {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(o.CA) {
			return nil, ballast.Errorf(ballast.Invalid, "the file of the authority that signs Redis holds no certificate in PEM form")
		}
		single.TLSConfig = &tls.Config{RootCAs: pool, ServerName: single.TLSConfig.ServerName, MinVersion: tls.VersionTLS12}
	}
	return &redis.UniversalOptions{
		Addrs: []string{single.Addr}, DB: single.DB, Username: single.Username, Password: single.Password,
		TLSConfig: single.TLSConfig, IsClusterMode: cluster, ContextTimeoutEnabled: true,
		DialTimeout: time.Second, ReadTimeout: patience(maxValue), WriteTimeout: patience(maxValue),
		PoolTimeout: 500 * time.Millisecond, MaxRetries: 1,
	}, nil
}

// patience is how long a call with a value of n bytes may take.
func patience(n int) time.Duration {
	return answerIn + time.Duration(float64(n)/lineRate*float64(time.Second))
}

// Get implements [cache.Cache].
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool) {
	if c.resting() {
		c.count("away")
		return nil, false
	}
	within, cancel := context.WithTimeout(ctx, patience(maxValue))
	defer cancel()
	value, err := c.client.Get(within, keyPrefix+key).Bytes()
	switch c.ended(err, "reading") {
	case done:
		c.count("hit")
		return value, true
	case refused:
		c.count("miss")
	default:
		c.count("away")
	}
	return nil, false
}

// Put implements [cache.Cache].
func (c *Cache) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if c.resting() || len(value) > maxValue {
		return
	}
	if ttl <= 0 || ttl > longest {
		ttl = longest
	}
	within, cancel := context.WithTimeout(ctx, patience(len(value)))
	defer cancel()
	c.ended(c.client.Set(within, keyPrefix+key, value, ttl).Err(), "writing")
}

// Delete implements [cache.Cache].
func (c *Cache) Delete(ctx context.Context, key string) {
	if c.resting() {
		return
	}
	within, cancel := context.WithTimeout(ctx, patience(0))
	defer cancel()
	c.ended(c.client.Del(within, keyPrefix+key).Err(), "deleting")
}

// Fault says in words why the server is not used just now, "" when it is. It
// asks the server, at most once a second while that does not answer.
func (c *Cache) Fault() string {
	if !c.resting() {
		ctx, cancel := context.WithTimeout(context.Background(), rest)
		defer cancel()
		c.ended(c.client.Ping(ctx).Err(), "asking for a sign of life")
	}
	if text := c.fault.Load(); text != nil {
		return *text
	}
	return ""
}

// Ping asks the server for a sign of life and returns how long it took.
func (c *Cache) Ping(ctx context.Context) (time.Duration, error) {
	begun := c.now()
	err := c.client.Ping(ctx).Err()
	if err != nil {
		err = ballast.Wrap(ballast.Unavailable, err, "asking Redis for a sign of life")
	}
	return c.now().Sub(begun), err
}

// Close ends the connections.
func (c *Cache) Close() error { return c.client.Close() }

func (c *Cache) resting() bool { return c.now().UnixNano() < c.muted.Load() }

// end is how a call ended.
type end int

const (
	done    end = iota
	refused     // the server answers, but has no such value or does not take it
	away        // it does not answer, or answers nothing at all
)

// ended notes how a call ended. A caller who went away says nothing about the
// server, and neither does a value that it refuses.
func (c *Cache) ended(err error, doing string) end {
	how := done
	switch {
	case err == nil:
	case isRefusal(err):
		how = refused
		c.noteRefusal(err, doing)
	case errors.Is(err, context.Canceled):
		return away
	default:
		c.noteAway(err, doing)
		return away
	}
	if c.fault.Swap(nil) != nil {
		c.log.Info("the cache in Redis answers again")
	}
	return how
}

func (c *Cache) noteAway(err error, doing string) {
	c.muted.Store(c.now().Add(rest).UnixNano())
	text := doing + " in Redis: " + err.Error()
	if c.fault.Swap(&text) == nil {
		c.log.Warn("the cache in Redis does not answer: results are computed anew, which is slower", "error", text)
	}
}

// noteRefusal logs what the server refuses, now and then.
func (c *Cache) noteRefusal(err error, doing string) {
	if errors.Is(err, redis.Nil) {
		return
	}
	now := c.now()
	if last := c.told.Load(); now.UnixNano() < last || !c.told.CompareAndSwap(last, now.Add(tellEvery).UnixNano()) {
		return
	}
	c.log.Warn("Redis refuses what is to be cached: that is computed anew. When its memory is full, set a maxmemory-policy that evicts, allkeys-lru for instance", "doing", doing, "error", err)
}

// isRefusal reports whether the server answered that it has or takes no such
// value, and would answer another call. Errors of a server that serves nobody
// just now, or not us, are no refusals.
func isRefusal(err error) bool {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return false
	}
	for _, sort := range []string{"NOAUTH", "WRONGPASS", "NOPERM", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "ERR max number of clients", "ERR invalid password", "ERR AUTH"} {
		if strings.HasPrefix(reply.Error(), sort) {
			return false
		}
	}
	return true
}
