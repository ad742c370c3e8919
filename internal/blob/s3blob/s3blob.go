// Package s3blob keeps objects in a bucket of Amazon S3 or of a server that
// speaks its protocol. Clients reach objects by presigned URLs (AWS Signature
// Version 4), so that the bytes of files never pass through the server.
package s3blob

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	transfertypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// partSize is the piece in which a large object is sent: a Put holds
// putParts of them in memory at most.
const (
	partSize = 8 << 20
	putParts = 2
)

// Options say which bucket, and how it is reached.
type Options struct {
	AWS       aws.Config
	Bucket    string
	Prefix    string // of all names, without slashes at its ends; "" for none
	Endpoint  string // of a compatible server, "" for Amazon's
	PathStyle bool   // the bucket is in the path, not in the host's name
	KMSKey    string // id or ARN of the key that encrypts; "" leaves it to the bucket's default
	Attempts  int    // of a call, the first included; 0: 5
}

// Bucket is a bucket, or a folder of one. It implements [blob.Bucket].
type Bucket struct {
	o        Options
	prefix   string // with its slash
	client   *s3.Client
	presign  *s3.PresignClient
	transfer *transfermanager.Client
	now      func() time.Time
}

var _ blob.Bucket = (*Bucket)(nil)

// Open returns a bucket. It asks the store nothing; see [Bucket.Check].
func Open(o Options) *Bucket {
	client := s3.NewFromConfig(o.AWS, func(s *s3.Options) {
		s.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			s.BaseEndpoint = &o.Endpoint
		}
		s.Retryer = retryer(o.Attempts)
		// A checksum that nobody asked for would be signed into presigned URLs.
		s.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	b := &Bucket{o: o, client: client, presign: s3.NewPresignClient(client), now: time.Now}
	if o.Prefix != "" {
		b.prefix = o.Prefix + "/"
	}
	b.transfer = transfermanager.New(client, func(t *transfermanager.Options) {
		t.PartSizeBytes = partSize
		t.MultipartUploadThreshold = partSize
		t.Concurrency = putParts
		t.FailTimeout = 10 * time.Second // to drop the parts of a Put that was cancelled
	})
	return b
}

// retryer tries a call up to five times, or as often as is said, with jitter
// between. It knows errors of 409 that mean "again": Amazon's for two calls on
// one object, versitygw's for a folder that goes while an object comes there.
func retryer(attempts int) aws.Retryer {
	if attempts == 0 {
		attempts = 5
	}
	passing := map[string]struct{}{"OperationAborted": {}, "ConditionalRequestConflict": {}, "ExistingObjectIsDirectory": {}}
	return retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = attempts
		r.Retryables = append(r.Retryables, retry.RetryableErrorCode{Codes: passing})
	})
}

// Check asks whether the bucket is there and may be used at all.
func (b *Bucket) Check(ctx context.Context) error {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.o.Bucket})
	if err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "looking for the bucket %s: it does not exist, is in another region than %s, or may not be listed (s3:ListBucket)", b.o.Bucket, b.o.AWS.Region)
	}
	return nil
}

func (b *Bucket) key(name string) *string { return aws.String(b.prefix + name) }

// encryption returns the headers' values for the key of the options.
func (b *Bucket) encryption() (types.ServerSideEncryption, *string) {
	if b.o.KMSKey == "" {
		return "", nil
	}
	return types.ServerSideEncryptionAwsKms, &b.o.KMSKey
}

// Put implements [blob.Bucket]. More than partSize goes in parts, which become
// the object all at once.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader, size int64) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	body := &measured{r: r, sum: md5.New(), name: name, want: size}
	in := &transfermanager.UploadObjectInput{Bucket: &b.o.Bucket, Key: b.key(name), Body: body}
	sse, key := b.encryption()
	in.ServerSideEncryption, in.SSEKMSKeyID = transfertypes.ServerSideEncryption(sse), key
	if _, err := b.transfer.UploadObject(ctx, in); err != nil {
		if body.err != nil {
			return blob.Info{}, body.err
		}
		return blob.Info{}, fault(err, "storing", name)
	}
	return blob.Info{Name: name, Bytes: body.n, MD5: body.sum.Sum(nil), Modified: b.now()}, nil
}

// measured reads a body, sums it up, and fails when it has another length than
// was said.
type measured struct {
	r    io.Reader
	sum  hash.Hash
	name string
	want int64 // -1 any
	n    int64
	err  error // other than io.EOF
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	m.sum.Write(p[:n])
	if m.want >= 0 && (m.n > m.want || err == io.EOF && m.n < m.want) {
		err = ballast.Errorf(ballast.Invalid, "storing %s: %d bytes were announced, %d came", m.name, m.want, m.n)
	}
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// Get implements [blob.Bucket].
func (b *Bucket) Get(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, ballast.Errorf(ballast.Invalid, "reading %s from %d: an offset is not negative", name, off)
	}
	if n == 0 {
		return b.nothing(ctx, name, off)
	}
	in := &s3.GetObjectInput{Bucket: &b.o.Bucket, Key: b.key(name)}
	switch {
	case n > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", off, off+n-1))
	case off > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", off))
	}
	out, err := b.client.GetObject(ctx, in)
	if status(err) == http.StatusRequestedRangeNotSatisfiable {
		return b.nothing(ctx, name, off)
	}
	if err != nil {
		return nil, fault(err, "reading", name)
	}
	return out.Body, nil
}

// nothing is what Get returns where no byte follows: nothing at the object's
// end, an error past it.
func (b *Bucket) nothing(ctx context.Context, name string, off int64) (io.ReadCloser, error) {
	info, err := b.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	if off > info.Bytes {
		return nil, ballast.Errorf(ballast.Invalid, "reading %s from %d: it has %d bytes", name, off, info.Bytes)
	}
	return http.NoBody, nil
}

// Stat implements [blob.Bucket]. The ETag is the MD5 of an object that came in
// one piece and is not encrypted with a key of KMS.
func (b *Bucket) Stat(ctx context.Context, name string) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.o.Bucket, Key: b.key(name)})
	if err != nil {
		return blob.Info{}, fault(err, "looking for", name)
	}
	info := blob.Info{Name: name, Bytes: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified)}
	if out.ServerSideEncryption == "" || out.ServerSideEncryption == types.ServerSideEncryptionAes256 {
		if sum, err := hex.DecodeString(strings.Trim(aws.ToString(out.ETag), `"`)); err == nil && len(sum) == md5.Size {
			info.MD5 = sum
		}
	}
	return info, nil
}

// Delete implements [blob.Bucket].
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.o.Bucket, Key: b.key(name)})
	if err != nil && status(err) != http.StatusNotFound {
		return fault(err, "deleting", name)
	}
	return nil
}

// List implements [blob.Bucket]. S3 lists in the order of the keys' bytes.
func (b *Bucket) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	found := []blob.Info{}
	in := &s3.ListObjectsV2Input{Bucket: &b.o.Bucket, Prefix: b.key(prefix)}
	if after != "" {
		in.StartAfter = b.key(after)
	}
	for len(found) < limit {
		in.MaxKeys = aws.Int32(int32(min(limit-len(found), 1000)))
		page, err := b.client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, fault(err, "listing", prefix)
		}
		for _, o := range page.Contents {
			found = append(found, blob.Info{Name: aws.ToString(o.Key)[len(b.prefix):], Bytes: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)})
		}
		if !aws.ToBool(page.IsTruncated) {
			break
		}
		in.ContinuationToken = page.NextContinuationToken
	}
	return found, nil
}

// status is the HTTP status of a reply that was an error, 0 when none came.
func status(err error) int {
	var reply *smithyhttp.ResponseError
	if errors.As(err, &reply) {
		return reply.HTTPStatusCode()
	}
	return 0
}

// code is the store's own name of an error, "" when it gave none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// Code is the store's own name of the reason of an error, "" when the store gave
// none: it did not answer.
func Code(err error) string { return code(err) }

// fault turns the store's error into ours. Only what says that the object is
// absent is NotFound: a bucket that vanished is an outage.
func fault(err error, doing, name string) error {
	switch c := code(err); {
	case c == "NoSuchKey" || c == "NotFound":
		return ballast.Errorf(ballast.NotFound, "%s %s: there is no such object", doing, name)
	case c == "AccessDenied" || c == "Forbidden":
		return ballast.Wrap(ballast.Unavailable, err, "%s %s: the store refuses it; the server's role needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on the bucket", doing, name)
	}
	return ballast.Wrap(ballast.Unavailable, err, "%s %s: the store does not answer as it should", doing, name)
}
