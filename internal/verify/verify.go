// Package verify reads everything that the store keeps and says what of it is
// damaged or missing, where (run, stream, rows, keys), and repairs what can be
// repaired from what is there: directories from objects and objects from
// directories, segments from their own values when only a level of detail or
// the Parquet wrapping is hurt, segments from those that they were merged of,
// and any object from a backup.
//
// It works beside a running server. What changes meanwhile is looked at again
// before it is reported.
package verify

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Finding is one thing that is wrong.
type Finding struct {
	What     string `json:"what"` // segment, directory, tail, console, file, content, manifest, aside, export, orphan, rows, counter, list, storage
	Run      string `json:"run,omitempty"`
	Stream   string `json:"stream,omitempty"`
	RowFrom  int64  `json:"row_from,omitempty"` // rows [RowFrom, RowTo), lines of a console
	RowTo    int64  `json:"row_to,omitempty"`
	Key      string `json:"key,omitempty"`
	Object   string `json:"object,omitempty"`
	Text     string `json:"text"`
	Repaired string `json:"repaired,omitempty"` // how, "" when it was not
}

// Where says what part of what run a finding is about.
func (f *Finding) Where() string {
	where := f.Run
	if f.Stream != "" {
		where += ", " + f.Stream
	}
	if f.RowTo > f.RowFrom {
		where += fmt.Sprintf(", rows %d to %d", f.RowFrom, f.RowTo-1)
	}
	if f.Key != "" {
		where += fmt.Sprintf(", key %.80q", f.Key)
	}
	return where
}

// Options are what a check may use.
type Options struct {
	Stores map[int]blob.Bucket
	// Ingest writes repaired segments; nil: nothing is repaired.
	Ingest *ingest.Ingest
	// Backup returns a whole object as a backup has it, NotFound when it has
	// none; nil: there is no backup.
	Backup func(ctx context.Context, store int, object string) ([]byte, error)
	// BackupChunk returns the chunk of a run's tail that begins at a row, as a
	// backup has it; nil: there is no backup.
	BackupChunk func(ctx context.Context, run int64, stream ballast.Stream, row0 int64) (meta.Chunk, error)
	Log         *slog.Logger
	Now         func() time.Time
}

// Report is what a check found.
type Report struct {
	Findings []Finding `json:"findings"`
	Runs     int64     `json:"runs"`
	Segments int64     `json:"segments"`
	Chunks   int64     `json:"chunks"`  // of tails and consoles
	Objects  int64     `json:"objects"` // read whole
	Bytes    int64     `json:"bytes"`
}

// Unrepaired counts the findings that stay.
func (r *Report) Unrepaired() (n int) {
	for i := range r.Findings {
		if r.Findings[i].Repaired == "" {
			n++
		}
	}
	return n
}

// check is one pass over the store.
type check struct {
	db    *meta.DB
	opt   Options
	rep   *Report
	named map[string]bool // every object that a row names
	paths map[int64]string
}

// youngObject is how long an object may lie without a row: what is being put.
const youngObject = 24 * time.Hour

// Store checks everything. The error is of the store that does not answer;
// what is wrong in it is in the report.
func Store(ctx context.Context, db *meta.DB, o Options) (*Report, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &check{db: db, opt: o, rep: &Report{}, named: map[string]bool{}, paths: map[int64]string{}}
	for _, step := range []func(context.Context) error{c.storage, c.runs, c.objects, c.orphans, c.marks} {
		if err := step(ctx); err != nil {
			return c.rep, err
		}
	}
	return c.rep, nil
}

func (c *check) add(f Finding) { c.rep.Findings = append(c.rep.Findings, f) }

func (c *check) storage(ctx context.Context) error {
	wrong, err := c.db.CheckStorage(ctx)
	for _, text := range wrong {
		c.add(Finding{What: "storage", Text: "the database file is damaged: " + text})
	}
	return err
}

// runPage is how many runs a transaction lists.
const runPage = 500

func (c *check) runs(ctx context.Context) error {
	for after := int64(0); ; {
		var page []meta.RunPlace
		err := c.db.Read(ctx, func(tx *meta.Tx) (err error) {
			page, err = tx.RunPlaces(after, runPage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, p := range page {
			c.paths[p.ID] = p.Path
			if err := c.run(ctx, p); err != nil && !ballast.Is(err, ballast.NotFound) { // a run that is gone by now
				return fmt.Errorf("checking run %s: %w", p.Path, err)
			}
			c.rep.Runs++
		}
		after = page[len(page)-1].ID
	}
}

func (c *check) run(ctx context.Context, p meta.RunPlace) error {
	for _, stream := range []ballast.Stream{ballast.History, ballast.Events} {
		if err := c.stream(ctx, p, stream); err != nil {
			return err
		}
	}
	if err := c.console(ctx, p); err != nil {
		return err
	}
	return c.counters(ctx, p)
}

func (c *check) counters(ctx context.Context, p meta.RunPlace) error {
	if c.opt.Ingest == nil {
		return nil
	}
	var changed bool
	err := c.db.Write(ctx, "counting a run's tail", func(tx *meta.Tx) (err error) {
		changed, err = tx.RecountTail(p.ID)
		return err
	})
	if changed {
		c.add(Finding{What: "counter", Run: p.Path, Text: "the counters of the run's tail were wrong", Repaired: "counted again"})
	}
	return err
}

// objects reads what rows name beside segments and console blocks, which were
// read with their runs.
func (c *check) objects(ctx context.Context) error {
	var rest []meta.Named
	err := c.db.Read(ctx, func(tx *meta.Tx) error {
		return tx.EachNamed(func(n meta.Named) error {
			if !c.named[n.Object] || n.MD5 != nil {
				rest = append(rest, n)
			}
			c.named[n.Object] = true
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, n := range rest {
		if n.Kind == "segment" || n.Kind == "console" { // put since
			continue
		}
		if err := c.object(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) object(ctx context.Context, n meta.Named) error {
	s, err := c.sum(ctx, n.Store, n.Object)
	if err != nil {
		return err
	}
	wrong := s.against(n)
	if wrong == "" {
		return nil
	}
	if still, err := c.stillNamed(ctx, n); err != nil || !still {
		return err
	}
	f := Finding{What: n.Kind, Run: c.paths[n.Run], Object: n.Object, Text: wrong}
	if n.File != "" {
		f.Text = fmt.Sprintf("file %.200q: %s", n.File, wrong)
	}
	f.Repaired = c.fromBackup(ctx, n)
	c.add(f)
	return nil
}

func (c *check) stillNamed(ctx context.Context, n meta.Named) (still bool, err error) {
	err = c.db.Read(ctx, func(tx *meta.Tx) (err error) {
		still, err = tx.StillNamed(n)
		return err
	})
	return still, err
}

// sum is what an object's bytes say of themselves.
type sum struct {
	absent bool
	bytes  int64
	md5    []byte
	sha    []byte
}

// sum reads an object whole.
func (c *check) sum(ctx context.Context, store int, object string) (s sum, err error) {
	bucket := c.opt.Stores[store]
	if bucket == nil {
		return sum{absent: true}, nil
	}
	r, err := bucket.Get(ctx, object, 0, -1)
	if ballast.Is(err, ballast.NotFound) {
		return sum{absent: true}, nil
	}
	if err != nil {
		return s, err
	}
	defer r.Close()
	m, h := md5.New(), sha256.New()
	if s.bytes, err = io.Copy(io.MultiWriter(m, h), r); err != nil {
		return s, ballast.Wrap(ballast.Unavailable, err, "reading object %s", object)
	}
	s.md5, s.sha = m.Sum(nil), h.Sum(nil)
	c.rep.Objects++
	c.rep.Bytes += s.bytes
	return s, nil
}

// named64 is the first 64 bits of the SHA-256 of what is in an object, as the
// names of segments and console blocks carry it.
var named64 = regexp.MustCompile(`^(?:history|console)/.*-([0-9a-f]{16})-[a-z0-9]+\.(?:parquet|blk)$`)

// against says how an object differs from what its row and its name say, ""
// when it does not.
func (s *sum) against(n meta.Named) string {
	m := named64.FindStringSubmatch(n.Object)
	switch {
	case s.absent:
		return "the object is missing"
	case n.Bytes >= 0 && n.Bytes != s.bytes:
		return fmt.Sprintf("the object has %d bytes, %d were stored", s.bytes, n.Bytes)
	case n.MD5 != nil && !slices.Equal(n.MD5, s.md5):
		return fmt.Sprintf("the object's MD5 is %x, %x was stored: its bytes changed", s.md5, n.MD5)
	case m != nil && m[1] != hex.EncodeToString(s.sha[:8]):
		return fmt.Sprintf("the object's SHA-256 begins with %x, %s was stored: its bytes changed", s.sha[:8], m[1])
	}
	return ""
}

// orphanPage is how many objects are listed at once.
const orphanPage = 500

// orphans lists the stores and looks for objects that neither a row names nor
// the collector knows.
func (c *check) orphans(ctx context.Context) error {
	for id, bucket := range c.opt.Stores {
		for after := ""; ; {
			page, err := bucket.List(ctx, "", after, orphanPage)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].Name
			if err := c.orphansOf(ctx, id, page); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *check) orphansOf(ctx context.Context, store int, page []blob.Info) error {
	var names []string
	found := map[string]blob.Info{}
	for _, o := range page {
		if !c.named[o.Name] && !meta.IsRunManifest(o.Name) && c.opt.Now().Sub(o.Modified) > youngObject {
			names = append(names, o.Name)
			found[o.Name] = o
		}
	}
	var listed map[string]bool
	err := c.db.Read(ctx, func(tx *meta.Tx) (err error) {
		listed, err = tx.ListedObjects(names)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if listed[name] {
			continue
		}
		f := Finding{What: "orphan", Object: name, Text: fmt.Sprintf("no row names this object of %d bytes, and the collector does not know it", found[name].Bytes)}
		if c.opt.Ingest != nil && meta.Collectable(name) {
			err := c.db.Write(ctx, "listing an orphan", func(tx *meta.Tx) error { return tx.NoteObject(name, store, found[name].Bytes, c.opt.Now()) })
			if err != nil {
				return err
			}
			f.Repaired = "the collector will take it when its grace is over"
		}
		c.add(f)
	}
	return nil
}

// marks looks for objects that the collector was about to delete although a
// row names them.
func (c *check) marks(ctx context.Context) error {
	var wrong []string
	err := c.db.Read(ctx, func(tx *meta.Tx) (err error) {
		wrong, err = tx.GivenUp()
		return err
	})
	for _, name := range wrong {
		f := Finding{What: "list", Object: name, Text: "the collector is about to delete this object, and a row names it"}
		if c.opt.Ingest != nil {
			if err := c.db.Write(ctx, "keeping an object", func(tx *meta.Tx) error { return tx.KeepObject(name) }); err != nil {
				return err
			}
			f.Repaired = "it is kept"
		}
		c.add(f)
	}
	return err
}
