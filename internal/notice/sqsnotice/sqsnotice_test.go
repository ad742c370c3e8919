package sqsnotice_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/notice"
	"github.com/ballast-ml/ballast/internal/notice/sqsnotice"
	"github.com/ballast-ml/ballast/test/service"
)

// stage is a bucket that sends its notices to a queue, with dead letters.
type stage struct {
	*service.Moto
	queue *sqs.Client
	url   string // of the queue
	dead  string // of its dead letters
}

func newStage(t *testing.T) *stage {
	t.Helper()
	st := &stage{Moto: service.StartMoto(t)}
	st.queue = sqs.NewFromConfig(st.AWS)
	make := func(name string, attributes map[string]string) string {
		out, err := st.queue.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	const arn = "arn:aws:sqs:us-east-1:123456789012:"
	st.dead = make("notices-dead", nil)
	st.url = make("notices", map[string]string{"VisibilityTimeout": "1",
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"%snotices-dead","maxReceiveCount":"2"}`, arn)})
	bucket := s3.NewFromConfig(st.AWS, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := bucket.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("runs")})
	if err == nil {
		_, err = bucket.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String("runs"),
			NotificationConfiguration: &types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{
				{QueueArn: aws.String(arn + "notices"), Events: []types.Event{"s3:ObjectCreated:*"}}}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// send puts a message into the queue.
func (st *stage) send(t *testing.T, body string) {
	t.Helper()
	if _, err := st.queue.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &st.url, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

// follow runs a queue until the test ends.
func follow(t *testing.T, q *sqsnotice.Queue, take func(context.Context, []byte) error) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { q.Run(ctx, take); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 40 s", what)
		}
	}
}

// TestUploads: a client stores a file by a presigned URL and dies before it
// says so. The store's notice makes it a file all the same, once.
func TestUploads(t *testing.T) {
	st, db := newStage(t), metatest.Open(t)
	var run ballast.Run
	err := db.Write(t.Context(), "test", func(tx *meta.Tx) error {
		u, err := tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, "")
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(u.EntityID, "p", u.ID, time.Now())
		if err != nil {
			return err
		}
		run, err = tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "r", UserID: u.ID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	stores := map[int]blob.Bucket{1: s3blob.Open(s3blob.Options{AWS: st.AWS, Bucket: "runs", Prefix: "deep", Endpoint: st.Endpoint, PathStyle: true})}
	files := file.New(db, file.Options{Stores: stores, Store: 1})
	up, _, err := files.Reserve(t.Context(), run, []string{"model.bin"})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPut, up[0].URL, strings.NewReader("weights"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("PUT: %v %v", resp, err)
	}
	q, err := sqsnotice.Open(st.AWS, "sqs://notices", nil)
	if err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int32
	notices := notice.New(files, stores, []notice.Place{{Bucket: "runs", Prefix: "deep", Store: 1}}, nil)
	follow(t, q, func(ctx context.Context, body []byte) error {
		defer taken.Add(1)
		return notices.Take(ctx, body)
	})
	var found ballast.File
	await(t, "the file", func() (ok bool) {
		found, ok, err = files.Stored(t.Context(), up[0].Object)
		return ok && err == nil
	})
	if found.Name != "model.bin" || found.Bytes != 7 {
		t.Errorf("the file is %+v", found)
	}
	before := taken.Load()
	for range 20 { // the same notice again and again
		st.send(t, fmt.Sprintf(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"runs"},"object":{"key":"deep/%s"}}}]}`, up[0].Object))
	}
	await(t, "the repeated notices", func() bool { return taken.Load() >= before+20 })
	if again, _, err := files.Stored(t.Context(), up[0].Object); err != nil || cmp.Diff(found, again) != "" {
		t.Errorf("after twenty notices more the file is %+v, %v; it was %+v", again, err, found)
	}
}

// TestFaults: what fails comes again, and at last goes to the dead letters; the
// rest of its batch is done meanwhile.
func TestFaults(t *testing.T) {
	st := newStage(t)
	q, err := sqsnotice.Open(st.AWS, "sqs://"+st.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	st.send(t, "good")
	st.send(t, "bad")
	var good, bad atomic.Int32
	follow(t, q, func(_ context.Context, body []byte) error {
		switch string(body) {
		case "good":
			good.Add(1)
		case "bad":
			bad.Add(1)
			return errors.New("the database does not answer")
		}
		return nil
	})
	await(t, "the dead letter", func() bool {
		out, err := st.queue.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &st.dead})
		return err == nil && len(out.Messages) == 1 && *out.Messages[0].Body == "bad"
	})
	if good.Load() != 1 || bad.Load() != 2 {
		t.Errorf("taken: the good one %d times, the bad one %d times; want 1 and 2", good.Load(), bad.Load())
	}
}

func TestBadAddress(t *testing.T) {
	for _, address := range []string{"", "sqs://", "sqs://a b", "sqs://user:hunter2@host/q"} {
		_, err := sqsnotice.Open(aws.Config{}, address, nil)
		if !ballast.Is(err, ballast.Invalid) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%q: %v, want Invalid", address, err)
		}
	}
}
