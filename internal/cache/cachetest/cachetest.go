// Package cachetest is the conformance suite of cache.Cache. A driver's test
// calls Run; the suite never learns which driver it runs on.
package cachetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/cache"
)

// Run runs the suite. open returns an empty cache with room for 500 KB.
func Run(t *testing.T, open func(t *testing.T) cache.Cache) {
	for name, test := range map[string]func(*testing.T, cache.Cache){
		"put, get, delete": putGetDelete, "lifetime": lifetime, "many at once": concurrent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func want(t *testing.T, c cache.Cache, key string, value []byte) {
	t.Helper()
	got, ok := c.Get(t.Context(), key)
	if ok != (value != nil) || !bytes.Equal(got, value) {
		t.Errorf("Get(%.40q) = %.40q, %v; want %.40q", key, got, ok, value)
	}
}

func putGetDelete(t *testing.T, c cache.Cache) {
	want(t, c, "k", nil)
	for key, value := range map[string][]byte{"k": []byte("v"), "": []byte("empty key"), "a\x00\n:ä": {0, 1, 255}, "empty": {}, "large": make([]byte, 50_000)} {
		c.Put(t.Context(), key, bytes.Clone(value), 0)
		want(t, c, key, value)
		c.Put(t.Context(), key, []byte("second"), time.Hour)
		want(t, c, key, []byte("second"))
		c.Delete(t.Context(), key)
		want(t, c, key, nil)
		c.Delete(t.Context(), key)
	}
}

func lifetime(t *testing.T, c cache.Cache) {
	c.Put(t.Context(), "short", []byte("v"), 50*time.Millisecond)
	c.Put(t.Context(), "long", []byte("v"), time.Hour)
	c.Put(t.Context(), "ever", []byte("v"), 0)
	time.Sleep(80 * time.Millisecond)
	want(t, c, "short", nil)
	want(t, c, "long", []byte("v"))
	want(t, c, "ever", []byte("v"))
}

func concurrent(t *testing.T, c cache.Cache) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				key := fmt.Sprint(j % 10)
				c.Put(t.Context(), key, []byte("value of "+key), time.Hour)
				if v, ok := c.Get(t.Context(), key); ok && string(v) != "value of "+key {
					t.Errorf("Get(%s) = %q", key, v)
				}
				if (i+j)%7 == 0 {
					c.Delete(t.Context(), key)
				}
			}
		})
	}
	wg.Wait()
}
