package memcache

import (
	"fmt"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/cache"
	"github.com/ballast-ml/ballast/internal/cache/cachetest"
)

func TestCache(t *testing.T) {
	cachetest.Run(t, func(*testing.T) cache.Cache { return New(1 << 20) })
}

func TestBound(t *testing.T) {
	c := New(100_000)
	for i := range 1000 {
		c.Put(t.Context(), fmt.Sprint(i), make([]byte, 1000), 0)
		c.Get(t.Context(), "0") // in use all the time
		if c.Bytes() > 100_000 {
			t.Fatalf("after %d values: %d bytes", i+1, c.Bytes())
		}
	}
	for key, want := range map[string]bool{"0": true, "1": false, "900": false, "999": true} {
		if _, ok := c.Get(t.Context(), key); ok != want {
			t.Errorf("key %s kept: %v, want %v", key, ok, want)
		}
	}
	if c.Bytes() < 80_000 {
		t.Errorf("only %d bytes are used", c.Bytes())
	}
	c.Put(t.Context(), "999", make([]byte, 90_000), 0)
	if v, ok := c.Get(t.Context(), "999"); ok {
		t.Errorf("a value of %d bytes pushed the rest out", len(v))
	}
	for i := range 1000 {
		c.Delete(t.Context(), fmt.Sprint(i))
	}
	if c.Bytes() != 0 {
		t.Errorf("an empty cache counts %d bytes", c.Bytes())
	}
}

func TestLifetime(t *testing.T) {
	c, now := New(1<<20), time.Unix(1, 0)
	c.now = func() time.Time { return now }
	c.Put(t.Context(), "k", []byte("v"), time.Minute)
	now = now.Add(59 * time.Second)
	if _, ok := c.Get(t.Context(), "k"); !ok {
		t.Error("gone before its time")
	}
	now = now.Add(time.Second)
	if _, ok := c.Get(t.Context(), "k"); ok || c.Bytes() != 0 {
		t.Errorf("after its time: %v, %d bytes", ok, c.Bytes())
	}
}
