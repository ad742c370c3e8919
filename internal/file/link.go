package file

import (
	"context"

	"github.com/ballast-ml/ballast/internal/blob"
)

// Link returns an absolute URL, good for an hour, that answers with an
// object's bytes as those of a file of that name and type. What a browser
// might run is sent as an attachment.
func Link(ctx context.Context, bucket blob.Bucket, object, name, mime string) (string, error) {
	url, _, err := bucket.SignedURL(ctx, object, blob.SignOptions{
		Method: "GET", Expires: readFor, MaxBytes: -1, Type: servedType(mime), Disposition: Disposition(name, mime)})
	return url, err
}
