package main

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// stalling is a TCP proxy that can stop passing bytes on, as a database whose
// machine hangs does.
type stalling struct {
	l      net.Listener
	mu     sync.Mutex
	passes sync.Cond
	stuck  bool
}

func newStalling(t *testing.T, network, address string) *stalling {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &stalling{l: l}
	p.passes.L = &p.mu
	t.Cleanup(func() { l.Close(); p.set(false) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d, err := net.Dial(network, address)
			if err != nil {
				c.Close()
				continue
			}
			go p.pass(c, d)
			go p.pass(d, c)
		}
	}()
	return p
}

func (p *stalling) set(stuck bool) {
	p.mu.Lock()
	p.stuck = stuck
	p.mu.Unlock()
	p.passes.Broadcast()
}

func (p *stalling) pass(dst, src net.Conn) {
	defer dst.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		p.mu.Lock()
		for p.stuck {
			p.passes.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				src.Close()
			}
			return
		}
	}
}

// TestStopWithoutDatabase stops a server whose database has stopped answering
// in the middle of a write: it still ends within ten seconds.
func TestStopWithoutDatabase(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	cfg, err := mysql.ParseDSN(metatest.EmptyMySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newStalling(t, cfg.Net, cfg.Addr)
	cfg.Net, cfg.Addr = "tcp", p.l.Addr().String()
	dsn := cfg.FormatDSN()
	s := serveIn(t, data, "--database", dsn)
	must(t, data, "", "--database", dsn, "user", "create", "ada", "--email", "ada@example.com")
	key := strings.TrimSpace(must(t, data, "", "--database", dsn, "key", "create", "--user", "ada"))
	const query = `{"query":"mutation{upsertBucket(input:{entityName:\"ada\",modelName:\"p\",name:\"r\"}){bucket{name}}}"}`
	if code, err := post(s.url+"/graphql", key, query); err != nil || code != 200 {
		t.Fatal(code, err)
	}
	const row = `{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"loss\":0.5}"]}}}`
	if code, err := post(s.url+"/files/ada/p/r/file_stream", key, row); err != nil || code != 200 {
		t.Fatal(code, err)
	}
	p.set(true)
	t.Cleanup(func() { p.set(false) }) // before the server is waited for
	go post(s.url+"/files/ada/p/r/file_stream", key, strings.Replace(row, "offset\":0", "offset\":1", 1))
	time.Sleep(100 * time.Millisecond)
	begun := time.Now()
	stopped := make(chan int, 1)
	go func() { stopped <- s.stop() }()
	select {
	case code := <-stopped:
		if took := time.Since(begun); code != exitFailed || took > 10*time.Second {
			t.Errorf("the stop: code %d after %v, want %d within ten seconds", code, took, exitFailed)
		}
	case <-time.After(12 * time.Second):
		t.Error("the server does not stop while its database does not answer")
	}
}
