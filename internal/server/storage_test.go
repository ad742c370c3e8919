package server

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/meta"
)

// reserve hands out an upload of r1's file.
func (st *stage) reserve(name string) file.Upload {
	st.t.Helper()
	uploads, headers, err := st.files.Reserve(st.t.Context(), st.Run, []string{name})
	if err != nil || len(uploads) != 1 || headers == nil {
		st.t.Fatalf("reserving %q: %v %v %v", name, uploads, headers, err)
	}
	return uploads[0]
}

// put uploads a file of r1 and returns the link to read it.
func (st *stage) put(name, content string) string {
	st.t.Helper()
	if r := st.do("", "PUT", st.reserve(name).URL, strings.NewReader(content)); r.status != 200 {
		st.t.Fatalf("uploading %s: %d %s", name, r.status, r.body)
	}
	f, err := st.files.Named(st.t.Context(), st.Run.ID, name)
	if err != nil {
		st.t.Fatal(err)
	}
	link, err := st.files.URL(st.t.Context(), f)
	if err != nil {
		st.t.Fatal(err)
	}
	return link
}

func TestStorage(t *testing.T) {
	st := newStage(t)
	up := st.reserve("./a  b%/ü#?.txt")
	if !strings.HasPrefix(up.URL, st.url+"/storage/0/runs/") {
		t.Errorf("the link %s does not start with the external URL", up.URL)
	}
	sum := md5.Sum([]byte("hello world"))
	for range 2 { // the reply was lost: the same bytes again are fine
		r := st.do("", "PUT", up.URL, strings.NewReader("hello world"))
		if r.status != 200 || r.header.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` {
			t.Fatalf("upload: %d %s %v", r.status, r.body, r.header)
		}
	}
	if r := st.do("", "PUT", up.URL, strings.NewReader("other bytes")); r.status != 409 {
		t.Errorf("other bytes under a used link: %d %s, want 409", r.status, r.body)
	}
	f, err := st.files.Named(t.Context(), st.Run.ID, "a  b%/ü#?.txt")
	if err != nil || f.Bytes != 11 || !bytes.Equal(f.MD5, sum[:]) || f.MimeType != "text/plain" {
		t.Fatalf("the file is %+v, %v", f, err)
	}
	link, err := st.files.URL(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	r := st.do("", "GET", link, nil)
	if r.status != 200 || r.body != "hello world" || r.header.Get("Content-Type") != "text/plain; charset=utf-8" || r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("download: %d %q %v", r.status, r.body, r.header)
	}
	if got := r.header.Get("Content-Disposition"); !strings.HasPrefix(got, "inline;") || !strings.Contains(got, "filename*=UTF-8''%C3%BC#%3F.txt") {
		t.Errorf("disposition %q", got)
	}
	if r := st.do("", "GET", link, nil, header{"Range": "bytes=6-"}); r.status != 206 || r.body != "world" {
		t.Errorf("range: %d %q", r.status, r.body)
	}
	if r := st.do("", "GET", link, nil, header{"If-None-Match": r.header.Get("ETag")}); r.status != 304 {
		t.Errorf("known already: %d", r.status)
	}
	if r := st.do("", "HEAD", link, nil); r.status != 200 || r.header.Get("Content-Length") != "11" || r.body != "" {
		t.Errorf("HEAD: %d %v", r.status, r.header)
	}
	if r := st.do("", "OPTIONS", link, nil, header{"Origin": "https://elsewhere"}); r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.header.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Errorf("preflight: %d %v", r.status, r.header)
	}
	if strings.Contains(st.log.String(), "sig=") {
		t.Error("the log shows signatures")
	}
}

// TestUploadedPages: HTML and SVG are never run in our origin.
func TestUploadedPages(t *testing.T) {
	st := newStage(t)
	for name, kind := range map[string]string{"x.html": "text/html; charset=utf-8", "x.svg": "image/svg+xml", "x.js": "text/javascript; charset=utf-8", "x.bin": "application/octet-stream"} {
		r := st.do("", "GET", st.put(name, "<script>alert(1)</script>"), nil)
		csp := r.header.Get("Content-Security-Policy")
		if r.status != 200 || !strings.HasPrefix(csp, "sandbox;") || strings.Contains(csp, "allow-") || r.header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || r.header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %v", name, r.status, r.header)
		}
	}
	// Also when a link, made by another room, says something else.
	link, _, err := st.bucket.SignedURL(t.Context(), "x/y", blob.SignOptions{Method: "GET", Expires: time.Hour, MaxBytes: -1, Type: "text/html", Disposition: "inline"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.bucket.Put(t.Context(), "x/y", strings.NewReader("hi"), -1); err != nil {
		t.Fatal(err)
	}
	if r := st.do("", "GET", link, nil); r.status != 200 || r.header.Get("Content-Disposition") != "attachment" {
		t.Errorf("an inline page: %d %v", r.status, r.header)
	}
}

func TestBadStorage(t *testing.T) {
	st := newStage(t)
	link := st.put("f.txt", "bytes")
	up := st.reserve("g.txt").URL
	expired, _, err := st.bucket.SignedURL(t.Context(), "runs/1/x", blob.SignOptions{Method: "GET", Expires: time.Nanosecond, MaxBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	absent, _, err := st.bucket.SignedURL(t.Context(), "runs/1/none", blob.SignOptions{Method: "GET", Expires: time.Hour, MaxBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, url, body string
		status                  int
	}{
		{"no signature", "GET", st.url + "/storage/0/runs/1/x", "", 403},
		{"expired", "GET", expired, "", 403},
		{"altered time", "GET", strings.Replace(link, "exp=", "exp=9", 1), "", 403},
		{"altered name", "GET", strings.Replace(link, "/runs/", "/runs/0", 1), "", 403},
		{"link for reading, to write", "PUT", link, "x", 403},
		{"link for writing, to read", "GET", up, "", 403},
		{"../", "GET", strings.Replace(link, "/runs/", "/runs/..%2F", 1), "", 403},
		{"unknown store", "GET", strings.Replace(link, "/storage/0/", "/storage/7/", 1), "", 404},
		{"no store", "GET", strings.Replace(link, "/storage/0/", "/storage/x/", 1), "", 404},
		{"absent object", "GET", absent, "", 404},
		{"other method", "POST", link, "x", 404},
		{"over the limit", "PUT", up, strings.Repeat("x", 2<<20), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := st.do("", c.method, c.url, strings.NewReader(c.body))
			// A path that the mux cleans is sent on first.
			if r.status == 307 || r.status == 301 {
				r = st.do("", c.method, r.header.Get("Location"), strings.NewReader(c.body))
			}
			if r.status != c.status || r.text() == "" {
				t.Errorf("%d %s, want %d", r.status, r.body, c.status)
			}
		})
	}
	if _, err := st.files.Named(t.Context(), st.Run.ID, "g.txt"); err == nil {
		t.Error("a refused upload became a file")
	}
	var open []meta.Upload
	if err := st.DB.Read(t.Context(), func(tx *meta.Tx) (err error) {
		open, err = tx.Uploads(st.Run.ID)
		return err
	}); err != nil || len(open) != 1 {
		t.Errorf("uploads that wait: %v, %v; want the one of g.txt", open, err)
	}
	if r := st.do("", "PUT", up, strings.NewReader("fits")); r.status != 200 {
		t.Errorf("the link is used up by a refusal: %d %s", r.status, r.body)
	}
}

// TestBrokenUpload: a body that breaks off leaves nothing, and is no final
// refusal.
func TestBrokenUpload(t *testing.T) {
	st := newStage(t)
	up := st.reserve("f.bin")
	u, err := url.Parse(up.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := st.raw("PUT " + u.RequestURI() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	if r != "" && !strings.Contains(r, " 503 ") {
		t.Errorf("the reply is %q", r)
	}
	if _, err := st.bucket.Stat(t.Context(), up.Object); err == nil {
		t.Error("half an object is stored")
	}
}

// FuzzLink alters one byte of a link: it then says the same, or opens nothing.
func FuzzLink(f *testing.F) {
	for i := range 40 {
		f.Add(uint16(i*11), byte('0'+i))
	}
	const base = "http://ballast.test"
	bucket, err := fileblob.Open(f.TempDir(), fileblob.Options{URL: base, Keys: []fileblob.Key{{ID: "k", Secret: []byte("the secret of test links")}}})
	if err != nil {
		f.Fatal(err)
	}
	link, _, err := bucket.SignedURL(context.Background(), "runs/1/abc", blob.SignOptions{Method: "GET", Expires: time.Hour, MaxBytes: 5, Type: "text/plain", Disposition: "inline"})
	if err != nil {
		f.Fatal(err)
	}
	good, err := url.Parse(link)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at uint16, with byte) {
		b := []byte(link)
		i := len(base) + int(at)%(len(b)-len(base))
		b[i] = with
		u, err := url.Parse(string(b))
		if err != nil {
			return
		}
		// The last digit of base64 has bits to spare: other text, same signature.
		said, meant := u.Query(), good.Query()
		said.Del("sig")
		meant.Del("sig")
		same := u.Path == good.Path && said.Encode() == meant.Encode()
		if _, err := bucket.Verify("GET", u, time.Now()); err == nil && !same {
			t.Errorf("byte %d as %q opens %s", i, with, u)
		}
	})
}

// raw sends bytes on a connection of their own, half-closes it, and returns
// what comes back.
func (st *stage) raw(text string) string {
	st.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(st.url, "http://"))
	if err != nil {
		st.t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, text)
	c.(*net.TCPConn).CloseWrite()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	got, _ := io.ReadAll(c)
	return string(got)
}
