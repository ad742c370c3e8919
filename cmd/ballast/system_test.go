package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/ballast-ml/ballast/internal/system"
	"github.com/ballast-ml/ballast/test/service"
)

// settings is an admin at a running server's settings.
type settings struct {
	*serving
	t    *testing.T
	data string
	key  string
	from string // origin of the page, "" for none
}

func newSettings(t *testing.T, flags ...string) *settings {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	s := &settings{t: t, data: data, serving: serveIn(t, data, append([]string{"--revert-after", "1s"}, flags...)...)}
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com", "--admin")
	s.key = strings.TrimSpace(must(t, data, "", "key", "create", "--user", "ada"))
	return s
}

// send asks the server as an admin; into gets the answer when it is good.
func (s *settings) send(method, path string, body, into any) (status int, text string) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Use-Admin-Privileges", "true")
	if s.from != "" {
		r.Header.Set("Origin", s.from)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if into != nil && res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(got, into); err != nil {
			s.t.Fatal(err)
		}
	}
	return res.StatusCode, string(got)
}

type seen struct {
	Revision int64
	State    string
	Sections []struct {
		Settings []struct {
			Name, Value, Source string
			Locked              bool
		}
	}
	Log []struct {
		State, Reason, Actor string
		Changes              []struct{ Name, Was, Now string }
	}
}

func (s *settings) now() (n seen, text string) {
	s.t.Helper()
	status, text := s.send("GET", "/api/system", nil, &n)
	if status != http.StatusOK {
		s.t.Fatalf("the settings: %d %s", status, text)
	}
	return n, text
}

// value is a setting as the page shows it.
func (n seen) value(name string) (value, source string) {
	for _, part := range n.Sections {
		for _, v := range part.Settings {
			if v.Name == name {
				return v.Value, v.Source
			}
		}
	}
	return "", ""
}

// change changes settings and waits until the trial has ended.
func (s *settings) change(values map[string]string) seen {
	s.t.Helper()
	before, _ := s.now()
	if status, text := s.send("PUT", "/api/system", map[string]any{"revision": before.Revision, "values": values}, nil); status != http.StatusOK {
		s.t.Fatalf("changing %v: %d %s", values, status, text)
	}
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if n, _ := s.now(); n.Revision > before.Revision && n.State != "trial" {
			return n
		}
		if time.Now().After(end) {
			s.t.Fatalf("the trial does not end; the log:\n%s", s.log)
		}
	}
}

func (s *settings) test(part, object string, values map[string]string) (r system.Result) {
	s.t.Helper()
	if status, text := s.send("POST", "/api/system/test", map[string]any{"part": part, "object": object, "values": values}, &r); status != http.StatusOK {
		s.t.Fatalf("the test of %s: %d %s", part, status, text)
	}
	return r
}

// cloud is a bucket that tells a queue of its objects.
func cloud(t *testing.T) *service.Moto {
	t.Helper()
	m := service.StartMoto(t)
	id, err := m.AWS.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"AWS_ENDPOINT_URL": m.Endpoint, "AWS_REGION": m.AWS.Region, "AWS_ACCESS_KEY_ID": id.AccessKeyID, "AWS_SECRET_ACCESS_KEY": id.SecretAccessKey} {
		t.Setenv(k, v)
	}
	store := s3.NewFromConfig(m.AWS, func(o *s3.Options) { o.UsePathStyle = true })
	queues := sqs.NewFromConfig(m.AWS)
	for _, name := range []string{"runs", "silent"} {
		if _, err := store.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
			t.Fatal(err)
		}
	}
	q, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("uploads")})
	if err != nil {
		t.Fatal(err)
	}
	at, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String("runs"),
		NotificationConfiguration: &types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{
			{QueueArn: aws.String(at.Attributes["QueueArn"]), Events: []types.Event{"s3:ObjectCreated:*"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSettingsChange changes the bucket of a running server, to a right one
// and to a wrong one: objects go to the right one, the wrong one is taken back.
func TestSettingsChange(t *testing.T) {
	store := service.S3(t)
	id, _ := store.AWS.Credentials.Retrieve(t.Context())
	secret := strings.ReplaceAll(id.SecretAccessKey, " ", "%20")
	at := func(bucket, secret string) string {
		return fmt.Sprintf("s3://%s:%s@%s/%s/deep?tls=false", id.AccessKeyID, secret, strings.TrimPrefix(store.Endpoint, "http://"), bucket)
	}
	s := newSettings(t, "--merge-rate", "8MiB")
	open := http.Client{Transport: &http.Transport{}} // keeps its connection over the change
	n := s.change(map[string]string{"bucket": at(store.Bucket, secret), "crash-after": "7m"})
	if n.State != "kept" || n.Log[0].Actor != "ada" {
		t.Fatalf("the right bucket: %+v", n.Log[0])
	}
	if v, from := n.value("crash-after"); v != "7m" || from != "system settings" {
		t.Errorf("crash-after is %q from %s", v, from)
	}
	if _, text := s.now(); strings.Contains(text, secret) || strings.Contains(text, id.SecretAccessKey) {
		t.Error("the answer holds the secret")
	}
	if v, _ := n.value("bucket"); !strings.Contains(v, store.Bucket) || !strings.Contains(v, "********") {
		t.Errorf("the bucket is shown as %q", v)
	}
	for what, bad := range map[string]string{"locked": "merge-rate", "for the start": "database"} {
		if status, text := s.send("PUT", "/api/system", map[string]any{"revision": n.Revision, "values": map[string]string{bad: "1"}}, nil); status == http.StatusOK {
			t.Errorf("a setting that is %s was changed: %s", what, text)
		}
	}
	if status, _ := s.send("PUT", "/api/system", map[string]any{"revision": n.Revision - 1, "values": map[string]string{"redis": ""}}, nil); status != http.StatusConflict && status != http.StatusBadRequest {
		t.Errorf("a change of an old revision: %d", status)
	}
	n = s.change(map[string]string{"bucket": at("absent", secret)})
	if n.State != "reverted" || !strings.Contains(n.Log[0].Reason, "no bucket absent") {
		t.Fatalf("a bucket that does not exist: %+v", n.Log[0])
	}
	if v, _ := n.value("bucket"); !strings.Contains(v, store.Bucket) {
		t.Errorf("after the revert the bucket is %q", v)
	}
	res, err := open.Get(s.url + "/ready")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("after the changes: %v, %v", res, err)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("the stop: code %d; log:\n%s", code, s.log)
	}
	if strings.Contains(s.log.String(), secret) {
		t.Error("the log holds the secret")
	}
	again := &settings{t: t, data: s.data, key: s.key, serving: serveIn(t, s.data)}
	if v, _ := first(again.now()).value("bucket"); !strings.Contains(v, store.Bucket) {
		t.Errorf("after a restart the bucket is %q", v)
	}
}

func first[T, U any](t T, _ U) T { return t }

// TestSettingsOfRedis: Redis and the database are tried on the spot, and a Redis
// that does not answer is taken back.
func TestSettingsOfRedis(t *testing.T) {
	redis := service.StartRedis(t)
	s := newSettings(t)
	r := s.test("redis", "", map[string]string{"redis": redis.URL})
	if len(r.Steps) != 3 || !r.Steps[2].OK {
		t.Errorf("the test of Redis: %+v", r.Steps)
	}
	r = s.test("redis", "", map[string]string{"redis": strings.Replace(redis.URL, redis.Password, "wrong", 1)})
	if len(r.Steps) != 1 || r.Steps[0].OK || strings.Contains(r.Steps[0].Text, "wrong") {
		t.Errorf("the test of Redis with a wrong password: %+v", r.Steps)
	}
	r = s.test("database", "", nil)
	for _, step := range r.Steps {
		if !step.OK {
			t.Errorf("the database: %+v", step)
		}
	}
	if n := s.change(map[string]string{"redis": redis.URL}); n.State != "kept" {
		t.Errorf("Redis: %+v", n.Log[0])
	}
	if n := s.change(map[string]string{"redis": "redis://127.0.0.1:1/0"}); n.State != "reverted" {
		t.Errorf("a Redis that is not there: %+v", n.Log[0])
	}
}

// TestStorageTest performs the test of a right set-up and of wrong ones.
func TestStorageTest(t *testing.T) {
	cloud(t)
	store := service.S3(t)
	s := newSettings(t)
	right := map[string]string{"bucket": "s3://runs/deep?path-style=true", "bucket-region": "us-east-1", "bucket-queue": "sqs://uploads"}
	r := s.test("storage", "", right)
	names := []string{}
	for _, step := range r.Steps {
		names = append(names, step.Name)
		if !step.OK {
			t.Errorf("the right set-up: %+v", step)
		}
	}
	if len(names) != 8 || r.Object == "" || r.Put == "" {
		t.Errorf("the right set-up had the steps %v, %+v", names, r)
	}
	for _, step := range s.test("storage", r.Object, right).Steps {
		if !step.OK {
			t.Errorf("the end of the right set-up: %+v", step)
		}
	}
	host := strings.TrimPrefix(store.Endpoint, "http://")
	for _, tt := range []struct {
		what   string
		values map[string]string
		step   string // that fails
		text   string
		fix    string
	}{
		{"no such bucket", map[string]string{"bucket": "s3://absent?path-style=true", "bucket-region": "eu-west-1"}, "Reach the bucket", "no bucket absent", "--region eu-west-1"},
		{"a wrong key", map[string]string{"bucket": "s3://ballasttest:wrong@" + host + "/" + store.Bucket + "?tls=false"}, "Reach the bucket", "secret does not belong", ""},
		{"no such queue", map[string]string{"bucket": "s3://runs?path-style=true", "bucket-region": "us-east-1", "bucket-queue": "sqs://absent"}, "Find the queue", "no queue absent", "create-queue --region us-east-1 --queue-name absent"},
		{"no notices", map[string]string{"bucket": "s3://silent?path-style=true", "bucket-region": "us-east-1", "bucket-queue": "sqs://uploads"}, "Notice of a new object", "No notice", `"aws:SourceArn": "arn:aws:s3:::silent"`},
		{"a closed port", map[string]string{"bucket": "s3://a:b@127.0.0.1:1/runs?tls=false"}, "Reach the bucket", "does not answer", ""},
		{"no CORS", map[string]string{"bucket": "s3://ballasttest:not%20a%20secret%20at%20all@" + host + "/" + store.Bucket + "?tls=false"}, "CORS for " + s.url, "CORS", `"` + s.url + `"`},
	} {
		r := s.test("storage", "", tt.values)
		i := 0
		for i < len(r.Steps) && r.Steps[i].OK {
			i++
		}
		if i == len(r.Steps) {
			t.Errorf("%s: no step failed of %+v", tt.what, r.Steps)
			continue
		}
		got := r.Steps[i]
		if got.Name != tt.step || !strings.Contains(got.Text, tt.text) || (got.Fix != nil) != (tt.fix != "") || got.Fix != nil && !strings.Contains(got.Fix.Text, tt.fix) {
			t.Errorf("%s: %+v, fix %+v", tt.what, got, got.Fix)
		}
	}
	status, text := s.send("POST", "/api/system/test", map[string]any{"part": "storage", "values": map[string]string{"bucket": "gs://runs"}}, nil)
	if status != http.StatusBadRequest || !strings.Contains(text, "s3://") {
		t.Errorf("a wrong scheme: %d %s", status, text)
	}
}
