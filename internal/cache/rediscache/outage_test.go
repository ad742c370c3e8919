package rediscache_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ballast-ml/ballast/test/service"
)

// TestFullMemory: a server that takes no more values still gives those that it
// has, and is no outage.
func TestFullMemory(t *testing.T) {
	server := service.StartRedis(t)
	c := open(t, server.URL, nil)
	c.Put(t.Context(), "kept", []byte("v"), 0)
	o, err := redis.ParseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	admin := redis.NewClient(o)
	defer admin.Close()
	if err := admin.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.Put(t.Context(), "new", []byte("v"), 0)
		if v, ok := c.Get(t.Context(), "kept"); !ok || string(v) != "v" {
			t.Fatalf("after a value was refused: Get = %q, %v", v, ok)
		}
		if fault := c.Fault(); fault != "" {
			t.Fatalf("after a value was refused: %s", fault)
		}
	}
	if _, ok := c.Get(t.Context(), "new"); ok {
		t.Error("a server with full memory took a value: the test shows nothing")
	}
}

// TestSlowLine: the largest value passes a line of 100 Mbit/s both ways.
func TestSlowLine(t *testing.T) {
	server := service.StartRedis(t)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = slowLine(t, u.Host)
	c := open(t, u.String(), nil)
	value := bytes.Repeat([]byte("12345678"), 1<<20)
	c.Put(t.Context(), "large", value, 0)
	if fault := c.Fault(); fault != "" {
		t.Fatalf("after writing %d bytes: %s", len(value), fault)
	}
	got, ok := c.Get(t.Context(), "large")
	if !ok || !bytes.Equal(got, value) {
		t.Errorf("of %d bytes %d came, %v: %s", len(value), len(got), ok, c.Fault())
	}
}

// slowLine passes connections on at 100 Mbit/s and returns its address.
func slowLine(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	pass := func(dst, src net.Conn) {
		defer dst.Close()
		defer src.Close()
		const portion = 64 << 10
		began, sent := time.Now(), time.Duration(0)
		for {
			n, err := io.CopyN(dst, src, portion)
			if idle := time.Since(began) - sent; idle > 50*time.Millisecond { // an idle line saves nothing up
				began = began.Add(idle)
			}
			sent += time.Duration(n) * time.Second / (100e6 / 8)
			time.Sleep(time.Until(began.Add(sent)))
			if err != nil {
				return
			}
		}
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go pass(far, near)
			go pass(near, far)
		}
	}()
	return l.Addr().String()
}
