package sqsqueue

import (
	"testing"
	"time"
)

// TestReceipts: a second message of a job is one too many as long as the first
// is hidden, and takes its place after.
func TestReceipts(t *testing.T) {
	var h receipts
	which, now := job{"seal", "run/1"}, time.Now()
	hide := func(message, handle string) receipt { return receipt{message, handle, now.Add(hidden * time.Second)} }
	if !h.take(which, hide("first", "1"), now) || h.take(which, hide("second", "2"), now) {
		t.Error("of two messages not only the first is kept")
	}
	if !h.take(which, hide("first", "3"), now) {
		t.Error("the first one that came again is not kept")
	}
	if r, ok := h.use(which, now.Add(2*time.Minute), false); !ok || r.handle != "3" {
		t.Errorf("in our hands is %+v, %v", r, ok)
	}
	now = now.Add(time.Minute)
	if h.take(which, hide("second", "4"), now) {
		t.Error("a worker has the job, and its message was replaced")
	}
	now = now.Add(time.Minute)
	if !h.take(which, hide("second", "5"), now) {
		t.Error("a message that is not hidden any more keeps another away")
	}
	h.drop(which, receipt{message: "first"})
	h.forget(now)
	if r, ok := h.use(which, now, true); !ok || r.handle != "5" {
		t.Errorf("in our hands is %+v, %v", r, ok)
	}
	h.take(which, hide("third", "6"), now)
	if h.forget(now.Add(time.Minute)); len(h.jobs) != 0 {
		t.Errorf("remembered for ever: %v", h.jobs)
	}
}
