package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/smithy-go"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/notice"
	"github.com/ballast-ml/ballast/internal/notice/sqsnotice"
	"github.com/ballast-ml/ballast/internal/system"
)

// Notice looks whether the bucket's notice of an object comes through a queue.
func (s *Storage) Notice(ctx context.Context, q *sqsnotice.Queue, wait time.Duration, r *system.Result) {
	if !r.Run("Find the queue", func() (string, error) { return "", q.Find(ctx) }, s.explainQueue) {
		return
	}
	r.Run("Notice of a new object", func() (string, error) {
		object := r.Object + ".notice"
		defer s.Bucket.Delete(context.WithoutCancel(ctx), object)
		defer s.Bucket.Delete(context.WithoutCancel(ctx), object+blob.ProbeSeen)
		return s.roundTrip(ctx, q, object, wait)
	}, s.explainQueue)
}

// errSilent says that no notice came.
var errSilent = errors.New("no notice came")

// roundTrip stores an object and waits until its notice comes, here or at a
// server that reads the same queue and leaves a trace.
func (s *Storage) roundTrip(ctx context.Context, q *sqsnotice.Queue, object string, wait time.Duration) (string, error) {
	begun := time.Now()
	if _, err := s.Bucket.Put(ctx, object, http.NoBody, 0); err != nil {
		return "", err
	}
	key := object
	if s.Prefix != "" {
		key = s.Prefix + "/" + object
	}
	ours := func(body []byte) bool {
		all, err := notice.Decode(body)
		for _, o := range all {
			if o.Bucket == s.Names.Bucket && o.Key == key {
				return err == nil
			}
		}
		return false
	}
	for time.Since(begun) < wait {
		came, err := q.Seek(ctx, ours)
		if err != nil {
			return "", err
		}
		if !came {
			_, err := s.Bucket.Stat(ctx, object+blob.ProbeSeen)
			came = err == nil
		}
		if came {
			return fmt.Sprintf("after %d ms", time.Since(begun).Milliseconds()), nil
		}
	}
	return "", errSilent
}

func (s *Storage) explainQueue(err error) (string, *system.Fix) {
	if errors.Is(err, errSilent) {
		return "No notice of the object came: the bucket does not notify this queue, or may not send to it.", s.SendPolicy()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return "The queue's service does not answer (" + cause(err) + ").", nil
	}
	switch api.ErrorCode() {
	case "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist":
		return "There is no queue " + s.Queue + " in the region " + s.Region + ".", &system.Fix{Where: "A shell with rights to make queues", Text: "aws sqs create-queue --region " + s.Region + " --queue-name " + s.Queue}
	case "AccessDenied", "AccessDeniedException":
		return "The queue refuses it: the server's role lacks a permission.", s.QueuePolicy()
	}
	return "Reading the queue: " + api.ErrorCode() + ".", nil
}
