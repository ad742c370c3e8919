package blobtest

import (
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// partBytes is the size of all parts but the last; S3 takes no smaller ones.
const partBytes = 5 << 20

func uploadPart(t *testing.T, b blob.Bucket, name, upload string, number int, body string) blob.Part {
	t.Helper()
	u, headers, err := b.SignPart(t.Context(), name, upload, number, blob.SignOptions{Method: "PUT", Expires: time.Minute, MaxBytes: partBytes})
	if err != nil {
		t.Fatalf("SignPart(%d): %v", number, err)
	}
	resp, text := do(t, "PUT", u, headers, body)
	if resp.StatusCode != 200 || resp.Header.Get("ETag") == "" {
		t.Fatalf("PUT of part %d: %s %s, ETag %q", number, resp.Status, text, resp.Header.Get("ETag"))
	}
	return blob.Part{Number: number, ETag: resp.Header.Get("ETag")}
}

func create(t *testing.T, b blob.Bucket, name string) string {
	t.Helper()
	id, err := b.CreateMultipart(t.Context(), name)
	if err != nil {
		t.Fatalf("CreateMultipart(%s): %v", name, err)
	}
	return id
}

func multipart(t *testing.T, b blob.Bucket) {
	first, second := strings.Repeat("a", partBytes), "the end"
	id := create(t, b, "m/object")
	p2 := uploadPart(t, b, "m/object", id, 2, "to be replaced")
	p1 := uploadPart(t, b, "m/object", id, 1, first)
	p2 = uploadPart(t, b, "m/object", id, 2, second)
	wantNone(t, b, "m/object")
	info, err := b.CompleteMultipart(t.Context(), "m/object", id, []blob.Part{p1, p2}, nil)
	if err != nil {
		t.Fatalf("CompleteMultipart: %v", err)
	}
	if info.Bytes != int64(len(first)+len(second)) {
		t.Errorf("CompleteMultipart: %d bytes, want %d", info.Bytes, len(first)+len(second))
	}
	if got := get(t, b, "m/object", 0, -1); got != first+second {
		t.Errorf("the object has other content, %d bytes", len(got))
	}
	again, err := b.CompleteMultipart(t.Context(), "m/object", id, []blob.Part{p1, p2}, nil)
	if err != nil || again.Bytes != info.Bytes {
		t.Errorf("CompleteMultipart again = %+v, %v", again, err)
	}
	if err := b.AbortMultipart(t.Context(), "m/object", id); err != nil {
		t.Errorf("AbortMultipart after completion: %v", err)
	}
	if got := get(t, b, "m/object", 0, 1); got != "a" {
		t.Errorf("AbortMultipart after completion: the object reads %q", got)
	}
}

func multipartFaults(t *testing.T, b blob.Bucket) {
	id := create(t, b, "m/faults")
	good := uploadPart(t, b, "m/faults", id, 1, "one")
	for what, parts := range map[string][]blob.Part{
		"no parts":       nil,
		"a missing part": {good, {Number: 2, ETag: good.ETag}},
		"a wrong ETag":   {{Number: 1, ETag: `"d41d8cd98f00b204e9800998ecf8427e"`}},
	} {
		_, err := b.CompleteMultipart(t.Context(), "m/faults", id, parts, nil)
		wantKind(t, "CompleteMultipart with "+what, err, ballast.Invalid)
		wantNone(t, b, "m/faults")
	}
	for _, number := range []int{0, -1, blob.MaxPart + 1} {
		_, _, err := b.SignPart(t.Context(), "m/faults", id, number, blob.SignOptions{Method: "PUT", Expires: time.Minute, MaxBytes: -1})
		wantKind(t, "SignPart of a wrong number", err, ballast.Invalid)
	}
	_, err := b.CompleteMultipart(t.Context(), "m/other", id, []blob.Part{good}, nil)
	wantKind(t, "CompleteMultipart under another name", err, ballast.NotFound)
	if err := b.AbortMultipart(t.Context(), "m/faults", id); err != nil {
		t.Fatal(err)
	}
	_, err = b.CompleteMultipart(t.Context(), "m/faults", id, []blob.Part{good}, nil)
	wantKind(t, "CompleteMultipart after an abort", err, ballast.NotFound)
	if err := b.AbortMultipart(t.Context(), "m/faults", "../../nonsense"); err != nil {
		t.Errorf("AbortMultipart of an unknown upload: %v", err)
	}
}
