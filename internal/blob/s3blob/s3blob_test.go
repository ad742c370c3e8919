package s3blob_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/blobtest"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/test/service"
)

// TestSuite runs the contract of a bucket on a real server: each bucket is a
// prefix of its own.
func TestSuite(t *testing.T) {
	store := service.S3(t)
	var n atomic.Int32
	blobtest.Run(t, func(*testing.T, string) blob.Bucket {
		return s3blob.Open(s3blob.Options{AWS: store.AWS, Bucket: store.Bucket, Endpoint: store.Endpoint, PathStyle: true,
			Prefix: fmt.Sprintf("deep/%d", n.Add(1))})
	})
}

// TestEncryptedUpload: with a key of its own, who holds a URL must ask for the
// encryption with it, since the headers are signed.
func TestEncryptedUpload(t *testing.T) {
	store := service.S3(t)
	b := s3blob.Open(s3blob.Options{AWS: store.AWS, Bucket: store.Bucket, Endpoint: store.Endpoint, PathStyle: true, KMSKey: "key-1"})
	u, headers, err := b.SignedURL(t.Context(), "x", blob.SignOptions{Method: "PUT", Expires: time.Minute, MaxBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id:key-1", "X-Amz-Server-Side-Encryption:aws:kms"}
	if d := cmp.Diff(want, headers); d != "" {
		t.Errorf("headers (-want +got):\n%s", d)
	}
	for _, send := range [][]string{nil, headers} {
		req, err := http.NewRequest(http.MethodPut, u, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range send {
			k, v, _ := strings.Cut(h, ":")
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if (resp.StatusCode == http.StatusOK) != (send != nil) {
			t.Errorf("PUT with headers %v: %s", send, resp.Status)
		}
	}
}

// TestOutage: a store that is gone, that answers errors, or breaks off in the
// middle is Unavailable, never "absent" and never half an object.
func TestOutage(t *testing.T) {
	store := service.S3(t)
	var fault atomic.Pointer[http.HandlerFunc]
	target, err := url.Parse(store.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := fault.Load(); f != nil {
			(*f)(w, r)
			return
		}
		through.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	b := s3blob.Open(s3blob.Options{AWS: store.AWS, Bucket: store.Bucket, Endpoint: proxy.URL, PathStyle: true, Attempts: 2})
	if _, err := b.Put(t.Context(), "x", strings.NewReader("0123456789"), 10); err != nil {
		t.Fatal(err)
	}
	xml := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>test</Message></Error>", code)
		}
	}
	for what, f := range map[string]http.HandlerFunc{
		"an error":    xml(500, "InternalError"),
		"throttling":  xml(503, "SlowDown"),
		"no bucket":   xml(404, "NoSuchBucket"),
		"expired":     xml(403, "ExpiredToken"),
		"refusal":     xml(403, "AccessDenied"),
		"a dead line": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		fault.Store(&f)
		if _, err := b.Get(t.Context(), "x", 0, -1); !ballast.Is(err, ballast.Unavailable) {
			t.Errorf("%s: Get: %v", what, err)
		}
		if _, err := b.Put(t.Context(), "y", strings.NewReader("y"), 1); !ballast.Is(err, ballast.Unavailable) {
			t.Errorf("%s: Put: %v", what, err)
		}
		if _, err := b.List(t.Context(), "", "", 5); !ballast.Is(err, ballast.Unavailable) {
			t.Errorf("%s: List: %v", what, err)
		}
	}
	half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "01234")
	})
	fault.Store(&half)
	r, err := b.Get(t.Context(), "x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if body, err := io.ReadAll(r); err == nil {
		t.Errorf("half an object was read as a whole: %q", body)
	}
	fault.Store(nil)
	if _, err := b.Stat(t.Context(), "y"); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("after the outage: Stat of what was never stored: %v", err)
	}
}
