package file

import (
	"archive/zip"
	"context"
	"io"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// zipPage is how many files are looked up at once while an archive is written.
const zipPage = 500

// Zip writes the files of a run whose name begins with prefix ("" for all) as
// one zip archive, by name. Nothing is compressed: what is large in a run is
// compressed already, and bytes pass through one small buffer. An error after
// the first byte leaves w with half an archive. A prefix that no file has is
// NotFound, before anything is written.
func (f *Files) Zip(ctx context.Context, runID int64, prefix string, w io.Writer) error {
	z := zip.NewWriter(w)
	q := meta.FileQuery{Limit: zipPage, Like: likePrefix(prefix)}
	buffer := make([]byte, 256<<10)
	for first := true; ; first = false {
		files, err := f.List(ctx, runID, q)
		switch {
		case err != nil:
			return err
		case len(files) == 0 && first:
			return ballast.Errorf(ballast.NotFound, "the run has no files under %.140q", prefix)
		case len(files) == 0:
			return z.Close()
		}
		for _, file := range files {
			if err := f.zipOne(ctx, z, file, buffer); err != nil {
				return err
			}
		}
		q.After = files[len(files)-1].Name
	}
}

func (f *Files) zipOne(ctx context.Context, z *zip.Writer, file ballast.File, buffer []byte) error {
	bucket, err := f.bucket(file.Store)
	if err != nil {
		return err
	}
	body, err := bucket.Get(ctx, file.Object, 0, -1)
	if err != nil {
		return ballast.Wrap(ballast.KindOf(err), err, "adding the file %.140q to the archive", file.Name)
	}
	defer body.Close()
	// A backslash would be a folder to some who unpack it.
	to, err := z.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(file.Name, `\`, "_"), Modified: file.Updated, Method: zip.Store})
	if err != nil {
		return err
	}
	n, err := io.CopyBuffer(to, body, buffer)
	if err == nil && n != file.Bytes {
		err = ballast.Errorf(ballast.Unavailable, "the file %.140q has %d bytes in the store, %d were stored", file.Name, n, file.Bytes)
	}
	return err
}

// likePrefix is the pattern of names that begin with a text; "" for all.
func likePrefix(prefix string) string {
	if prefix == "" {
		return ""
	}
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(prefix) + "%"
}
