package s3blob

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// CreateMultipart implements [blob.Bucket].
func (b *Bucket) CreateMultipart(ctx context.Context, name string) (string, error) {
	if err := blob.CheckName(name); err != nil {
		return "", err
	}
	in := &s3.CreateMultipartUploadInput{Bucket: &b.o.Bucket, Key: b.key(name)}
	in.ServerSideEncryption, in.SSEKMSKeyId = b.encryption()
	out, err := b.client.CreateMultipartUpload(ctx, in)
	if err != nil {
		return "", fault(err, "starting the upload of", name)
	}
	return aws.ToString(out.UploadId), nil
}

// CompleteMultipart implements [blob.Bucket]. S3 knows the MD5 of each part,
// not of the whole: sum is not looked at.
func (b *Bucket) CompleteMultipart(ctx context.Context, name, upload string, parts []blob.Part, _ []byte) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	if len(parts) == 0 {
		return blob.Info{}, ballast.Errorf(ballast.Invalid, "completing the upload of %s: no parts are named", name)
	}
	all := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		all[i] = types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: aws.String(`"` + strings.Trim(p.ETag, `"`) + `"`)}
	}
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &b.o.Bucket, Key: b.key(name),
		UploadId: &upload, MultipartUpload: &types.CompletedMultipartUpload{Parts: all}})
	switch code(err) {
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall":
		return blob.Info{}, ballast.Errorf(ballast.Invalid, "completing the upload of %s: a part is missing, out of order, below 5 MiB before the last, or has another ETag (%s)", name, code(err))
	case "NoSuchUpload":
		info, gone := b.Stat(ctx, name) // completed by a call whose reply was lost
		if ballast.Is(gone, ballast.NotFound) {
			return blob.Info{}, ballast.Errorf(ballast.NotFound, "upload of %s: it was completed, aborted, or never created", name)
		}
		return info, gone
	}
	if err != nil {
		return blob.Info{}, fault(err, "completing the upload of", name)
	}
	return b.Stat(ctx, name)
}

// AbortMultipart implements [blob.Bucket].
func (b *Bucket) AbortMultipart(ctx context.Context, name, upload string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.o.Bucket, Key: b.key(name), UploadId: &upload})
	if err != nil && status(err) != http.StatusNotFound {
		return fault(err, "aborting the upload of", name)
	}
	return nil
}
