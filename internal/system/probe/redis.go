package probe

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache/rediscache"
	"github.com/ballast-ml/ballast/internal/system"
)

// Redis tests a cache: it answers, keeps a value, and how fast.
func Redis(ctx context.Context, c *rediscache.Cache) (r system.Result) {
	explain := func(err error) (string, *system.Fix) {
		return "Redis does not answer: look at host, port, password, and whether it wants TLS (rediss://): " + cause(err) + ".", nil
	}
	if !r.Run("Reach Redis", func() (string, error) {
		_, err := c.Ping(ctx)
		return "", err
	}, explain) {
		return r
	}
	r.Run("Keep a value", func() (string, error) {
		const key, value = "probe", "kept"
		c.Put(ctx, key, []byte(value), time.Minute)
		got, ok := c.Get(ctx, key)
		c.Delete(ctx, key)
		if !ok || string(got) != value {
			return "", ballast.Errorf(ballast.Unavailable, "the value did not come back; %s", c.Fault())
		}
		return "", nil
	}, explain)
	r.Run("Latency", func() (string, error) {
		return latency(func() error { _, err := c.Ping(ctx); return err })
	}, explain)
	return r
}
