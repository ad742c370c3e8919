package sqsqueue

import (
	"sync"
	"time"
)

// receipt is a message in our hands.
type receipt struct {
	message string
	handle  string
	until   time.Time // it is hidden from others
}

// receipts are the messages in our hands, one of each job at most.
type receipts struct {
	mu   sync.Mutex
	jobs map[job]receipt
}

// take notes a message of a job. It is false for a second one of the same job,
// unless the first is not hidden any more: that one comes again by itself.
func (h *receipts) take(which job, r receipt, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if first, ok := h.jobs[which]; ok && first.message != r.message && now.Before(first.until) {
		return false
	}
	if h.jobs == nil {
		h.jobs = map[job]receipt{}
	}
	h.jobs[which] = r
	return true
}

// use returns the message of a job, which will be hidden until a time, or with
// give is not ours any more.
func (h *receipts) use(which job, until time.Time, give bool) (receipt, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.jobs[which]
	switch {
	case give:
		delete(h.jobs, which)
	case ok:
		r.until = until
		h.jobs[which] = r
	}
	return r, ok
}

// drop takes a message out of our hands, if it still is the job's.
func (h *receipts) drop(which job, r receipt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.jobs[which].message == r.message {
		delete(h.jobs, which)
	}
}

// forget drops messages that are not hidden since before a time.
func (h *receipts) forget(before time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for which, r := range h.jobs {
		if r.until.Before(before) {
			delete(h.jobs, which)
		}
	}
}
