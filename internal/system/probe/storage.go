// Package probe performs, step by step, the operations that a setting must
// allow, and says for each refusal what to paste where.
package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/internal/system"
)

// body is what is stored and read back.
const body = "Ballast tests this bucket; the object may be deleted.\n"

// signFor is how long the URLs of a test live.
const signFor = 5 * time.Minute

// Storage is a bucket to be tested.
type Storage struct {
	Names
	Bucket *s3blob.Bucket
	Origin string // of the page that asks
	Client *http.Client
}

// First performs what the server does: reach, put, get, range, multipart, and
// the preflight that the page's browser will send. The object stays for the
// browser, and for [Storage.Last].
func (s *Storage) First(ctx context.Context) (r system.Result) {
	name := blob.ProbePrefix + strings.ToLower(rand.Text())
	if !r.Run("Reach the bucket", func() (string, error) {
		_, err := s.Bucket.List(ctx, blob.ProbePrefix, "", 1)
		return "", err
	}, s.explain) {
		return r
	}
	if !r.Run("Put an object", func() (string, error) {
		_, err := s.Bucket.Put(ctx, name, strings.NewReader(body), int64(len(body)))
		return "", err
	}, s.explain) {
		return r
	}
	r.Object = name
	r.Run("Get it", func() (string, error) { return "", s.same(ctx, name, 0, -1, body) }, s.explain)
	r.Run("Get a range of it", func() (string, error) { return "", s.same(ctx, name, 8, 5, body[8:13]) }, s.explain)
	r.Run("Upload in parts, by signed URL", func() (string, error) { return "", s.parts(ctx, name+".parts") }, s.explain)
	r.Run("CORS for "+s.Origin, func() (string, error) { return s.preflight(ctx, name) }, func(err error) (string, *system.Fix) { return err.Error(), s.CORS() })
	r.Steps[len(r.Steps)-1].Browser = true
	s.forBrowser(ctx, &r)
	return r
}

// Last lists and deletes the object.
func (s *Storage) Last(ctx context.Context, object string) (r system.Result) {
	r.Run("List", func() (string, error) {
		found, err := s.Bucket.List(ctx, object, "", 10)
		if err == nil && (len(found) == 0 || found[0].Name != object) {
			err = ballast.Errorf(ballast.Unavailable, "the object that was stored is not in the list")
		}
		return "", err
	}, s.explain)
	r.Run("Delete", func() (string, error) {
		for _, name := range []string{object, object + ".parts", object + blob.ProbeSeen} {
			if err := s.Bucket.Delete(ctx, name); err != nil {
				return "", err
			}
		}
		return "", nil
	}, s.explain)
	return r
}

// same compares what is stored with what should be.
func (s *Storage) same(ctx context.Context, name string, off, n int64, want string) error {
	rd, err := s.Bucket.Get(ctx, name, off, n)
	if err != nil {
		return err
	}
	defer rd.Close()
	got, err := io.ReadAll(io.LimitReader(rd, 1<<10))
	if err == nil && string(got) != want {
		err = ballast.Errorf(ballast.Damaged, "other bytes came back than were stored")
	}
	return err
}

// parts uploads one part by its signed URL, as clients do.
func (s *Storage) parts(ctx context.Context, name string) error {
	upload, err := s.Bucket.CreateMultipart(ctx, name)
	if err != nil {
		return err
	}
	etag, err := s.onePart(ctx, name, upload)
	if err == nil {
		_, err = s.Bucket.CompleteMultipart(ctx, name, upload, []blob.Part{{Number: 1, ETag: etag}}, nil)
	}
	if err != nil {
		s.Bucket.AbortMultipart(ctx, name, upload) // what it left is the bucket's lifecycle's
	}
	return err
}

func (s *Storage) onePart(ctx context.Context, name, upload string) (string, error) {
	url, headers, err := s.Bucket.SignPart(ctx, name, upload, 1, blob.SignOptions{Method: http.MethodPut, Expires: signFor, MaxBytes: -1})
	if err != nil {
		return "", err
	}
	res, err := s.send(ctx, http.MethodPut, url, headers, nil)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", ballast.Errorf(ballast.Unavailable, "the part was refused: %s", res.Status)
	}
	return res.Header.Get("ETag"), nil
}

// preflight asks as the page's browser will before it puts.
func (s *Storage) preflight(ctx context.Context, name string) (string, error) {
	url, _, err := s.Bucket.SignedURL(ctx, name, blob.SignOptions{Method: http.MethodPut, Expires: signFor, MaxBytes: -1})
	if err != nil {
		return "", err
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		res, err := s.send(ctx, http.MethodOptions, url, nil, map[string]string{
			"Origin": s.Origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"})
		if err != nil {
			return "", err
		}
		if allowed := res.Header.Get("Access-Control-Allow-Origin"); allowed != "*" && allowed != s.Origin {
			return "", fmt.Errorf("browsers at %s may not %s objects: the bucket's CORS configuration does not allow it", s.Origin, method)
		}
		if methods := res.Header.Get("Access-Control-Allow-Methods"); !strings.Contains(methods, method) && methods != "*" {
			return "", fmt.Errorf("browsers may not %s objects: the bucket's CORS configuration allows %q", method, methods)
		}
	}
	return "", nil
}

func (s *Storage) send(ctx context.Context, method, url string, signed []string, headers map[string]string) (*http.Response, error) {
	var content io.Reader
	if method == http.MethodPut {
		content = bytes.NewReader([]byte(body))
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return nil, err
	}
	for _, h := range signed {
		k, v, _ := strings.Cut(h, ":")
		req.Header.Set(k, v)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := s.Client.Do(req)
	if err != nil {
		return nil, ballast.Errorf(ballast.Unavailable, "the bucket did not answer a signed URL") // err would show it
	}
	res.Body.Close()
	return res, nil
}

// forBrowser adds the URLs that the page tries itself.
func (s *Storage) forBrowser(ctx context.Context, r *system.Result) {
	put, headers, err := s.Bucket.SignedURL(ctx, r.Object, blob.SignOptions{Method: http.MethodPut, Expires: signFor, MaxBytes: -1})
	if err != nil {
		return
	}
	get, _, err := s.Bucket.SignedURL(ctx, r.Object, blob.SignOptions{Method: http.MethodGet, Expires: signFor, MaxBytes: -1})
	if err == nil {
		r.Put, r.Get, r.Headers, r.CORS = put, get, headers, s.CORS()
	}
}

// explain says what a refusal means and what to paste.
func (s *Storage) explain(err error) (string, *system.Fix) {
	region := s.Region
	switch code := s3blob.Code(err); code {
	case "NoSuchBucket", "NotFound":
		return fmt.Sprintf("There is no bucket %s.", s.Names.Bucket), s.create()
	case "InvalidAccessKeyId":
		return "The store does not know the access key: look for a typing error, and whether the key was deleted.", nil
	case "SignatureDoesNotMatch":
		return "The store refuses the signature: the secret does not belong to the access key.", nil
	case "AccessDenied", "Forbidden", "AllAccessDisabled":
		return "The store refuses it: the server's role lacks a permission.", s.Policy()
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "BadRequest", "MovedPermanently":
		return fmt.Sprintf("The bucket %s is in another region than %s: correct the file storage region, or leave it empty.", s.Names.Bucket, region), nil
	case "RequestTimeTooSkewed":
		return "The clock of the server and that of the store differ by more than 15 minutes: set the server's clock.", nil
	case "ExpiredToken":
		return "The credentials of the process have expired: look at the role of the pod or node.", nil
	case "KMS.DisabledException", "KMS.NotFoundException", "KMSAccessDenied":
		return "The KMS key cannot be used.", s.Policy()
	case "":
		return "The store does not answer at the address: look at the host, the port and the network (" + cause(err) + ").", nil
	}
	return err.Error(), nil
}
