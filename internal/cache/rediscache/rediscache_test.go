package rediscache_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache"
	"github.com/ballast-ml/ballast/internal/cache/cachetest"
	"github.com/ballast-ml/ballast/internal/cache/rediscache"
	"github.com/ballast-ml/ballast/test/service"
)

func open(t *testing.T, url string, log *slog.Logger) *rediscache.Cache {
	t.Helper()
	c, err := rediscache.Open(rediscache.Options{URL: url, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestSuite runs the contract of a cache on a real Redis: each cache is a
// database of its own.
func TestSuite(t *testing.T) {
	server := service.StartRedis(t)
	var n atomic.Int32
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		return open(t, strings.TrimSuffix(server.URL, "0")+fmt.Sprint(n.Add(1)), nil)
	})
}

// TestGone stops the server, lets it hang, and starts it again: the cache is
// empty meanwhile, quick, says so once, and works again by itself.
func TestGone(t *testing.T) {
	server := service.StartRedis(t)
	var log bytes.Buffer
	c := open(t, server.URL, slog.New(slog.NewTextHandler(&log, nil)))
	c.Put(t.Context(), "k", []byte("v"), 0)
	if v, ok := c.Get(t.Context(), "k"); !ok || string(v) != "v" {
		t.Fatalf("Get = %q, %v", v, ok)
	}
	for what, fault := range map[string]struct{ begin, end func() }{
		"hangs": {func() { server.Signal(syscall.SIGSTOP) }, func() { server.Signal(syscall.SIGCONT) }},
		"dies":  {server.Kill, func() { server.Restart(t) }},
	} {
		fault.begin()
		begun := time.Now()
		for range 1000 {
			if v, ok := c.Get(t.Context(), "k"); ok {
				t.Fatalf("%s: Get = %q", what, v)
			}
			c.Put(t.Context(), "k", []byte("v"), 0)
		}
		// Each call waiting for itself would take a thousand seconds.
		if took := time.Since(begun); took > 60*time.Second {
			t.Errorf("%s: 2000 calls took %v", what, took)
		}
		if !strings.Contains(c.Fault(), "in Redis") {
			t.Errorf("%s: Fault() = %q", what, c.Fault())
		}
		fault.end()
		for deadline := time.Now().Add(30 * time.Second); c.Fault() != ""; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not used again: %s", what, c.Fault())
			}
		}
		c.Put(t.Context(), "k", []byte("v"), 0)
		if v, ok := c.Get(t.Context(), "k"); !ok || string(v) != "v" {
			t.Errorf("%s: afterwards Get = %q, %v", what, v, ok)
		}
	}
	if n := strings.Count(log.String(), "does not answer"); n != 2 {
		t.Errorf("it was said %d times that Redis does not answer, want once for each of 2 faults:\n%s", n, log.String())
	}
	if strings.Contains(log.String(), server.Password) {
		t.Error("the log holds the password")
	}
}

func TestBadAddresses(t *testing.T) {
	for _, url := range []string{"", "host:6379", "http://host", "redis://user:hunter2@host:port/0", "redis://:hunter2@host/x", "redis://:hunter2@host/0?nonsense=1"} {
		_, err := rediscache.Open(rediscache.Options{URL: url})
		if !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%q: %v, want Invalid", url, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error holds the password: %v", url, err)
		}
	}
}

// TestWrongPassword is no fault of the caller's: the cache is empty and says why.
func TestWrongPassword(t *testing.T) {
	server := service.StartRedis(t)
	c := open(t, strings.Replace(server.URL, server.Password, "hunter2", 1), nil)
	if _, ok := c.Get(t.Context(), "k"); ok || !strings.Contains(c.Fault(), "WRONGPASS") {
		t.Errorf("Get = %v, Fault() = %q", ok, c.Fault())
	}
	if _, err := c.Ping(t.Context()); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("Ping: %v", err)
	}
}
