package meta_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/go-sql-driver/mysql"
)

// counted is a way to a server that counts round trips: how often the client
// speaks after the server did.
type counted struct {
	trips atomic.Int64
	delay time.Duration
}

// start listens and returns the address.
func (c *counted) start(t testing.TB, network, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				client.Close()
				return
			}
			var answered atomic.Bool
			answered.Store(true)
			go c.carry(server, client, func() {
				if answered.Swap(false) {
					c.trips.Add(1)
					time.Sleep(c.delay)
				}
			})
			go c.carry(client, server, func() { answered.Store(true) })
		}
	}()
	return l.Addr().String()
}

func (c *counted) carry(to, from net.Conn, seen func()) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 256<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			seen()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil && err != io.EOF || n == 0 {
			return
		}
	}
}

// TestRoundTrips: a pool of ordinary requests takes four round trips to MySQL:
// begin, lock and read, write everything, commit.
func TestRoundTrips(t *testing.T) {
	cfg, err := mysql.ParseDSN(metatest.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	var c counted
	cfg.Net, cfg.Addr = "tcp", c.start(t, cfg.Net, cfg.Addr)
	db, err := meta.Open(t.Context(), meta.Options{MySQL: cfg.FormatDSN(), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ids []int64
	err = db.Write(t.Context(), "making runs", func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("team", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "p", 0, start)
		if err != nil {
			return err
		}
		ids = ids[:0]
		for i := range 40 {
			r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprint("r", i)})
			if err != nil {
				return err
			}
			ids = append(ids, r.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range 3 {
		var pool []meta.Append
		for _, id := range ids {
			pool = append(pool, meta.Append{Run: id, Summary: []byte{1, 2, 3}, History: &meta.Rows{Offset: int64(line), Lines: 1, First: 1, Data: []byte("some rows")}})
		}
		before := c.trips.Load()
		err := db.Write(context.Background(), "appending", func(tx *meta.Tx) error {
			answers, err := tx.AppendStreams(pool, start)
			for _, a := range answers {
				if a.Outcome != meta.Stored {
					t.Errorf("line %d: outcome %v", line, a.Outcome)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := c.trips.Load() - before; line > 0 && n != 4 { // the first begins sessions
			t.Errorf("a pool took %d round trips, want 4", n)
		}
	}
	// What waited is there, and a fault of it undoes everything.
	err = db.Read(t.Context(), func(tx *meta.Tx) error {
		for _, id := range ids {
			v, err := tx.StreamView(id, ballast.History)
			if err != nil || v.Rows != 3 || len(v.Tail) != 3 {
				t.Errorf("run %d has %d rows, %d chunks: %v", id, v.Rows, len(v.Tail), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
