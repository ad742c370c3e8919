package s3blob

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// longest is how long a presigned URL may live (Signature Version 4).
const longest = 7 * 24 * time.Hour

// SignedURL implements [blob.Bucket]. S3 cannot bound the size of a PUT by its
// URL: who completes an upload looks at the object's size.
func (b *Bucket) SignedURL(ctx context.Context, name string, o blob.SignOptions) (string, []string, error) {
	if err := checkSign(name, o); err != nil {
		return "", nil, err
	}
	var r *v4.PresignedHTTPRequest
	var err error
	if o.Method == http.MethodGet {
		r, err = b.presign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &b.o.Bucket, Key: b.key(name),
			ResponseContentType: text(o.Type), ResponseContentDisposition: text(o.Disposition)}, s3.WithPresignExpires(o.Expires))
	} else {
		in := &s3.PutObjectInput{Bucket: &b.o.Bucket, Key: b.key(name), ContentMD5: sum(o.MD5)}
		in.ServerSideEncryption, in.SSEKMSKeyId = b.encryption()
		r, err = b.presign.PresignPutObject(ctx, in, s3.WithPresignExpires(o.Expires))
	}
	return signed(r, err, name)
}

// SignPart implements [blob.Bucket].
func (b *Bucket) SignPart(ctx context.Context, name, upload string, part int, o blob.SignOptions) (string, []string, error) {
	if err := checkSign(name, o); err != nil {
		return "", nil, err
	}
	if part < 1 || part > blob.MaxPart {
		return "", nil, ballast.Errorf(ballast.Invalid, "signing part %d of %s: parts are 1 to %d", part, name, blob.MaxPart)
	}
	if upload == "" || o.Method != http.MethodPut {
		return "", nil, ballast.Errorf(ballast.Invalid, "signing a part of %s: it needs an upload's id and the method PUT", name)
	}
	r, err := b.presign.PresignUploadPart(ctx, &s3.UploadPartInput{Bucket: &b.o.Bucket, Key: b.key(name), UploadId: &upload,
		PartNumber: aws.Int32(int32(part)), ContentMD5: sum(o.MD5)}, s3.WithPresignExpires(o.Expires))
	return signed(r, err, name)
}

func checkSign(name string, o blob.SignOptions) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	switch {
	case o.Method != http.MethodGet && o.Method != http.MethodPut:
		return ballast.Errorf(ballast.Invalid, "signing a URL of %s: the method must be GET or PUT, not %q", name, o.Method)
	case o.Expires <= 0 || o.Expires > longest:
		return ballast.Errorf(ballast.Invalid, "signing a URL of %s: it would live %v, %v at most are possible", name, o.Expires, longest)
	case o.MD5 != nil && len(o.MD5) != 16:
		return ballast.Errorf(ballast.Invalid, "signing a URL of %s: the MD5 has %d bytes, not 16", name, len(o.MD5))
	}
	return nil
}

// signed returns the URL and the headers that it obliges its holder to send.
// Those that each client sends by itself are left out.
func signed(r *v4.PresignedHTTPRequest, err error, name string) (string, []string, error) {
	if err != nil {
		return "", nil, ballast.Wrap(ballast.Unavailable, err, "signing a URL of %s: there are no credentials for the store", name)
	}
	var headers []string
	for k, values := range r.SignedHeader {
		if k != "Host" && k != "Content-Length" {
			headers = append(headers, k+":"+values[0])
		}
	}
	slices.Sort(headers)
	return r.URL, headers, nil
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func sum(md5 []byte) *string {
	if md5 == nil {
		return nil
	}
	return aws.String(base64.StdEncoding.EncodeToString(md5))
}
