// Package blobtest is the conformance suite of blob.Bucket. A driver's test
// calls Run; the suite never learns which driver it runs on.
package blobtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/google/go-cmp/cmp"
)

// Run runs the suite. open returns an empty bucket; url is where the suite
// serves a bucket that is a [blob.Direct], for it to sign (a driver whose
// URLs lead elsewhere ignores it).
func Run(t *testing.T, open func(t *testing.T, url string) blob.Bucket) {
	tests := []struct {
		name string
		test func(t *testing.T, b blob.Bucket)
	}{
		{"put and get", putGet},
		{"ranges", ranges},
		{"absent", absent},
		{"a failed put leaves nothing", failedPut},
		{"put again replaces", replace},
		{"bad names", badNames},
		{"list", list},
		{"list pages", listPages},
		{"many at once", concurrent},
		{"signed get", signedGet},
		{"signed put", signedPut},
		{"altered urls", alteredURLs},
		{"multipart", multipart},
		{"multipart faults", multipartFaults},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			b := open(t, s.URL)
			s.set(b)
			tt.test(t, b)
		})
	}
}

func put(t *testing.T, b blob.Bucket, name, body string) blob.Info {
	t.Helper()
	info, err := b.Put(t.Context(), name, strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatalf("Put(%s): %v", name, err)
	}
	return info
}

func get(t *testing.T, b blob.Bucket, name string, off, n int64) string {
	t.Helper()
	r, err := b.Get(t.Context(), name, off, n)
	if err != nil {
		t.Fatalf("Get(%s, %d, %d): %v", name, off, n, err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("Get(%s, %d, %d): reading: %v", name, off, n, err)
	}
	return string(body)
}

func wantKind(t *testing.T, what string, err error, kind ballast.Kind) {
	t.Helper()
	if !ballast.Is(err, kind) {
		t.Errorf("%s: got error %v, want kind %q", what, err, kind)
	}
}

// wantNone checks that nothing is visible under a name, nor listed.
func wantNone(t *testing.T, b blob.Bucket, name string) {
	t.Helper()
	_, err := b.Stat(t.Context(), name)
	wantKind(t, "Stat of "+name, err, ballast.NotFound)
	found, err := b.List(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Name == name {
			t.Errorf("List names %s", name)
		}
	}
}

func putGet(t *testing.T, b blob.Bucket) {
	large := make([]byte, 3<<20)
	for i := range large {
		large[i] = byte(rand.Uint32())
	}
	for name, body := range map[string]string{"empty": "", "a/b/c.txt": "hello", "large=_-.x": string(large)} {
		for _, size := range []int64{int64(len(body)), -1} {
			before := time.Now().Add(-2 * time.Second)
			info, err := b.Put(t.Context(), name, strings.NewReader(body), size)
			if err != nil {
				t.Fatalf("Put(%s): %v", name, err)
			}
			sum := md5.Sum([]byte(body))
			if info.Name != name || info.Bytes != int64(len(body)) || !bytes.Equal(info.MD5, sum[:]) {
				t.Errorf("Put(%s) = %s, %d bytes, MD5 %x; want %d, %x", name, info.Name, info.Bytes, info.MD5, len(body), sum)
			}
			if info.Modified.Before(before) || info.Modified.After(time.Now().Add(2*time.Second)) {
				t.Errorf("Put(%s): modified at %v", name, info.Modified)
			}
			if got := get(t, b, name, 0, -1); got != body {
				t.Errorf("Get(%s) returned other %d bytes", name, len(got))
			}
			st, err := b.Stat(t.Context(), name)
			if err != nil || st.Name != name || st.Bytes != int64(len(body)) || st.MD5 != nil && !bytes.Equal(st.MD5, sum[:]) {
				t.Errorf("Stat(%s) = %+v, %v", name, st, err)
			}
		}
	}
}

func ranges(t *testing.T, b blob.Bucket) {
	put(t, b, "r", "0123456789")
	for _, tt := range []struct {
		off, n int64
		want   string
	}{{0, 3, "012"}, {3, 4, "3456"}, {8, 100, "89"}, {5, -1, "56789"}, {10, 5, ""}, {10, -1, ""}, {2, 0, ""}} {
		if got := get(t, b, "r", tt.off, tt.n); got != tt.want {
			t.Errorf("Get(%d, %d) = %q, want %q", tt.off, tt.n, got, tt.want)
		}
	}
	for _, off := range []int64{11, -1} {
		_, err := b.Get(t.Context(), "r", off, 1)
		wantKind(t, fmt.Sprintf("Get from %d", off), err, ballast.Invalid)
	}
}

func absent(t *testing.T, b blob.Bucket) {
	put(t, b, "folder/x", "1")
	for _, name := range []string{"none", "folder", "folder/y", "folder/x/z"} {
		_, err := b.Get(t.Context(), name, 0, -1)
		wantKind(t, "Get of "+name, err, ballast.NotFound)
		_, err = b.Stat(t.Context(), name)
		wantKind(t, "Stat of "+name, err, ballast.NotFound)
		if err := b.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete of %s, which is absent: %v", name, err)
		}
	}
	if err := b.Delete(t.Context(), "folder/x"); err != nil {
		t.Fatal(err)
	}
	wantNone(t, b, "folder/x")
	put(t, b, "folder/x", "2")
	if got := get(t, b, "folder/x", 0, -1); got != "2" {
		t.Errorf("after deleting and putting again: %q", got)
	}
}

func failedPut(t *testing.T, b blob.Bucket) {
	cut := errors.New("the connection broke")
	for what, r := range map[string]io.Reader{
		"at once":   iotest.ErrReader(cut),
		"half way":  io.MultiReader(strings.NewReader(strings.Repeat("x", 200_000)), iotest.ErrReader(cut)),
		"short":     strings.NewReader("x"),
		"too long":  strings.NewReader(strings.Repeat("x", 300_001)),
		"cancelled": strings.NewReader(strings.Repeat("x", 300_000)),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if what == "cancelled" {
			cancel()
		}
		if _, err := b.Put(ctx, "f", r, 300_000); err == nil {
			t.Errorf("Put with a body that ends %s: no error", what)
		}
		cancel()
		wantNone(t, b, "f")
	}
}

func replace(t *testing.T, b blob.Bucket) {
	put(t, b, "n", "first, longer")
	r, err := b.Get(t.Context(), "n", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	put(t, b, "n", "second")
	if got := get(t, b, "n", 0, -1); got != "second" {
		t.Errorf("Get = %q", got)
	}
	if body, err := io.ReadAll(r); err == nil && string(body) != "first, longer" && string(body) != "second" {
		t.Errorf("a reader opened before saw a mixture: %q", body)
	}
}

func badNames(t *testing.T, b blob.Bucket) {
	for _, name := range []string{"", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", ".tmp/x", "a/.b", "a b", "a\\b", "a\x00b", "ä", "a?b", "a%2e", strings.Repeat("n", blob.MaxName+1)} {
		_, err := b.Put(t.Context(), name, strings.NewReader("x"), 1)
		wantKind(t, fmt.Sprintf("Put(%q)", name), err, ballast.Invalid)
		_, err = b.Get(t.Context(), name, 0, -1)
		wantKind(t, fmt.Sprintf("Get(%q)", name), err, ballast.Invalid)
		_, err = b.Stat(t.Context(), name)
		wantKind(t, fmt.Sprintf("Stat(%q)", name), err, ballast.Invalid)
		wantKind(t, fmt.Sprintf("Delete(%q)", name), b.Delete(t.Context(), name), ballast.Invalid)
		_, _, err = b.SignedURL(t.Context(), name, blob.SignOptions{Method: "GET", Expires: time.Minute, MaxBytes: -1})
		wantKind(t, fmt.Sprintf("SignedURL(%q)", name), err, ballast.Invalid)
		_, err = b.CreateMultipart(t.Context(), name)
		wantKind(t, fmt.Sprintf("CreateMultipart(%q)", name), err, ballast.Invalid)
	}
	long := strings.Repeat("n", 99) + "/" + strings.Repeat("m", 100)
	put(t, b, long, "x")
	if got := get(t, b, long, 0, -1); got != "x" {
		t.Errorf("a name of %d bytes: got %q", len(long), got)
	}
}

// listed are names whose order differs between a walk of folders and that of
// bytes.
var listed = []string{"a", "a-b/c", "a.b", "a0", "ab/1", "ab/10", "ab/2", "b/c/d/e", "b/c/d0", "b/c=", "z"}

func list(t *testing.T, b blob.Bucket) {
	for i := len(listed) - 1; i >= 0; i-- {
		put(t, b, listed[i], listed[i])
	}
	for _, tt := range []struct {
		prefix, after string
		limit         int
	}{{"", "", 100}, {"a", "", 100}, {"ab/", "", 100}, {"ab/1", "", 100}, {"ab", "ab/1", 100}, {"", "b/c/d/e", 100},
		{"", "a-b/zz", 3}, {"b/c/", "a", 2}, {"none", "", 5}, {"", "zz", 5}, {"", "", 0}, {"b/c/d/e/f", "", 9}} {
		want := []string{}
		for _, n := range listed {
			if strings.HasPrefix(n, tt.prefix) && n > tt.after && len(want) < tt.limit {
				want = append(want, n)
			}
		}
		found, err := b.List(t.Context(), tt.prefix, tt.after, tt.limit)
		if err != nil {
			t.Fatalf("List(%q, %q): %v", tt.prefix, tt.after, err)
		}
		got := []string{}
		for _, f := range found {
			got = append(got, f.Name)
			if f.Bytes != int64(len(f.Name)) {
				t.Errorf("List: %s has %d bytes, want %d", f.Name, f.Bytes, len(f.Name))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("List(%q, after %q, %d) (-want +got):\n%s", tt.prefix, tt.after, tt.limit, d)
		}
	}
}

func listPages(t *testing.T, b blob.Bucket) {
	var want []string
	for i := range 37 {
		name := fmt.Sprintf("p/%d/%x", i%5, i)
		put(t, b, name, "x")
		want = append(want, name)
	}
	slices.Sort(want)
	var got []string
	for after := ""; ; {
		page, err := b.List(t.Context(), "p/", after, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page {
			got = append(got, f.Name)
		}
		if len(page) < 10 {
			break
		}
		after = page[len(page)-1].Name
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("pages (-want +got):\n%s", d)
	}
}

// concurrent puts, reads and deletes in the same folders at once: a reader
// sees whole objects only.
func concurrent(t *testing.T, b blob.Bucket) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				name, body := fmt.Sprintf("c/%d/%d", j%3, i), strings.Repeat(fmt.Sprint(j), 20_000)
				if _, err := b.Put(t.Context(), name, strings.NewReader(body), -1); err != nil {
					t.Errorf("Put(%s): %v", name, err)
					return
				}
				if got := get(t, b, name, 0, -1); got != body {
					t.Errorf("Get(%s) returned other %d bytes", name, len(got))
				}
				if err := b.Delete(t.Context(), name); err != nil {
					t.Errorf("Delete(%s): %v", name, err)
				}
			}
		})
	}
	wg.Wait()
	if left, err := b.List(t.Context(), "", "", 10); err != nil || len(left) != 0 {
		t.Errorf("at the end: %v, %v", left, err)
	}
}
