// Package sqsnotice receives a bucket's notices from a queue of Amazon SQS, or
// of a server that speaks its protocol.
package sqsnotice

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/ballast-ml/ballast"
)

const (
	batch = 10 // messages of one call, the most that SQS gives
	wait  = 20 // seconds that a call waits for a first one, the most that SQS allows
	// pause is how long the queue is left alone after a fault, at first and at
	// most.
	pause, longest = time.Second, time.Minute
)

// Queue is a queue of notices.
type Queue struct {
	client *sqs.Client
	name   string // or URL
	url    string
	log    *slog.Logger
}

// Open returns the queue at sqs://NAME, or at its URL, with or without
// "sqs://" before it. It asks nothing yet.
func Open(c aws.Config, address string, log *slog.Logger) (*Queue, error) {
	name := strings.TrimPrefix(address, "sqs://")
	if name == "" || strings.ContainsAny(name, " ?#@") {
		return nil, ballast.Errorf(ballast.Invalid, "the queue's address is sqs://NAME or sqs://https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Queue{client: sqs.NewFromConfig(c), name: name, log: log}, nil
}

// Run hands each message to take, and deletes it when take was well. A message
// that take failed on comes again when its visibility timeout ends, and goes to
// the dead letters when the queue's redrive policy says so. Run ends with ctx.
func (q *Queue) Run(ctx context.Context, take func(context.Context, []byte) error) {
	rest := pause
	for ctx.Err() == nil {
		err := q.round(ctx, take)
		if err == nil {
			rest = pause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		q.log.Warn("the bucket's notices wait: clients report their uploads themselves meanwhile", "queue", q.name, "error", err, "again in", rest)
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
		rest = min(2*rest, longest)
	}
}

// round receives once and acts on what came.
func (q *Queue) round(ctx context.Context, take func(context.Context, []byte) error) error {
	if err := q.locate(ctx); err != nil {
		return err
	}
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: batch, WaitTimeSeconds: wait})
	if err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "receiving from the queue %s (sqs:ReceiveMessage)", q.name)
	}
	var done []types.DeleteMessageBatchRequestEntry
	var faults []error
	for _, m := range out.Messages {
		if err := take(ctx, []byte(aws.ToString(m.Body))); err != nil {
			faults = append(faults, err)
			continue
		}
		done = append(done, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	if len(done) > 0 {
		// One that is not deleted comes again, which does no harm.
		if _, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: done}); err != nil {
			faults = append(faults, ballast.Wrap(ballast.Unavailable, err, "deleting from the queue %s (sqs:DeleteMessage)", q.name))
		}
	}
	return errors.Join(faults...)
}

// Find looks for the queue.
func (q *Queue) Find(ctx context.Context) error { return q.locate(ctx) }

// Seek receives once, for two seconds at most, and deletes the message that is
// wanted; the others are at once there for whoever reads the queue.
func (q *Queue) Seek(ctx context.Context, wanted func([]byte) bool) (found bool, err error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: batch, WaitTimeSeconds: 2, VisibilityTimeout: 30})
	if err != nil {
		return false, ballast.Wrap(ballast.Unavailable, err, "receiving from the queue %s (sqs:ReceiveMessage)", q.name)
	}
	for _, m := range out.Messages {
		if wanted([]byte(aws.ToString(m.Body))) {
			found = true
			_, err = q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle})
		} else {
			_, err = q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0})
		}
		if err != nil {
			return found, ballast.Wrap(ballast.Unavailable, err, "giving a message back to the queue %s (sqs:DeleteMessage, sqs:ChangeMessageVisibility)", q.name)
		}
	}
	return found, nil
}

// locate finds the queue's URL by its name, once.
func (q *Queue) locate(ctx context.Context) error {
	if q.url != "" {
		return nil
	}
	if strings.Contains(q.name, "://") {
		q.url = q.name
		return nil
	}
	out, err := q.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.name})
	if err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "looking for the queue %s (sqs:GetQueueUrl)", q.name)
	}
	q.url = aws.ToString(out.QueueUrl)
	return nil
}
