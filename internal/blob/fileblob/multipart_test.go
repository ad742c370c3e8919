package fileblob

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// partsOf stores bodies as the parts of an upload.
func partsOf(t *testing.T, b *Bucket, name, upload string, bodies ...string) (parts []blob.Part) {
	t.Helper()
	for i, body := range bodies {
		link, _, err := b.SignPart(t.Context(), name, upload, i+1, blob.SignOptions{Method: "PUT", Expires: time.Minute, MaxBytes: -1})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		g, err := b.Verify("PUT", u, time.Now())
		if err == nil {
			_, err = b.Receive(t.Context(), g, strings.NewReader(body), -1)
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := md5.Sum([]byte(body))
		parts = append(parts, blob.Part{Number: i + 1, ETag: hex.EncodeToString(sum[:])})
	}
	return parts
}

func openForParts(t *testing.T) *Bucket {
	t.Helper()
	b, err := Open(t.TempDir(), Options{URL: "http://ballast.test", Keys: []Key{{ID: "k", Secret: []byte("the secret of test links")}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPartsOfOtherBytes: parts that make another whole than was announced make
// no object, however often they are joined.
func TestPartsOfOtherBytes(t *testing.T) {
	b := openForParts(t)
	id, err := b.CreateMultipart(t.Context(), "o")
	if err != nil {
		t.Fatal(err)
	}
	parts := partsOf(t, b, "o", id, "one ", "two")
	other := md5.Sum([]byte("something else"))
	for range 2 {
		if _, err := b.CompleteMultipart(t.Context(), "o", id, parts, other[:]); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%v, want Invalid", err)
		}
		if _, err := b.Stat(t.Context(), "o"); !ballast.Is(err, ballast.NotFound) {
			t.Errorf("there is an object: %v", err)
		}
	}
	right := md5.Sum([]byte("one two"))
	if info, err := b.CompleteMultipart(t.Context(), "o", id, parts, right[:]); err != nil || info.Bytes != 7 {
		t.Errorf("%d bytes, %v", info.Bytes, err)
	}
}

// TestJoinOutlivesItsCaller: a caller who cannot wait is told to ask again, and
// then finds the object.
func TestJoinOutlivesItsCaller(t *testing.T) {
	b := openForParts(t)
	id, err := b.CreateMultipart(t.Context(), "o")
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("some bytes ", 3<<20)
	parts := partsOf(t, b, "o", id, body, "the end")
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.CompleteMultipart(hurried, "o", id, parts, nil); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("%v, want Unavailable", err)
	}
	for range 2 {
		if info, err := b.CompleteMultipart(t.Context(), "o", id, parts, nil); err != nil || info.Bytes != int64(len(body)+7) {
			t.Fatalf("%d bytes, %v", info.Bytes, err)
		}
	}
	r, err := b.Get(t.Context(), "o", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != body+"the end" {
		t.Errorf("the object has %d other bytes, %v", len(got), err)
	}
	if left, err := os.ReadDir(b.uploads()); err != nil || len(left) != 0 {
		t.Errorf("%d uploads are left, %v", len(left), err)
	}
}
