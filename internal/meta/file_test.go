package meta_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestFile(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		sum := bytes.Repeat([]byte{0xfe}, 16)
		upload := func(object, name string) {
			t.Helper()
			write(t, db, func(tx *meta.Tx) error { return tx.CreateUpload(object, 1, 7, name, start) })
		}
		finish := func(object string) (old ballast.File) {
			t.Helper()
			write(t, db, func(tx *meta.Tx) (err error) {
				old, err = tx.FinishUpload(object, 42, sum, "text/plain", start.Add(time.Minute))
				return err
			})
			return old
		}
		upload("o1", "a/b c.txt")
		if u := get(t, db, func(tx *meta.Tx) (meta.Upload, error) { return tx.Upload("o1") }); u != (meta.Upload{Object: "o1", Store: 1, RunID: 7, Name: "a/b c.txt", Created: start}) {
			t.Errorf("upload %+v", u)
		}
		missing(t, db, func(tx *meta.Tx) (ballast.File, error) { return tx.FileByName(7, "a/b c.txt") })
		if old := finish("o1"); old.ID != 0 {
			t.Errorf("took the place of %+v", old)
		}
		want := ballast.File{RunID: 7, Name: "a/b c.txt", Store: 1, Object: "o1", Bytes: 42, MD5: sum, MimeType: "text/plain", Updated: start.Add(time.Minute)}
		got := get(t, db, func(tx *meta.Tx) (ballast.File, error) { return tx.FileByName(7, "a/b c.txt") })
		want.ID = got.ID
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		missing(t, db, func(tx *meta.Tx) (meta.Upload, error) { return tx.Upload("o1") })
		if old := finish("o1"); old.ID != 0 { // twice
			t.Errorf("a second time: took the place of %+v", old)
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { _, err := tx.FinishUpload("never", 1, nil, "", start); return err })

		upload("o2", "a/b c.txt")
		if old := finish("o2"); old.Object != "o1" {
			t.Errorf("took the place of %+v, want o1", old)
		}
		if f := get(t, db, func(tx *meta.Tx) (ballast.File, error) { return tx.FileByObject("o2") }); f.ID != want.ID {
			t.Errorf("the new upload made another file: %+v", f)
		}
		if n := get(t, db, func(tx *meta.Tx) (int64, error) { return tx.FileCount(7) }); n != 1 {
			t.Errorf("%d files", n)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteFiles([]int64{want.ID, 999}) })
		missing(t, db, func(tx *meta.Tx) (ballast.File, error) { return tx.File(want.ID) })
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error {
			return tx.CreateUpload("o3", 1, 7, strings.Repeat("x", ballast.MaxFile+1), start)
		})
		upload("o4", strings.Repeat("é", ballast.MaxFile/2)) // the longest
		upload("o5", "b")
		if all := get(t, db, func(tx *meta.Tx) ([]meta.Upload, error) { return tx.Uploads(7) }); len(all) != 2 {
			t.Errorf("promised: %+v", all)
		}
		if all := get(t, db, func(tx *meta.Tx) ([]meta.Upload, error) { return tx.Uploads(7, "b", "c") }); len(all) != 1 || all[0].Object != "o5" {
			t.Errorf("promised b: %+v", all)
		}
	})
}

func TestFiles(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		write(t, db, func(tx *meta.Tx) error {
			for i, n := range []string{"b.txt", "a.txt", "B.txt", "media/x_1.png", "media/x-1.png", "a.txt ", "50%.txt", `back\slash`, "pi|pe", "é.txt"} {
				object := string(rune('k' + i))
				if err := tx.CreateUpload(object, 1, 7, n, start); err != nil {
					return err
				}
				if _, err := tx.FinishUpload(object, 1, nil, "", start); err != nil {
					return err
				}
			}
			return nil
		})
		for name, c := range map[string]struct {
			q    meta.FileQuery
			want []string
		}{
			"all":         {meta.FileQuery{}, []string{"50%.txt", "B.txt", "a.txt", "a.txt ", "b.txt", `back\slash`, "media/x-1.png", "media/x_1.png", "pi|pe", "é.txt"}},
			"page":        {meta.FileQuery{After: "a.txt", Limit: 2}, []string{"a.txt ", "b.txt"}},
			"names":       {meta.FileQuery{Names: []string{"b.txt", "nope", "a.txt"}}, []string{"a.txt", "b.txt"}},
			"with case":   {meta.FileQuery{Like: "b%"}, []string{"b.txt", `back\slash`}},
			"any one":     {meta.FileQuery{Like: "media/x_1.png"}, []string{"media/x-1.png", "media/x_1.png"}},
			"plain _":     {meta.FileQuery{Like: `media/x\_1.png`}, []string{"media/x_1.png"}},
			"plain %":     {meta.FileQuery{Like: `%\%%`}, []string{"50%.txt"}},
			"a backslash": {meta.FileQuery{Like: `%\\%`}, []string{`back\slash`}},
			"a bar":       {meta.FileQuery{Like: `%|%`}, []string{"pi|pe"}},
			"any letter":  {meta.FileQuery{Like: "_.txt"}, []string{"B.txt", "a.txt", "b.txt", "é.txt"}},
			"exact":       {meta.FileQuery{Like: "a.txt"}, []string{"a.txt"}},
		} {
			t.Run(name, func(t *testing.T) {
				var got []string
				for _, f := range get(t, db, func(tx *meta.Tx) ([]ballast.File, error) { return tx.Files(7, c.q) }) {
					got = append(got, f.Name)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	})
}

// TestUploadAtOnce: two replicas that finish uploads of one name leave one file.
func TestUploadAtOnce(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		objects := []string{"o1", "o2", "o3", "o4"}
		write(t, db, func(tx *meta.Tx) error {
			for _, o := range objects {
				if err := tx.CreateUpload(o, 1, 7, "x", start); err != nil {
					return err
				}
			}
			return nil
		})
		errs := make(chan error, len(objects))
		for _, o := range objects {
			go func() {
				errs <- db.Write(context.Background(), "finish", func(tx *meta.Tx) error { _, err := tx.FinishUpload(o, 1, nil, "", start); return err })
			}()
		}
		for range objects {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if all := get(t, db, func(tx *meta.Tx) ([]ballast.File, error) { return tx.Files(7, meta.FileQuery{}) }); len(all) != 1 {
			t.Errorf("files %+v", all)
		}
	})
}
