package graph

import (
	"sync"
	"time"
)

// handoverFor is how long a secret waits for who asked for it.
const handoverFor = time.Minute

// handover keeps the key of a service account from the mutation that made it to
// the next look at the team's members: wandb.Api knows no other way to hand it
// over. Only who made the account gets it, once, from the same process.
type handover struct {
	mu      sync.Mutex
	waiting map[int64]handed // by account
}

type handed struct {
	maker  int64
	secret string
	until  time.Time
}

func (h *handover) leave(account, maker int64, secret string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[int64]handed{}
	}
	h.drop(now)
	h.waiting[account] = handed{maker, secret, now.Add(handoverFor)}
}

// take returns the secret, "" when there is none for the one who asks.
func (h *handover) take(account, maker int64, now time.Time) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(now)
	got, ok := h.waiting[account]
	if !ok || got.maker != maker {
		return ""
	}
	delete(h.waiting, account)
	return got.secret
}

func (h *handover) drop(now time.Time) {
	for account, w := range h.waiting {
		if now.After(w.until) {
			delete(h.waiting, account)
		}
	}
}
