package s3blob

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ballast-ml/ballast"
)

// RegionOf asks Amazon in which region a bucket is. It needs no credentials:
// each reply names the region, a refusal too. base is https://s3.amazonaws.com
// but in tests.
func RegionOf(ctx context.Context, client *http.Client, base, bucket string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, base+"/"+bucket, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", ballast.Wrap(ballast.Unavailable, err, "asking Amazon in which region the bucket %s is; the setting bucket-region says it without asking", bucket)
	}
	defer resp.Body.Close()
	region := resp.Header.Get("X-Amz-Bucket-Region")
	switch {
	case region != "":
		return region, nil
	case resp.StatusCode == http.StatusNotFound:
		return "", ballast.Errorf(ballast.Invalid, "Amazon S3 has no bucket %s", bucket)
	}
	return "", ballast.Wrap(ballast.Unavailable, fmt.Errorf("HTTP status %s", resp.Status), "asking Amazon in which region the bucket %s is", bucket)
}
