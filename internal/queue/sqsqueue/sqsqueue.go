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
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

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
	forgotten     = 15 * time.Minute // receipts whose messages are not hidden any more
)

// Queue implements [queue.Queue].
type Queue struct {
	*sqlqueue.Queue
	client *sqs.Client
	name   string // or URL
	log    *slog.Logger
	muted  atomic.Int64 // until then, in Unix nanoseconds, no message is sent
	blamed atomic.Int64 // until then no fault of a message that was received is logged

	held receipts

	mu  sync.Mutex
	url string
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
	return &Queue{Queue: jobs, client: sqs.NewFromConfig(c), name: name, log: log}, nil
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
	q.ask(ctx, "sqs:SendMessage", &q.muted, func(ctx context.Context, url *string) error {
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

// PutOff implements [queue.Holder]. The message comes back when the job is due.
func (q *Queue) PutOff(ctx context.Context, l queue.Lease, cause error, after time.Duration) error {
	if err := q.Queue.PutOff(ctx, l, cause, after); err != nil {
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
	which := job{l.Queue, l.Name}
	d = min(d, longestHidden)
	r, ok := q.held.use(which, time.Now().Add(d), give)
	if !ok {
		return
	}
	seconds := int32((d + time.Second - 1) / time.Second)
	q.ask(ctx, "sqs:ChangeMessageVisibility", &q.blamed, func(ctx context.Context, url *string) error {
		_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: &r.handle, VisibilityTimeout: seconds})
		if gone(err) {
			q.held.drop(which, r)
			return nil
		}
		return err
	})
}

// drop deletes the job's message, when it is in our hands.
func (q *Queue) drop(ctx context.Context, l queue.Lease) {
	if r, ok := q.held.use(job{l.Queue, l.Name}, time.Time{}, true); ok {
		q.delete(ctx, r.handle)
	}
}

func (q *Queue) delete(ctx context.Context, handle string) {
	q.ask(ctx, "sqs:DeleteMessage", &q.blamed, func(ctx context.Context, url *string) error {
		_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: &handle})
		if gone(err) {
			return nil
		}
		return err
	})
}

// gone reports whether a receipt is of no use any more: its message was
// received by another, deleted, or hidden for as long as SQS allows. That says
// nothing about the bell.
func gone(err error) bool {
	var refusal smithy.APIError
	if !errors.As(err, &refusal) {
		return false
	}
	switch strings.TrimPrefix(refusal.ErrorCode(), "AWS.SimpleQueueService.") {
	case "InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid":
		return true
	}
	return false
}

// ask calls SQS with little patience. A fault is logged, once for a while, and
// noted in quiet: it costs time until somebody looks, nothing else.
func (q *Queue) ask(ctx context.Context, right string, quiet *atomic.Int64, call func(context.Context, *string) error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url, err := q.locate(ctx)
	if err == nil {
		err = call(ctx, url)
	}
	if err == nil || ctx.Err() == context.Canceled {
		return
	}
	if now := time.Now(); quiet.Swap(now.Add(rest).UnixNano()) < now.UnixNano() {
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
	q.held.forget(time.Now().Add(-forgotten))
	for _, m := range out.Messages {
		now := time.Now()
		r := receipt{aws.ToString(m.MessageId), aws.ToString(m.ReceiptHandle), now.Add(hidden * time.Second)}
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
		if !known || !q.held.take(which, r, now) {
			q.delete(ctx, r.handle)
		}
		if known {
			ring(which.Queue) // also for a second message: the first may be of a time that another worker ended
		}
	}
	return nil
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
