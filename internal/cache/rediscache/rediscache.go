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
		DialTimeout: time.Second, ReadTimeout: 500 * time.Millisecond, WriteTimeout: 500 * time.Millisecond,
		PoolTimeout: 500 * time.Millisecond, MaxRetries: 1,
	}, nil
}

// Get implements [cache.Cache].
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool) {
	if c.resting() {
		c.count("away")
		return nil, false
	}
	value, err := c.client.Get(ctx, keyPrefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		c.answered(nil, "")
		c.count("miss")
		return nil, false
	}
	if !c.answered(err, "reading") {
		c.count("away")
		return nil, false
	}
	c.count("hit")
	return value, true
}

// Put implements [cache.Cache].
func (c *Cache) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if c.resting() || len(value) > maxValue {
		return
	}
	if ttl <= 0 || ttl > longest {
		ttl = longest
	}
	c.answered(c.client.Set(ctx, keyPrefix+key, value, ttl).Err(), "writing")
}

// Delete implements [cache.Cache].
func (c *Cache) Delete(ctx context.Context, key string) {
	if !c.resting() {
		c.answered(c.client.Del(ctx, keyPrefix+key).Err(), "deleting")
	}
}

// Fault says in words why the server is not used just now, "" when it is. It
// asks the server, at most once a second while that does not answer.
func (c *Cache) Fault() string {
	if !c.resting() {
		ctx, cancel := context.WithTimeout(context.Background(), rest)
		defer cancel()
		c.answered(c.client.Ping(ctx).Err(), "asking for a sign of life")
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

// answered notes how a call ended, and reports whether it was well. A caller
// who went away says nothing about the server.
func (c *Cache) answered(err error, doing string) bool {
	switch {
	case err == nil:
		if c.fault.Swap(nil) != nil {
			c.log.Info("the cache in Redis answers again")
		}
	case errors.Is(err, context.Canceled):
	default:
		c.muted.Store(c.now().Add(rest).UnixNano())
		text := doing + " in Redis: " + err.Error()
		if c.fault.Swap(&text) == nil {
			c.log.Warn("the cache in Redis does not answer: results are computed anew, which is slower", "error", text)
		}
	}
	return err == nil
}
