package trial_test

import (
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestKill kills the server with SIGKILL at random moments under load. Enough
// is logged that rows are sealed and merged meanwhile.
func TestKill(t *testing.T) {
	const runs, kills, rows = 3, 5, 120_000
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	s.start()
	clients := make([]*client, runs)
	for i := range clients {
		clients[i] = newClient(s, i)
		if err := clients[i].create(); err != nil {
			t.Fatal(err)
		}
	}
	stop := logAll(clients, rows)
	for range kills {
		time.Sleep(time.Duration(400+rand.IntN(1200)) * time.Millisecond)
		s.end(syscall.SIGKILL)
		s.start()
	}
	for end := time.Now().Add(20 * time.Second); len(s.objects()) < runs && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	if len(s.objects()) < runs {
		t.Errorf("%d objects were sealed: the trial tried nothing", len(s.objects()))
	}
	total, again := 0, 0
	for _, c := range clients {
		// The last request may be under way: what is sent again is not doubled.
		if !c.deliver(nil, c.body(c.acked, 1, true)) {
			t.Error(c.failed)
		}
		c.acked++
		total += c.verify(t)
		again += c.again
	}
	t.Logf("%d rows of %d keys, %d requests sent again, %d sealed objects", total, keysOfRow+1, again, len(s.objects()))
	if again < kills {
		t.Errorf("only %d requests were sent again: the kills hit nothing", again)
	}
}
