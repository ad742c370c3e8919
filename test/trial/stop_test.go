package trial_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestStop stops the server with SIGTERM under load, twice: it ends with
// status 0 within ten seconds, leaves nothing half-written, and every
// acknowledged row is there after the next start.
func TestStop(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	s.start()
	clients := make([]*client, 16)
	for i := range clients {
		clients[i] = newClient(s, i)
		if err := clients[i].create(); err != nil {
			t.Fatal(err)
		}
	}
	stop := logAll(clients, 5000)
	for range 2 {
		time.Sleep(time.Second)
		began := time.Now()
		if err := s.end(syscall.SIGTERM); err != nil {
			t.Errorf("the stop: %v", err)
		}
		took := time.Since(began)
		t.Logf("the stop took %v", took.Round(time.Millisecond))
		if took > 10*time.Second {
			t.Errorf("the stop took %v, at most 10 s are allowed", took)
		}
		s.checkFiles()
		s.start()
	}
	stop()
	for _, c := range clients {
		c.verify(t)
	}
}
