package bench

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// TestDelayer: what comes back through it is whole and later, and many pieces
// are late together, not one after the other.
func TestDelayer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(c, make([]byte, 1))
			c.Write(sent)
			c.Close()
		}
	}()
	const by = 300 * time.Millisecond
	d, err := startDelayer(l.Addr().String(), by)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	c, err := net.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begun := time.Now()
	if _, err := c.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes came, %d were sent (%v)", len(got), len(sent), err)
	}
	// A megabyte is 32 pieces: one after the other they would take ten seconds.
	if took := time.Since(begun); took < by || took > 20*by {
		t.Errorf("it took %v, want %v", took, by)
	}
}
