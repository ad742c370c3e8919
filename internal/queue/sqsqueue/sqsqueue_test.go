package sqsqueue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/queuetest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/internal/queue/sqsqueue"
	"github.com/ballast-ml/ballast/test/service"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// stage is a moto and its queues.
type stage struct {
	*service.Moto
	client *sqs.Client
	made   atomic.Int32
}

func newStage(t *testing.T) *stage {
	st := &stage{Moto: service.StartMoto(t)}
	st.client = sqs.NewFromConfig(st.AWS)
	return st
}

// bell makes an empty queue and returns its name and URL.
func (st *stage) bell(t *testing.T) (name, url string) {
	t.Helper()
	name = fmt.Sprintf("jobs-%d", st.made.Add(1))
	out, err := st.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return name, *out.QueueUrl
}

func (st *stage) open(t *testing.T, db *meta.DB, name string) *sqsqueue.Queue {
	t.Helper()
	q, err := sqsqueue.Open(sqlqueue.New(db), st.AWS, "sqs://"+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// listen runs a queue until the test ends; what rings comes out.
func listen(t *testing.T, q *sqsqueue.Queue) <-chan string {
	rung := make(chan string, 1000)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { q.Run(ctx, func(name string) { rung <- name }); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return rung
}

func await(t *testing.T, rung <-chan string) {
	t.Helper()
	select {
	case name := <-rung:
		if name != "seal" {
			t.Fatalf("the bell rings for %q", name)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the bell does not ring")
	}
}

// messages returns how many messages wait and how many are hidden.
func (st *stage) messages(t *testing.T, url string) (waiting, hidden int) {
	t.Helper()
	out, err := st.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	waiting, _ = strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
	hidden, _ = strconv.Atoi(out.Attributes["ApproximateNumberOfMessagesNotVisible"])
	return waiting, hidden
}

func (st *stage) awaitMessages(t *testing.T, url string, waiting, hidden int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		w, h := st.messages(t, url)
		if w == waiting && h == hidden {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages wait and %d are hidden, want %d and %d", w, h, waiting, hidden)
		}
	}
}

// TestQueue starts one SQS for all, which takes longer than they do.
func TestQueue(t *testing.T) {
	st := newStage(t)
	t.Run("suite", func(t *testing.T) {
		queuetest.Run(t, func(t *testing.T) queue.Queue {
			name, _ := st.bell(t)
			q := st.open(t, metatest.Open(t), name)
			listen(t, q)
			return q
		})
	})
	t.Run("bell", st.bellRings)
	t.Run("doubled, late, foreign", st.oddMessages)
	t.Run("done elsewhere", st.doneElsewhere)
	t.Run("given up", st.givenUp)
	t.Run("receipt gone", st.receiptGone)
	t.Run("gone", st.gone) // the last: SQS ends
}

func pull(t *testing.T, q queue.Queue) queue.Lease {
	t.Helper()
	l, ok, err := q.Pull(t.Context(), "seal", time.Minute)
	if err != nil || !ok {
		t.Fatalf("Pull: %v, %v", ok, err)
	}
	return l
}

// bellRings: what one replica pushes rings at another; the message is hidden
// while the job is worked on, comes back when it fails, and goes with it.
func (st *stage) bellRings(t *testing.T) {
	db := metatest.Open(t)
	name, url := st.bell(t)
	here, there := st.open(t, db, name), st.open(t, db, name)
	rung := listen(t, there)
	if err := here.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/1"}); err != nil {
		t.Fatal(err)
	}
	await(t, rung)
	l := pull(t, there)
	st.awaitMessages(t, url, 0, 1)
	if err := l.Extend(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := l.Fail(t.Context(), errors.New("the bucket does not answer"), 0); err != nil {
		t.Fatal(err)
	}
	await(t, rung)
	if err := pull(t, there).Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.awaitMessages(t, url, 0, 0)
}

// oddMessages: twenty messages of one job, those of a job that is
// done, and those of somebody else lead to one job done once, and go.
func (st *stage) oddMessages(t *testing.T) {
	db := metatest.Open(t)
	name, url := st.bell(t)
	for _, body := range []string{"", `{"queue":"seal","name":"run/9"}`, `{"Records":[]}`, "hello"} {
		for range 3 {
			_, err := st.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(body + " ")})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	q := st.open(t, db, name)
	for range 20 {
		if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/1"}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, listen(t, q))
	st.awaitMessages(t, url, 0, 1)
	if err := pull(t, q).Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l, ok, err := q.Pull(t.Context(), "seal", time.Minute); ok || err != nil {
		t.Errorf("done once, the job is there again: %+v %v", l, err)
	}
	st.awaitMessages(t, url, 0, 0)
}

// doneElsewhere: a message whose job another worker did does not keep the bell
// from ringing for the next one of that name.
func (st *stage) doneElsewhere(t *testing.T) {
	db := metatest.Open(t)
	name, url := st.bell(t)
	here, there := st.open(t, db, name), st.open(t, db, name)
	rung := listen(t, there)
	for range 3 {
		if err := here.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/1"}); err != nil {
			t.Fatal(err)
		}
		await(t, rung)
		if err := pull(t, here).Done(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	st.awaitMessages(t, url, 0, 1)
}

// givenUp: a message of a job that was given up goes; a replay rings.
func (st *stage) givenUp(t *testing.T) {
	db := metatest.Open(t)
	name, url := st.bell(t)
	q := st.open(t, db, name)
	rung := listen(t, q)
	push := func() {
		t.Helper()
		if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/1"}); err != nil {
			t.Fatal(err)
		}
	}
	push()
	await(t, rung)
	if err := pull(t, q).Bury(t.Context(), errors.New("the rows are damaged")); err != nil {
		t.Fatal(err)
	}
	push()
	st.awaitMessages(t, url, 0, 0)
	if err := q.Replay(t.Context(), "seal", "run/1"); err != nil {
		t.Fatal(err)
	}
	await(t, rung)
	if err := pull(t, q).Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.awaitMessages(t, url, 0, 0)
}

// receiptGone: a message that went while its job is worked on is nobody's
// fault: nothing is logged, and the next job rings.
func (st *stage) receiptGone(t *testing.T) {
	db := metatest.Open(t)
	name, url := st.bell(t)
	var log bytes.Buffer
	q, err := sqsqueue.Open(sqlqueue.New(db), st.AWS, "sqs://"+name, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	rung := listen(t, q)
	if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/1"}); err != nil {
		t.Fatal(err)
	}
	await(t, rung)
	if _, err := st.client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &url}); err != nil {
		t.Fatal(err)
	}
	l := pull(t, q)
	if err := errors.Join(l.Extend(t.Context(), time.Minute), l.Done(t.Context())); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(log.String(), "does not work") {
		t.Errorf("the log blames the bell:\n%s", log.String())
	}
	if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/2"}); err != nil {
		t.Fatal(err)
	}
	await(t, rung)
}

// gone: without SQS jobs are pushed and pulled all the same.
func (st *stage) gone(t *testing.T) {
	db := metatest.Open(t)
	name, _ := st.bell(t)
	q := st.open(t, db, name)
	st.Kill()
	begun := time.Now()
	for i := range 50 {
		if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: fmt.Sprint("run/", i)}); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		if err := pull(t, q).Done(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// Each push waiting for SQS would take two seconds.
	if took := time.Since(begun); took > 40*time.Second {
		t.Errorf("50 jobs took %v", took)
	}
}

func TestBadAddress(t *testing.T) {
	for _, address := range []string{"", "sqs://", "sqs://a b", "sqs://user:hunter2@host/q", "sqs://jobs.fifo"} {
		_, err := sqsqueue.Open(nil, aws.Config{}, address, nil)
		if !ballast.Is(err, ballast.Invalid) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%q: %v, want Invalid", address, err)
		}
	}
}
