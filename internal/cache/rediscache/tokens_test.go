package rediscache_test

import (
	"testing"
	"time"

	"github.com/ballast-ml/ballast/test/service"
)

// TestTokens: two replicas share each caller's tokens; a caller's come back
// with time, and without Redis nobody says anything.
func TestTokens(t *testing.T) {
	server := service.StartRedis(t)
	a, b := open(t, server.URL, nil), open(t, server.URL, nil)
	const slow = 1e-6 // no token comes back during the test
	for i := range 10 {
		at := a
		if i%2 == 1 {
			at = b
		}
		if left, taken, ok := at.Take(t.Context(), "ada", slow, 10); !taken || !ok || int(left+0.5) != 9-i {
			t.Fatalf("token %d: %v left, %v, %v", i, left, taken, ok)
		}
	}
	if left, taken, ok := b.Take(t.Context(), "ada", slow, 10); taken || !ok || left >= 1 {
		t.Errorf("the eleventh token of ten: %v left, %v, %v", left, taken, ok)
	}
	if _, taken, ok := b.Take(t.Context(), "bob", slow, 10); !taken || !ok {
		t.Error("one caller's requests count for another")
	}
	const fast = 20
	for range 5 {
		a.Take(t.Context(), "eve", fast, 1)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, taken, _ := b.Take(t.Context(), "eve", fast, 1); taken {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no token comes back")
		}
	}
	server.Kill()
	if _, taken, ok := a.Take(t.Context(), "ada", slow, 10); taken || ok {
		t.Errorf("without Redis: %v, %v", taken, ok)
	}
}
