package blobtest

import (
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// server serves a Direct bucket's signed URLs, as the real server's /storage/
// route does.
type server struct {
	*httptest.Server
	bucket atomic.Value
}

func serve(t *testing.T) *server {
	s := &server{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) set(b blob.Bucket) {
	if d, ok := b.(blob.Direct); ok {
		s.bucket.Store(&d)
	}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b := *s.bucket.Load().(*blob.Direct)
	g, err := b.Verify(r.Method, r.URL, time.Now())
	if err == nil && g.Method == "PUT" {
		var info blob.Info
		if info, err = b.Receive(r.Context(), g, r.Body, r.ContentLength); err == nil {
			w.Header().Set("ETag", fmt.Sprintf(`"%x"`, info.MD5))
			return
		}
	}
	if err == nil {
		var f io.ReadSeekCloser
		var info blob.Info
		if f, info, err = b.Open(r.Context(), g.Name); err == nil {
			defer f.Close()
			if g.Type != "" {
				w.Header().Set("Content-Type", g.Type)
			}
			if g.Disposition != "" {
				w.Header().Set("Content-Disposition", g.Disposition)
			}
			http.ServeContent(w, r, "", info.Modified, f)
			return
		}
	}
	status := map[ballast.Kind]int{ballast.NotFound: 404, ballast.Denied: 403, ballast.TooLarge: 413, ballast.Invalid: 400}[ballast.KindOf(err)]
	http.Error(w, err.Error(), max(status, 400))
}

// do sends a request to a signed URL.
func do(t *testing.T, method, u string, headers []string, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, u, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ":")
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(got)
}

func sign(t *testing.T, b blob.Bucket, name string, o blob.SignOptions) (string, []string) {
	t.Helper()
	if o.Expires == 0 {
		o.Expires = time.Minute
	}
	u, headers, err := b.SignedURL(t.Context(), name, o)
	if err != nil {
		t.Fatalf("SignedURL(%s): %v", name, err)
	}
	if p, err := url.Parse(u); err != nil || !p.IsAbs() {
		t.Fatalf("SignedURL(%s) = %q, which is not absolute (%v)", name, u, err)
	}
	return u, headers
}

func signedGet(t *testing.T, b blob.Bucket) {
	put(t, b, "s/get", "0123456789")
	u, headers := sign(t, b, "s/get", blob.SignOptions{Method: "GET", MaxBytes: -1, Type: "text/plain; charset=utf-8", Disposition: `attachment; filename="a b.txt"`})
	resp, body := do(t, "GET", u, headers, "")
	if resp.StatusCode != 200 || body != "0123456789" {
		t.Errorf("GET: %s, %q", resp.Status, body)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="a b.txt"` {
		t.Errorf("Content-Disposition %q", got)
	}
	resp, body = do(t, "GET", u, append(headers, "Range:bytes=2-4"), "")
	if resp.StatusCode != 206 || body != "234" {
		t.Errorf("GET of a range: %s, %q", resp.Status, body)
	}
	if resp, _ = do(t, "PUT", u, headers, "x"); resp.StatusCode != 403 {
		t.Errorf("PUT to a URL for GET: %s", resp.Status)
	}
	if got := get(t, b, "s/get", 0, -1); got != "0123456789" {
		t.Errorf("the object became %q", got)
	}
	u, headers = sign(t, b, "s/none", blob.SignOptions{Method: "GET", MaxBytes: -1})
	if resp, _ = do(t, "GET", u, headers, ""); resp.StatusCode != 404 {
		t.Errorf("GET of an absent object: %s", resp.Status)
	}
}

func signedPut(t *testing.T, b blob.Bucket) {
	sum := md5.Sum([]byte("hello"))
	_, bounded := b.(blob.Direct) // whether a URL can bound the size
	for _, tt := range []struct {
		name   string
		o      blob.SignOptions
		body   string
		stored bool
	}{
		{"any", blob.SignOptions{MaxBytes: -1}, "hello", true},
		{"empty", blob.SignOptions{MaxBytes: -1}, "", true},
		{"limit-kept", blob.SignOptions{MaxBytes: 5}, "hello", true},
		{"limit-passed", blob.SignOptions{MaxBytes: 4}, "hello", !bounded},
		{"limit-zero", blob.SignOptions{MaxBytes: 0}, "x", !bounded},
		{"md5-right", blob.SignOptions{MaxBytes: -1, MD5: sum[:]}, "hello", true},
		{"md5-wrong", blob.SignOptions{MaxBytes: -1, MD5: sum[:]}, "jello", false},
	} {
		tt.o.Method = "PUT"
		u, headers := sign(t, b, "put/"+tt.name, tt.o)
		resp, body := do(t, "PUT", u, headers, tt.body)
		if tt.stored != (resp.StatusCode == 200) {
			t.Errorf("%s: PUT: %s %s", tt.name, resp.Status, body)
		}
		if !tt.stored {
			wantNone(t, b, "put/"+tt.name)
		} else if got := get(t, b, "put/"+tt.name, 0, -1); got != tt.body {
			t.Errorf("%s: stored %q", tt.name, got)
		}
		if resp, _ := do(t, "GET", u, nil, ""); resp.StatusCode != 403 {
			t.Errorf("%s: GET from a URL for PUT: %s", tt.name, resp.Status)
		}
	}
	for what, o := range map[string]blob.SignOptions{"method": {Method: "DELETE", Expires: 1e9}, "expiry": {Method: "GET"}, "md5": {Method: "PUT", Expires: 1e9, MD5: []byte("x")}} {
		_, _, err := b.SignedURL(t.Context(), "x", o)
		wantKind(t, "SignedURL with a wrong "+what, err, ballast.Invalid)
	}
}

func alteredURLs(t *testing.T, b blob.Bucket) {
	put(t, b, "u/secret", "what the link is for")
	put(t, b, "u/secret2", "what it is not for")
	sum := md5.Sum([]byte("x"))
	getURL, _ := sign(t, b, "u/secret", blob.SignOptions{Method: "GET", MaxBytes: -1, Type: "text/plain"})
	putURL, headers := sign(t, b, "u/put", blob.SignOptions{Method: "PUT", MaxBytes: 10, MD5: sum[:]})
	refused := func(what, method, u string, headers []string) {
		t.Helper()
		if resp, body := do(t, method, u, headers, "x"); resp.StatusCode < 400 || resp.StatusCode >= 500 || strings.Contains(body, "what it is not for") {
			t.Errorf("%s: %s %q", what, resp.Status, body)
		}
	}
	refused("another object", "GET", strings.Replace(getURL, "u/secret", "u/secret2", 1), nil)
	refused("a path upwards", "GET", strings.Replace(getURL, "u/secret", "u/x/../secret", 1), nil)
	for _, tt := range []struct{ method, url string }{{"GET", getURL}, {"PUT", putURL}} {
		u, _ := url.Parse(tt.url)
		for k := range u.Query() {
			for how, change := range map[string]func(url.Values){
				"without": func(q url.Values) { q.Del(k) },
				"altered": func(q url.Values) { q.Set(k, alter(q.Get(k))) },
			} {
				q := u.Query()
				change(q)
				v := *u
				v.RawQuery = q.Encode()
				refused(tt.method+" "+how+" "+k, tt.method, v.String(), headers)
			}
		}
		u.RawQuery = ""
		refused(tt.method+" without a query", tt.method, u.String(), headers)
	}
	wantNone(t, b, "u/put")
	soon, _ := sign(t, b, "u/secret", blob.SignOptions{Method: "GET", MaxBytes: -1, Expires: time.Second})
	time.Sleep(2100 * time.Millisecond)
	refused("an expired URL", "GET", soon, nil)
}

// alter changes the first character of a parameter: a digit stays one, so that
// only the signature can tell.
func alter(v string) string {
	if v == "" {
		return "1"
	}
	c := byte('1')
	if v[0] == '1' {
		c = '2'
	}
	return string(c) + v[1:]
}
