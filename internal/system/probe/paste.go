package probe

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/ballast-ml/ballast/internal/system"
)

// Names are what statements to paste are filled in with.
type Names struct {
	Bucket, Prefix, Region, KMSKey string
	Queue                          string // name or URL, "" for none
	Origin                         string
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// document is a statement of AWS as text.
func document(v any) string {
	text, _ := json.MarshalIndent(v, "", "  ") // structs and strings always can
	return string(text)
}

func policy(all ...statement) string {
	return document(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", all})
}

func (n Names) bucketARN() string { return "arn:aws:s3:::" + n.Bucket }

// queueARN has * for what a name alone does not tell.
func (n Names) queueARN() string {
	region, account, name := n.Region, "*", n.Queue
	if u, err := url.Parse(n.Queue); err == nil && u.Host != "" {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if len(parts) == 2 {
			account, name = parts[0], parts[1]
		}
		if host := strings.Split(u.Host, "."); len(host) > 2 && host[0] == "sqs" {
			region = host[1]
		}
	}
	if region == "" {
		region = "*"
	}
	return "arn:aws:sqs:" + region + ":" + account + ":" + name
}

// Policy is what the server's role needs, and no more.
func (n Names) Policy() *system.Fix {
	objects := n.bucketARN() + "/*"
	list := statement{Sid: "BallastList", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: n.bucketARN()}
	if n.Prefix != "" {
		objects = n.bucketARN() + "/" + n.Prefix + "/*"
		list.Condition = map[string]map[string]string{"StringLike": {"s3:prefix": n.Prefix + "/*"}}
	}
	all := []statement{
		{Sid: "BallastObjects", Effect: "Allow", Action: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}, Resource: objects},
		list,
	}
	if n.KMSKey != "" {
		key := n.KMSKey
		if !strings.HasPrefix(key, "arn:") {
			key = "arn:aws:kms:" + n.Region + ":*:key/" + key
		}
		all = append(all, statement{Sid: "BallastKey", Effect: "Allow", Action: []string{"kms:GenerateDataKey", "kms:Decrypt"}, Resource: key})
	}
	if n.Queue != "" {
		all = append(all, n.receive())
	}
	return &system.Fix{Where: "IAM policy of the server's role", Text: policy(all...)}
}

func (n Names) receive() statement {
	return statement{Sid: "BallastNotices", Effect: "Allow", Resource: n.queueARN(),
		Action: []string{"sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}}
}

// QueuePolicy lets the server read the queue.
func (n Names) QueuePolicy() *system.Fix {
	return &system.Fix{Where: "IAM policy of the server's role", Text: policy(n.receive())}
}

// SendPolicy lets the bucket send to the queue, and nobody else.
func (n Names) SendPolicy() *system.Fix {
	return &system.Fix{Where: "Access policy of the queue; then let the bucket notify it of s3:ObjectCreated:*", Text: policy(statement{
		Sid: "BucketNotices", Effect: "Allow", Principal: map[string]string{"Service": "s3.amazonaws.com"}, Action: []string{"sqs:SendMessage"}, Resource: n.queueARN(),
		Condition: map[string]map[string]string{"ArnEquals": {"aws:SourceArn": n.bucketARN()}}})}
}

// CORS is the bucket's configuration for the page's origin.
func (n Names) CORS() *system.Fix {
	return &system.Fix{Where: "CORS configuration of the bucket", Text: document([]any{struct {
		AllowedOrigins, AllowedMethods, AllowedHeaders, ExposeHeaders []string
		MaxAgeSeconds                                                 int
	}{[]string{n.Origin}, []string{"GET", "PUT", "HEAD"}, []string{"*"}, []string{"ETag", "Content-Length", "Content-Range", "Accept-Ranges"}, 3000}})}
}

func (n Names) create() *system.Fix {
	command := "aws s3api create-bucket --bucket " + n.Bucket
	if n.Region != "" && n.Region != "us-east-1" {
		command += " --region " + n.Region + " --create-bucket-configuration LocationConstraint=" + n.Region
	}
	return &system.Fix{Where: "A shell with rights to make buckets", Text: command}
}

// cause is the innermost reason, which names a host and a port but no secret.
func cause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
