// Package sqsqueue adds a doorbell in Amazon SQS, or a server that speaks its
// protocol, to the queue in the metadata database. The job is the row there; a
// message only says that there is one, so that a worker elsewhere looks at
// once. A message that is lost, doubled or late changes nothing but when the
// next look is. While a worker has the job its message stays hidden; when the
// worker dies it comes back and calls the next one.
//
// The queue must be a standard one: FIFO queues take no delay by message.
package sqsqueue

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

const (
	batch = 10 // messages of one call, the most that SQS gives
	wait  = 20 // seconds that a call waits for a first one, the most that SQS allows
	// hidden is how long a message stays with who received it before the job is
	// pulled, in seconds.
	hidden = 30
	// longestDelay and longestHidden are SQS's limits.
	longestDelay  = 15 * time.Minute
	longestHidden = 12 * time.Hour
	patience      = 2 * time.Second  // with one call that a worker waits for
	rest          = 10 * time.Second // after one that failed: the bell is left alone
	pause         = time.Second      // between receives that fail, at first
	longestPause  = time.Minute
	forgotten     = 15 * time.Minute // receipts of jobs that others did
)

// Queue implements [queue.Queue].
type Queue struct {
	*sqlqueue.Queue
	client *sqs.Client
	name   string // or URL
	log    *slog.Logger
	muted  atomic.Int64 // until then, in Unix nanoseconds, no message is sent

	mu   sync.Mutex
	url  string
	held map[job]receipt
}

var (
	_ queue.Queue  = (*Queue)(nil)
	_ queue.Holder = (*Queue)(nil)
)

// job is what a message says.
type job struct {
	Queue string `json:"queue"`
	Name  string `json:"name"`
}

// receipt is a message in our hands.
type receipt struct {
	message string
	handle  string
	at      time.Time
}

// Open returns the queue of a store with a bell at sqs://NAME, or at its URL
// after "sqs://". It asks nothing yet.
func Open(jobs *sqlqueue.Queue, c aws.Config, address string, log *slog.Logger) (*Queue, error) {
	name := strings.TrimPrefix(address, "sqs://")
	if name == "" || strings.ContainsAny(name, " ?#@") {
		return nil, ballast.Errorf(ballast.Invalid, "the queue's address is sqs://NAME or sqs://https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
	}
	if strings.HasSuffix(name, ".fifo") {
		return nil, ballast.Errorf(ballast.Invalid, "the queue %s is a FIFO queue: jobs need a standard one", name)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Queue{Queue: jobs, client: sqs.NewFromConfig(c), name: name, log: log, held: map[job]receipt{}}, nil
}

// Push implements [queue.Queue]. A message that cannot be sent is no fault:
// workers look by themselves now and then.
func (q *Queue) Push(ctx context.Context, j queue.Job) error {
	if err := q.Queue.Push(ctx, j); err != nil {
		return err
	}
	q.ring(ctx, job{j.Queue, j.Name}, j.After)
	return nil
}

// Replay implements [queue.Queue].
func (q *Queue) Replay(ctx context.Context, name, which string) error {
	if err := q.Queue.Replay(ctx, name, which); err != nil {
		return err
	}
	q.ring(ctx, job{name, which}, 0)
	return nil
}

func (q *Queue) ring(ctx context.Context, j job, after time.Duration) {
	if time.Now().UnixNano() < q.muted.Load() {
		return
	}
	body, err := json.Marshal(j)
	if err != nil {
		return // names always marshal
	}
	q.ask(ctx, "sqs:SendMessage", func(ctx context.Context, url *string) error {
		_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(string(body)),
			DelaySeconds: int32(min(after, longestDelay) / time.Second)})
		return err
	})
}

// Pull implements [queue.Queue]. The message stays hidden as long as the lease.
func (q *Queue) Pull(ctx context.Context, name string, lease time.Duration) (queue.Lease, bool, error) {
	l, ok, err := q.Queue.Pull(ctx, name, lease)
	if ok {
		l.Holder = q
		q.hide(ctx, l, lease, false)
	}
	return l, ok, err
}

// Extend implements [queue.Holder].
func (q *Queue) Extend(ctx context.Context, l queue.Lease, lease time.Duration) error {
	if err := q.Queue.Extend(ctx, l, lease); err != nil {
		return err
	}
	q.hide(ctx, l, lease, false)
	return nil
}

// Done implements [queue.Holder].
func (q *Queue) Done(ctx context.Context, l queue.Lease) error {
	if err := q.Queue.Done(ctx, l); err != nil {
		return err
	}
	q.drop(ctx, l)
	return nil
}

// Fail implements [queue.Holder]. The message comes back when the job is due.
func (q *Queue) Fail(ctx context.Context, l queue.Lease, cause error, after time.Duration) error {
	if err := q.Queue.Fail(ctx, l, cause, after); err != nil {
		return err
	}
	q.hide(ctx, l, after, true)
	return nil
}

// Bury implements [queue.Holder].
func (q *Queue) Bury(ctx context.Context, l queue.Lease, cause error) error {
	if err := q.Queue.Bury(ctx, l, cause); err != nil {
		return err
	}
	q.drop(ctx, l)
	return nil
}

// hide keeps the job's message from others for a while; give says that it is
// not ours any more.
func (q *Queue) hide(ctx context.Context, l queue.Lease, d time.Duration, give bool) {
	r, ok := q.receipt(l, give)
	if !ok {
		return
	}
	seconds := int32((min(d, longestHidden) + time.Second - 1) / time.Second)
	q.ask(ctx, "sqs:ChangeMessageVisibility", func(ctx context.Context, url *string) error {
		_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: &r.handle, VisibilityTimeout: seconds})
		return err
	})
}

// drop deletes the job's message, when it is in our hands.
func (q *Queue) drop(ctx context.Context, l queue.Lease) {
	if r, ok := q.receipt(l, true); ok {
		q.delete(ctx, r.handle)
	}
}

func (q *Queue) delete(ctx context.Context, handle string) {
	q.ask(ctx, "sqs:DeleteMessage", func(ctx context.Context, url *string) error {
		_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: &handle})
		return err
	})
}

func (q *Queue) receipt(l queue.Lease, give bool) (receipt, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	which := job{l.Queue, l.Name}
	r, ok := q.held[which]
	if give {
		delete(q.held, which)
	}
	return r, ok
}

// ask calls SQS with little patience. A fault is logged, once for a while: it
// costs time until somebody looks, nothing else.
func (q *Queue) ask(ctx context.Context, right string, call func(context.Context, *string) error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url, err := q.locate(ctx)
	if err == nil {
		err = call(ctx, url)
	}
	if err == nil || ctx.Err() == context.Canceled {
		return
	}
	if now := time.Now(); q.muted.Swap(now.Add(rest).UnixNano()) < now.UnixNano() {
		q.log.Warn("the bell of the queue of jobs does not work: workers look for jobs by themselves, which takes longer", "queue", q.name, "right", right, "error", err)
	}
}

// Run receives messages and calls ring with the name of the queue that has a
// job, until ctx ends.
func (q *Queue) Run(ctx context.Context, ring func(string)) {
	for again := pause; ctx.Err() == nil; {
		err := q.round(ctx, ring)
		if err == nil {
			again = pause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		q.log.Warn("no bell is heard from the queue of jobs: workers look for jobs by themselves meanwhile", "queue", q.name, "error", err, "again in", again)
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
		again = min(2*again, longestPause)
	}
}

// round receives once.
func (q *Queue) round(ctx context.Context, ring func(string)) error {
	url, err := q.locate(ctx)
	if err != nil {
		return err
	}
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: batch, WaitTimeSeconds: wait, VisibilityTimeout: hidden})
	if err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "receiving from the queue %s (sqs:ReceiveMessage)", q.name)
	}
	q.forget(time.Now().Add(-forgotten))
	for _, m := range out.Messages {
		r := receipt{aws.ToString(m.MessageId), aws.ToString(m.ReceiptHandle), time.Now()}
		var which job
		if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &which); err != nil || which.Queue == "" {
			q.log.Warn("a message that names no job was dropped", "queue", q.name, "message", r.message)
			q.delete(ctx, r.handle)
			continue
		}
		known, err := q.Known(ctx, which.Queue, which.Name)
		if err != nil {
			return err // the message comes back
		}
		if !known || !q.take(which, r) {
			q.delete(ctx, r.handle)
			continue
		}
		ring(which.Queue)
	}
	return nil
}

// take notes a message of a job. It is false for a second one of the same job.
func (q *Queue) take(which job, r receipt) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if other, ok := q.held[which]; ok && other.message != r.message {
		return false
	}
	q.held[which] = r
	return true
}

// forget drops receipts that came before a time.
func (q *Queue) forget(before time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for which, r := range q.held {
		if r.at.Before(before) {
			delete(q.held, which)
		}
	}
}

// locate finds the queue's URL by its name, once.
func (q *Queue) locate(ctx context.Context) (*string, error) {
	q.mu.Lock()
	url := q.url
	q.mu.Unlock()
	if url != "" {
		return &url, nil
	}
	if url = q.name; !strings.Contains(url, "://") {
		out, err := q.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.name})
		if err != nil {
			return nil, ballast.Wrap(ballast.Unavailable, err, "looking for the queue %s (sqs:GetQueueUrl)", q.name)
		}
		url = aws.ToString(out.QueueUrl)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.url = url
	return &url, nil
}
