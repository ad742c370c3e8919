package fileblob_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/blobtest"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
)

var testKeys = []fileblob.Key{{ID: "new", Secret: []byte("new secret")}, {ID: "old", Secret: []byte("old secret")}}

func open(t *testing.T, dir string, o fileblob.Options) *fileblob.Bucket {
	t.Helper()
	b, err := fileblob.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBucket(t *testing.T) {
	blobtest.Run(t, func(t *testing.T, url string) blob.Bucket {
		return open(t, t.TempDir(), fileblob.Options{URL: url, Keys: testKeys})
	})
}

func TestModesAndLeftovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	b := open(t, dir, fileblob.Options{})
	for _, name := range []string{"a/b/c", "a/d"} {
		if _, err := b.Put(t.Context(), name, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
	}
	stale, fresh := filepath.Join(dir, ".tmp", "put-stale"), filepath.Join(dir, ".tmp", "put-fresh")
	for _, f := range []string{stale, fresh} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(stale, old, old); err != nil {
		t.Fatal(err)
	}
	open(t, dir, fileblob.Options{})
	if _, err := os.Stat(stale); err == nil {
		t.Error("a stale temporary file outlived the start")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a fresh temporary file, perhaps of a live writer, is gone: %v", err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others may look in", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a/b/c", "a/d"} {
		if err := b.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("empty folders stay after the last delete")
	}
}

// TestStoreWithoutFolder: a disk that is not there is no client's fault.
func TestStoreWithoutFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	b := open(t, dir, fileblob.Options{})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), "a/b", strings.NewReader("x"), 1); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("storing without the folder: %v (%s), want unavailable", err, ballast.KindOf(err))
	}
}

func TestKeyRotation(t *testing.T) {
	dir := t.TempDir()
	now := time.Unix(1_800_000_000, 0)
	with := func(keys ...fileblob.Key) *fileblob.Bucket {
		return open(t, dir, fileblob.Options{URL: "http://h:1/", Store: 3, Keys: keys, Now: func() time.Time { return now }})
	}
	signed, _, err := with(testKeys[1]).SignedURL(t.Context(), "x/y", blob.SignOptions{Method: "PUT", Expires: time.Hour, MaxBytes: 7, Type: "a/b"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(signed)
	if err != nil || u.Host != "h:1" || u.Path != "/storage/3/x/y" {
		t.Fatalf("URL %s (%v)", signed, err)
	}
	g, err := with(testKeys...).Verify("PUT", u, now.Add(59*time.Minute))
	if err != nil || g.Name != "x/y" || g.MaxBytes != 7 || g.Type != "a/b" || !g.Expires.Equal(now.Add(time.Hour)) {
		t.Errorf("a URL signed with the old key: %+v, %v", g, err)
	}
	for what, b := range map[string]*fileblob.Bucket{
		"only the new key":  with(testKeys[0]),
		"other secret":      with(fileblob.Key{ID: "old", Secret: []byte("another")}),
		"no keys":           with(),
		"the bytes of both": with(fileblob.Key{ID: "", Secret: []byte("old secret")}),
	} {
		if _, err := b.Verify("PUT", u, now); !ballast.Is(err, ballast.Denied) {
			t.Errorf("with %s: %v", what, err)
		}
	}
	if _, err := with(testKeys...).Verify("PUT", u, now.Add(time.Hour)); !ballast.Is(err, ballast.Denied) {
		t.Errorf("at its expiry: %v", err)
	}
	if _, _, err := with().SignedURL(t.Context(), "x", blob.SignOptions{Method: "GET", Expires: time.Hour}); err == nil {
		t.Error("a bucket without keys signed a URL")
	}
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	b, err := fileblob.Open(f.TempDir(), fileblob.Options{URL: "http://h", Keys: testKeys, Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	good, _, err := b.SignedURL(f.Context(), "x/y", blob.SignOptions{Method: "PUT", Expires: time.Hour, MaxBytes: 7, MD5: make([]byte, 16)})
	if err != nil {
		f.Fatal(err)
	}
	want, err := url.Parse(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good + "&exp=9999999999")
	f.Add("http://h/storage/0/../../etc/passwd?kid=new&exp=9&sig=AA")
	f.Add("http://h/storage/0/a?kid=%zz&sig=%00")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil {
			return
		}
		if g, err := b.Verify("PUT", u, now); err == nil && (u.Path != want.Path || g.MaxBytes != 7 || len(g.MD5) != 16 || g.Upload != "") {
			t.Errorf("%q was let in: %+v", s, g)
		}
	})
}
