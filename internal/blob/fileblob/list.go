package fileblob

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// List implements [blob.Bucket].
func (b *Bucket) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	l := lister{ctx: ctx, root: b.dir, prefix: prefix, after: after, limit: limit}
	if err := l.folder(""); err != nil {
		return nil, fault(err, "listing", prefix+"*")
	}
	return l.found, nil
}

type lister struct {
	ctx                 context.Context
	root, prefix, after string
	limit               int
	found               []blob.Info
}

// folder lists the folder whose objects' names start with base. A folder sorts
// as its name with a slash, so that the walk yields the order of whole names.
func (l *lister) folder(base string) error {
	if err := l.ctx.Err(); err != nil {
		return ballast.Wrap(ballast.Unavailable, err, "listing objects was given up")
	}
	entries, err := os.ReadDir(filepath.Join(l.root, filepath.FromSlash(base)))
	if err != nil {
		if absent(err) {
			return nil // deleted meanwhile
		}
		return err
	}
	byName := make(map[string]os.DirEntry, len(entries))
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := base + e.Name()
		if e.IsDir() {
			name += "/"
		}
		if !strings.HasPrefix(e.Name(), ".") && l.wanted(name) {
			byName[name] = e
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		if len(l.found) >= l.limit {
			return nil
		}
		if strings.HasSuffix(name, "/") {
			if err := l.folder(name); err != nil {
				return err
			}
		} else if st, err := byName[name].Info(); err == nil {
			l.found = append(l.found, infoOf(name, st))
		}
	}
	return nil
}

// wanted reports whether an object, or anything in a folder (its name ends
// with a slash), is in the answer.
func (l *lister) wanted(name string) bool {
	if !strings.HasSuffix(name, "/") {
		return strings.HasPrefix(name, l.prefix) && name > l.after
	}
	inPrefix := strings.HasPrefix(name, l.prefix) || strings.HasPrefix(l.prefix, name)
	return inPrefix && (name > l.after || strings.HasPrefix(l.after, name))
}
