// Package queuetest is the conformance suite of queue.Queue. A driver's test
// calls Run; the suite never learns which driver it runs on.
package queuetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/queue"
)

// Run runs the suite. open returns an empty queue.
func Run(t *testing.T, open func(t *testing.T) queue.Queue) {
	tests := []struct {
		name string
		test func(*testing.T, queue.Queue)
	}{
		{"push, pull, done", life},
		{"same names collapse", collapse},
		{"pushed while leased", again},
		{"order and delay", order},
		{"fail", fail},
		{"put off", putOff},
		{"a lease ends", leaseEnds},
		{"given up", buried},
		{"bad jobs", badJobs},
		{"many workers", workers},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			tt.test(t, open(t))
		})
	}
}

// long is longer than the suite takes. short is what it waits for; a call of a
// driver must not take as long.
const (
	long  = time.Hour
	short = 2 * time.Second
)

func push(t *testing.T, q queue.Queue, j queue.Job) {
	t.Helper()
	if j.Queue == "" {
		j.Queue = "q"
	}
	if err := q.Push(t.Context(), j); err != nil {
		t.Fatalf("Push(%s): %v", j.Name, err)
	}
}

// pull takes the next job, "" when there is none.
func pull(t *testing.T, q queue.Queue, lease time.Duration) queue.Lease {
	t.Helper()
	l, ok, err := q.Pull(t.Context(), "q", lease)
	if err != nil {
		t.Fatalf("Pull: %v", err)
	}
	if ok != (l.Name != "") {
		t.Fatalf("Pull = %+v, %v", l, ok)
	}
	return l
}

func want(t *testing.T, l queue.Lease, name, body string, tries int) {
	t.Helper()
	if l.Name != name || string(l.Body) != body || name != "" && (l.Tries != tries || l.Token == "" || l.Queue != "q") {
		t.Fatalf("pulled %q %q, try %d, of %q; want %q %q, try %d", l.Name, l.Body, l.Tries, l.Queue, name, body, tries)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantLost(t *testing.T, what string, err error) {
	t.Helper()
	if !ballast.Is(err, ballast.Conflict) {
		t.Errorf("%s after the lease was lost: %v, want a conflict", what, err)
	}
}

func life(t *testing.T, q queue.Queue) {
	want(t, pull(t, q, long), "", "", 0)
	push(t, q, queue.Job{Name: "a", Body: []byte("body\x00\xff")})
	push(t, q, queue.Job{Queue: "other", Name: "b"})
	l := pull(t, q, long)
	want(t, l, "a", "body\x00\xff", 1)
	want(t, pull(t, q, long), "", "", 0)
	must(t, l.Extend(t.Context(), long))
	must(t, l.Done(t.Context()))
	wantLost(t, "Done", l.Done(t.Context()))
	wantLost(t, "Extend", l.Extend(t.Context(), long))
	wantLost(t, "Fail", l.Fail(t.Context(), nil, 0))
	wantLost(t, "PutOff", l.PutOff(t.Context(), nil, 0))
	want(t, pull(t, q, long), "", "", 0)
	push(t, q, queue.Job{Name: "a"})
	want(t, pull(t, q, long), "a", "", 1)
}

func collapse(t *testing.T, q queue.Queue) {
	for i := range 3 {
		push(t, q, queue.Job{Name: "same", Body: fmt.Append(nil, i)})
	}
	l := pull(t, q, long)
	want(t, l, "same", "2", 1)
	must(t, l.Done(t.Context()))
	want(t, pull(t, q, long), "", "", 0)

	push(t, q, queue.Job{Name: "later", After: long})
	want(t, pull(t, q, long), "", "", 0)
	push(t, q, queue.Job{Name: "later"}) // brought forward
	push(t, q, queue.Job{Name: "later", After: long})
	want(t, pull(t, q, long), "later", "", 1)
}

func again(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "a", Body: []byte("1")})
	l := pull(t, q, long)
	push(t, q, queue.Job{Name: "a", Body: []byte("2")})
	want(t, pull(t, q, long), "", "", 0) // still in the first worker's hands
	must(t, l.Done(t.Context()))
	l = pull(t, q, long)
	want(t, l, "a", "2", 1)
	must(t, l.Done(t.Context()))
	want(t, pull(t, q, long), "", "", 0)
}

func order(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "third", After: short})
	push(t, q, queue.Job{Name: "first"})
	time.Sleep(5 * time.Millisecond)
	push(t, q, queue.Job{Name: "second"})
	want(t, pull(t, q, long), "first", "", 1)
	want(t, pull(t, q, long), "second", "", 1)
	want(t, pull(t, q, long), "", "", 0)
	time.Sleep(short)
	want(t, pull(t, q, long), "third", "", 1)
}

func fail(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "a", Body: []byte("b")})
	l := pull(t, q, long)
	must(t, l.Fail(t.Context(), errors.New(strings.Repeat("the disk is full é", 100)), 0))
	wantLost(t, "Done", l.Done(t.Context()))
	l = pull(t, q, long)
	want(t, l, "a", "b", 2)
	must(t, l.Fail(t.Context(), nil, short))
	want(t, pull(t, q, long), "", "", 0)
	time.Sleep(short)
	want(t, pull(t, q, long), "a", "b", 3)
}

// putOff: tries that were put off do not count, those before and after do.
func putOff(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "a", Body: []byte("b")})
	for range 3 {
		l := pull(t, q, long)
		want(t, l, "a", "b", 1)
		must(t, l.PutOff(t.Context(), errors.New("the bucket does not answer"), 0))
		wantLost(t, "Done", l.Done(t.Context()))
	}
	l := pull(t, q, long)
	want(t, l, "a", "b", 1)
	must(t, l.Fail(t.Context(), errors.New("the rows are damaged"), 0))
	l = pull(t, q, long)
	want(t, l, "a", "b", 2)
	must(t, l.PutOff(t.Context(), nil, short))
	want(t, pull(t, q, long), "", "", 0)
	time.Sleep(short)
	want(t, pull(t, q, long), "a", "b", 2)
}

func leaseEnds(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "a"})
	slow := pull(t, q, short)
	must(t, slow.Extend(t.Context(), 2*short))
	time.Sleep(short)
	want(t, pull(t, q, long), "", "", 0) // extended
	time.Sleep(short)
	l := pull(t, q, long)
	want(t, l, "a", "", 2)
	if l.Token == slow.Token {
		t.Error("two pulls have the same token")
	}
	wantLost(t, "Extend", slow.Extend(t.Context(), long))
	wantLost(t, "Fail", slow.Fail(t.Context(), nil, 0))
	wantLost(t, "Done", slow.Done(t.Context()))
	must(t, l.Done(t.Context()))
}

func buried(t *testing.T, q queue.Queue) {
	push(t, q, queue.Job{Name: "a", Body: []byte("1")})
	push(t, q, queue.Job{Name: "b"})
	l := pull(t, q, long)
	must(t, l.Bury(t.Context(), errors.New("rows are damaged")))
	wantLost(t, "Bury", l.Bury(t.Context(), nil))
	wantLost(t, "Extend", l.Extend(t.Context(), long))
	push(t, q, queue.Job{Name: "a", Body: []byte("2")}) // stays given up
	want(t, pull(t, q, long), "b", "", 1)
	want(t, pull(t, q, long), "", "", 0)

	dead, err := q.Dead(t.Context())
	must(t, err)
	wanted := []queue.Dead{{Job: queue.Job{Queue: "q", Name: "a", Body: []byte("2")}, Tries: 1, Fault: "rows are damaged"}}
	if d := cmp.Diff(wanted, dead); d != "" {
		t.Errorf("given up (-want +got):\n%s", d)
	}
	if err := q.Replay(t.Context(), "q", "b"); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("replaying what was not given up: %v", err)
	}
	must(t, q.Replay(t.Context(), "q", "a"))
	l = pull(t, q, long)
	want(t, l, "a", "2", 1)
	must(t, l.Done(t.Context()))
	if dead, err := q.Dead(t.Context()); err != nil || len(dead) > 0 {
		t.Errorf("after the replay these are given up: %+v, %v", dead, err)
	}
}

func badJobs(t *testing.T, q queue.Queue) {
	big := func(n int) string { return strings.Repeat("x", n) }
	for _, j := range []queue.Job{{Queue: "q"}, {Name: "n"}, {Queue: big(queue.MaxQueue + 1), Name: "n"},
		{Queue: "q", Name: big(queue.MaxName + 1)}, {Queue: "q", Name: "n", Body: make([]byte, queue.MaxBody+1)}} {
		if err := q.Push(t.Context(), j); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("Push of queue %d, name %d, body %d bytes: %v", len(j.Queue), len(j.Name), len(j.Body), err)
		}
	}
	push(t, q, queue.Job{Name: big(queue.MaxName), Body: make([]byte, queue.MaxBody)})
	want(t, pull(t, q, long), big(queue.MaxName), string(make([]byte, queue.MaxBody)), 1)
}

// workers pull at once: each job is in one worker's hands.
func workers(t *testing.T, q queue.Queue) {
	const jobs = 60
	for i := range jobs {
		push(t, q, queue.Job{Name: fmt.Sprint(i)})
	}
	var mu sync.Mutex
	done := map[string]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for empty := 0; empty < 20; {
				l, ok, err := q.Pull(t.Context(), "q", long)
				if err != nil {
					t.Errorf("Pull: %v", err)
					return
				}
				if !ok { // perhaps only because others hold the rows just now
					empty++
					time.Sleep(5 * time.Millisecond)
					continue
				}
				mu.Lock()
				done[l.Name]++
				mu.Unlock()
				if err := l.Done(t.Context()); err != nil {
					t.Errorf("Done: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for i := range jobs {
		if done[fmt.Sprint(i)] != 1 {
			t.Errorf("job %d was pulled %d times", i, done[fmt.Sprint(i)])
		}
	}
}
