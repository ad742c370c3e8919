package file_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

type stage struct {
	t      *testing.T
	db     *meta.DB
	bucket *fileblob.Bucket
	files  *file.Files
	run    ballast.Run
}

func newStage(t *testing.T) *stage {
	t.Helper()
	st := &stage{t: t, db: metatest.Open(t)}
	var err error
	st.bucket, err = fileblob.Open(t.TempDir(), fileblob.Options{URL: "http://ballast.test", Keys: []fileblob.Key{{ID: "k", Secret: []byte("the secret of test links")}}})
	if err != nil {
		t.Fatal(err)
	}
	st.files = file.New(st.db, file.Options{Stores: map[int]blob.Bucket{0: st.bucket}})
	st.write(func(tx *meta.Tx) error {
		u, err := tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, "")
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(u.EntityID, "p", u.ID, time.Now())
		if err != nil {
			return err
		}
		st.run, err = tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "r", UserID: u.ID})
		return err
	})
	return st
}

func (st *stage) write(fn func(*meta.Tx) error) {
	st.t.Helper()
	if err := st.db.Write(st.t.Context(), "test", fn); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) reserve(names ...string) []file.Upload {
	st.t.Helper()
	uploads, headers, err := st.files.Reserve(st.t.Context(), st.run, names)
	if err != nil || headers == nil || len(uploads) != len(names) {
		st.t.Fatalf("reserving %q: %v, headers %v, %v", names, uploads, headers, err)
	}
	return uploads
}

// put stores the bytes of an upload as a client of S3 would: the server does
// not see it.
func (st *stage) put(u file.Upload, content string) {
	st.t.Helper()
	if _, err := st.bucket.Put(st.t.Context(), u.Object, strings.NewReader(content), -1); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) names() []string {
	st.t.Helper()
	list, err := st.files.List(st.t.Context(), st.run.ID, meta.FileQuery{})
	if err != nil {
		st.t.Fatal(err)
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name)
	}
	return names
}

func TestReserve(t *testing.T) {
	st := newStage(t)
	up := st.reserve("./a b.txt", "media//images/x y%20#?ü.png", "HT%3ML ", "./a b.txt")
	want := []string{"a b.txt", "media/images/x y%20#?ü.png", "HT%3ML ", "a b.txt"}
	seen := map[string]bool{}
	for i, u := range up {
		if u.Name != want[i] || seen[u.Object] {
			t.Errorf("upload %d is %+v, want the name %q and an object of its own", i, u, want[i])
		}
		seen[u.Object] = true
		link, err := url.Parse(u.URL)
		if err != nil {
			t.Fatal(err)
		}
		g, err := st.bucket.Verify("PUT", link, time.Now())
		if err != nil || g.Name != u.Object || g.MaxBytes != -1 {
			t.Errorf("the link of upload %d grants %+v, %v", i, g, err)
		}
	}
	if up[0].Asked != "./a b.txt" {
		t.Errorf("the client's own name is lost: %q", up[0].Asked)
	}
	if n := st.names(); len(n) != 0 {
		t.Errorf("reserving made files: %v", n)
	}
	good := len(up)
	for _, bad := range []string{"../x", "/x", "a\x00b", "", ".", strings.Repeat("n", 2000), "\xff"} {
		if _, _, err := st.files.Reserve(t.Context(), st.run, []string{bad}); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%.20q: %v, want Invalid", bad, err)
		}
		up, _, err := st.files.Reserve(t.Context(), st.run, []string{bad, "./a b.txt"})
		if err != nil || up[0].Asked != bad || up[0].URL != "" || up[1].URL == "" {
			t.Errorf("%.20q beside a good name: %+v, %v", bad, up, err)
		}
		good++
	}
	if _, _, err := st.files.Reserve(t.Context(), st.run, make([]string, file.MaxReserve+1)); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("too many: %v", err)
	}
	var open []meta.Upload
	st.write(func(tx *meta.Tx) (err error) {
		open, err = tx.Uploads(st.run.ID)
		return err
	})
	if len(open) != good {
		t.Errorf("%d uploads wait, want the %d that were handed out", len(open), good)
	}
}

// TestReserveMany: the SDK names all files of a run.save in one call.
func TestReserveMany(t *testing.T) {
	st := newStage(t)
	names := make([]string, 20_000)
	for i := range names {
		names[i] = fmt.Sprintf("many/%d.txt", i)
	}
	up, _, err := st.files.Reserve(t.Context(), st.run, names)
	if err != nil || len(up) != len(names) {
		t.Fatalf("%d uploads, %v", len(up), err)
	}
	var open []meta.Upload
	st.write(func(tx *meta.Tx) (err error) {
		open, err = tx.Uploads(st.run.ID)
		return err
	})
	if len(open) != len(names) || up[19_999].Name != "many/19999.txt" {
		t.Errorf("%d uploads wait, the last is %q", len(open), up[19_999].Name)
	}
}

// TestComplete is the way of a store that tells us nothing: the client's word.
func TestComplete(t *testing.T) {
	st := newStage(t)
	first := st.reserve("a.txt", "never.txt")
	st.put(first[0], "one")
	for range 2 { // told twice
		if err := st.files.Complete(t.Context(), st.run, []string{"./a.txt", "never.txt", "unknown.txt"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a.txt"}, st.names()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	second := st.reserve("a.txt", "a.txt")
	st.put(second[0], "two")
	st.put(second[1], "three")
	if err := st.files.Complete(t.Context(), st.run, []string{"a.txt"}); err != nil {
		t.Fatal(err)
	}
	f, err := st.files.Named(t.Context(), st.run.ID, "a.txt")
	if err != nil || f.Bytes == 3 && f.Object == first[0].Object {
		t.Errorf("the file is still the first: %+v, %v", f, err)
	}
	if _, err := st.bucket.Stat(t.Context(), first[0].Object); err != nil {
		t.Errorf("the first object is gone while a reader may have it: %v", err)
	}
}

func TestCompleteMany(t *testing.T) {
	st := newStage(t)
	names := make([]string, 1200) // more than one statement takes
	for i := range names {
		names[i] = strings.Repeat("d/", i%5) + "f" + strings.Repeat("x", i)[:i%100] + string(rune('a'+i%26)) + time.Duration(i).String()
	}
	up := st.reserve(names...)
	st.put(up[1100], "x")
	if err := st.files.Complete(t.Context(), st.run, names); err != nil {
		t.Fatal(err)
	}
	if got := st.names(); len(got) != 1 || got[0] != up[1100].Name {
		t.Errorf("files %v, want %q", got, up[1100].Name)
	}
}

func TestFinishPut(t *testing.T) {
	st := newStage(t)
	u := st.reserve("img.PNG")[0]
	sum := md5.Sum([]byte("x"))
	info := blob.Info{Bytes: 1, MD5: sum[:]}
	for range 2 {
		if err := st.files.FinishPut(t.Context(), u.Object, info); err != nil {
			t.Fatal(err)
		}
	}
	f, ok, err := st.files.Stored(t.Context(), u.Object)
	if err != nil || !ok || f.MimeType != "image/png" || f.Name != "img.PNG" || !cmp.Equal(f.MD5, sum[:]) {
		t.Errorf("%+v %v %v", f, ok, err)
	}
	if err := st.files.FinishPut(t.Context(), "runs/9/unknown", info); err != nil {
		t.Errorf("an object that nobody waits for: %v", err)
	}
	if _, ok, err := st.files.Stored(t.Context(), "runs/9/unknown"); ok || err != nil {
		t.Errorf("it is a file: %v %v", ok, err)
	}
}

func TestDelete(t *testing.T) {
	st := newStage(t)
	var ids []int64
	for _, name := range []string{"a", "b"} {
		u := st.reserve(name)[0]
		st.put(u, name)
		if err := st.files.FinishPut(t.Context(), u.Object, blob.Info{Bytes: 1, MD5: make([]byte, 16)}); err != nil {
			t.Fatal(err)
		}
		f, err := st.files.Named(t.Context(), st.run.ID, name)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, f.ID)
	}
	if err := st.files.Delete(t.Context(), st.run.ID+1, ids); !ballast.Is(err, ballast.NotFound) || len(st.names()) != 2 {
		t.Errorf("another run's files: %v, left %v", err, st.names())
	}
	if err := st.files.Delete(t.Context(), st.run.ID, ids[:1]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b"}, st.names()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if _, err := st.files.Named(t.Context(), st.run.ID, "../b"); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("a name that no file can have: %v", err)
	}
}

func TestURL(t *testing.T) {
	st := newStage(t)
	for _, c := range []struct{ name, kind, disposition string }{
		{"x/a b\"ü.txt", "text/plain; charset=utf-8", `inline; filename="a b__.txt"; filename*=UTF-8''a%20b%22%C3%BC.txt`},
		{"x.html", "text/html; charset=utf-8", `attachment; filename="x.html"; filename*=UTF-8''x.html`},
		{"x.svg", "image/svg+xml", `attachment; filename="x.svg"; filename*=UTF-8''x.svg`},
		{"x.png", "image/png", `inline; filename="x.png"; filename*=UTF-8''x.png`},
		{"x.json", "application/json", `inline; filename="x.json"; filename*=UTF-8''x.json`},
		{"x.py", "text/plain; charset=utf-8", `inline; filename="x.py"; filename*=UTF-8''x.py`},
		{"x.pkl", "application/octet-stream", `attachment; filename="x.pkl"; filename*=UTF-8''x.pkl`},
	} {
		link, err := st.files.URL(t.Context(), ballast.File{Name: c.name, Object: "runs/1/x", MimeType: file.MimeType(c.name)})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil || !strings.HasPrefix(link, "http://ballast.test/storage/0/runs/1/x?") {
			t.Fatalf("%s: %s, %v", c.name, link, err)
		}
		g, err := st.bucket.Verify(http.MethodGet, u, time.Now())
		if err != nil || g.Type != c.kind || g.Disposition != c.disposition {
			t.Errorf("%s: %q %q %v, want %q %q", c.name, g.Type, g.Disposition, err, c.kind, c.disposition)
		}
	}
	if _, err := st.files.URL(t.Context(), ballast.File{Store: 5}); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("a store that is not configured: %v", err)
	}
}

// deadBucket cannot be asked.
type deadBucket struct{ blob.Bucket }

func (deadBucket) Stat(context.Context, string) (blob.Info, error) {
	return blob.Info{}, ballast.Wrap(ballast.Unavailable, io.ErrUnexpectedEOF, "the store does not answer")
}

// TestCompleteLater: a store that does not answer must not make the client
// believe that all is well, nor give up.
func TestCompleteLater(t *testing.T) {
	st := newStage(t)
	st.reserve("a")
	files := file.New(st.db, file.Options{Stores: map[int]blob.Bucket{0: deadBucket{st.bucket}}})
	if err := files.Complete(t.Context(), st.run, []string{"a"}); !ballast.Is(err, ballast.Unavailable) {
		t.Errorf("%v, want Unavailable", err)
	}
}
