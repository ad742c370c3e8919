package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache/rediscache"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

// openTest opens the process of a server that does not listen.
func openTest(t *testing.T, flags map[string]string) *host {
	t.Helper()
	flags["data"] = filepath.Join(t.TempDir(), "data")
	cfg, err := config.Load(config.Sources{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	cfg.URL = "http://127.0.0.1:1"
	if err := makeData(cfg.Data); err != nil {
		t.Fatal(err)
	}
	h, err := openHost(t.Context(), cfg, slog.New(slog.DiscardHandler), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	return h
}

// TestListensWithoutJobs: a server whose jobs run elsewhere stores that it
// heard a run whose requests it put off.
func TestListensWithoutJobs(t *testing.T) {
	h := openTest(t, map[string]string{"jobs": "off"})
	var run int64
	err := h.db.Write(t.Context(), "making a run", func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("ada", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "p", 0, time.Now())
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "r"})
		run = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	heartbeat := func() (at time.Time) {
		t.Helper()
		err := h.db.Read(t.Context(), func(tx *meta.Tx) error {
			v, err := tx.Counters(run, ballast.History)
			at = v.Live.Heartbeat
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := heartbeat()
	time.Sleep(2 * time.Millisecond)
	h.rooms.ingest.Heard(run)
	h.rooms.start(t.Context())
	defer h.rooms.stop()
	for end := time.Now().Add(10 * time.Second); !heartbeat().After(before); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing stores what a server without jobs heard")
		}
	}
}

// TestCloseBesideProbe: rooms close while a request still asks how they are.
func TestCloseBesideProbe(t *testing.T) {
	c, err := rediscache.Open(rediscache.Options{URL: "redis://127.0.0.1:1/0"})
	if err != nil {
		t.Fatal(err)
	}
	r := &rooms{redis: c}
	ctx, stop := context.WithCancel(t.Context())
	var probes sync.WaitGroup
	for range 2 {
		probes.Go(func() {
			for ctx.Err() == nil {
				r.slower()
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	r.close()
	r.close()
	stop()
	probes.Wait()
	if r.slower() == "" {
		t.Error("a closed Redis is said to answer")
	}
}
