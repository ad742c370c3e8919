package graph

import (
	"context"
	"encoding/base64"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (r runResolver) FileCount(ctx context.Context, run *ballast.Run) (*int, error) {
	var n int64
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		n, err = tx.FileCount(run.ID)
		return err
	})
	return new(int(n)), err
}

// Files lists a run's files. A file's cursor is its name.
func (r runResolver) Files(ctx context.Context, run *ballast.Run, names []*string, after *string, first *int, pattern *string) (*generated.FileConnection, error) {
	limit := page(first, firstPage, maxPage)
	out := &generated.FileConnection{Edges: []*generated.FileEdge{}, PageInfo: &generated.PageInfo{}, UploadHeaders: []string{}}
	if asked := present(names); len(asked) > 0 {
		return out, r.namedFiles(ctx, out, run, asked)
	}
	found, err := r.files.List(ctx, run.ID, meta.FileQuery{Like: text(pattern), After: text(after), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	out.PageInfo.HasNextPage = len(found) > limit
	for _, f := range found[:min(limit, len(found))] {
		addFile(out, fileNode(run, f, f.Name))
	}
	n, err := r.FileCount(ctx, run)
	out.TotalCount = n
	return out, err
}

// absent is the md5 of a file that is not there, by which wandb.restore tells.
const absent = "0"

// namedFiles answers a node for each name, also for a file that is not there:
// the SDK tells by updatedAt (PROTOCOL section 4).
func (r runResolver) namedFiles(ctx context.Context, out *generated.FileConnection, run *ballast.Run, names []string) error {
	if len(names) > file.MaxReserve {
		return ballast.Errorf(ballast.Invalid, "%d names at once: at most %d are allowed", len(names), file.MaxReserve)
	}
	found, err := r.files.List(ctx, run.ID, meta.FileQuery{Names: names})
	if err != nil {
		return err
	}
	byName := map[string]ballast.File{}
	for _, f := range found {
		byName[f.Name] = f
	}
	for _, name := range names {
		clean, err := ballast.CleanFileName(name)
		if err != nil {
			continue // no file can have it
		}
		n := fileNode(run, byName[clean], clean)
		if n.Stored.ID == 0 {
			n.Md5 = some(absent)
		}
		addFile(out, n)
	}
	out.TotalCount = new(len(out.Edges))
	return nil
}

func addFile(out *generated.FileConnection, f *generated.File) {
	out.Edges = append(out.Edges, &generated.FileEdge{Cursor: f.Name, Node: f})
	out.PageInfo.EndCursor = &f.Name
}

// fileNode is a file as it is shown; the zero File is one that is not there.
func fileNode(run *ballast.Run, f ballast.File, name string) *generated.File {
	n := &generated.File{
		ID: opaqueID("File", f.ID), Name: name, DisplayName: name, SizeBytes: f.Bytes, Mimetype: some(f.MimeType),
		UpdatedAt: moment(f.Updated), UploadHeaders: []string{}, Stored: f, Run: run,
	}
	if len(f.MD5) > 0 {
		n.Md5 = some(base64.StdEncoding.EncodeToString(f.MD5))
		n.Digest = n.Md5
	}
	return n
}

func (r fileResolver) URL(ctx context.Context, f *generated.File, upload *bool) (*string, error) {
	if !yes(upload) {
		url, err := r.DirectURL(ctx, f)
		return some(url), err
	}
	if f.Run == nil {
		return f.UploadURL, nil
	}
	if _, err := r.entityNamed(ctx, f.Run.Entity, auth.Write); err != nil {
		return nil, err
	}
	uploads, _, err := r.files.Reserve(ctx, *f.Run, []string{f.Name})
	if err != nil {
		return nil, err
	}
	return some(uploads[0].URL), nil
}

func (r fileResolver) DirectURL(ctx context.Context, f *generated.File) (string, error) {
	switch {
	case f.Content != nil:
		return r.artifacts.URL(ctx, *f.Content)
	case f.Manifest != nil:
		return r.artifacts.ManifestURL(ctx, *f.Manifest)
	}
	if f.Stored.ID == 0 {
		return "", nil
	}
	return r.files.URL(ctx, f.Stored)
}

func (r mutationResolver) CreateRunFiles(ctx context.Context, in generated.CreateRunFilesInput) (*generated.CreateRunFilesPayload, error) {
	run, err := r.fileRun(ctx, in.EntityName, in.ProjectName, in.RunName)
	if err != nil {
		return nil, err
	}
	uploads, headers, err := r.files.Reserve(ctx, run, in.Files)
	if err != nil {
		return nil, err
	}
	out := &generated.CreateRunFilesPayload{RunID: ballast.StorageID(run.Entity, run.Project, run.Name), UploadHeaders: headers, Files: []*generated.File{}}
	for _, u := range uploads {
		// The client knows the reply by the name that it asked for.
		f := fileNode(&run, ballast.File{}, u.Asked)
		f.UploadURL, f.UploadHeaders = some(u.URL), headers
		out.Files = append(out.Files, f)
	}
	return out, nil
}

func (r mutationResolver) MarkRunFilesUploaded(ctx context.Context, in generated.MarkRunFilesUploadedInput) (*generated.MarkRunFilesUploadedPayload, error) {
	run, err := r.fileRun(ctx, in.EntityName, in.ProjectName, in.RunName)
	if err != nil {
		return nil, err
	}
	if err := r.files.Complete(ctx, run, in.Files); err != nil {
		return nil, err
	}
	return &generated.MarkRunFilesUploadedPayload{Success: true}, nil
}

// fileRun finds the run that files are uploaded to.
func (g *Graph) fileRun(ctx context.Context, entity, project, name string) (ballast.Run, error) {
	run, err := g.runNamed(ctx, entity, project, name, auth.Write)
	if err == nil && !run.Deleted.IsZero() {
		err = deleted(run)
	}
	return run, err
}

func (r mutationResolver) DeleteFiles(ctx context.Context, in generated.DeleteFilesInput) (*generated.DeleteFilesPayload, error) {
	byRun, err := r.filesToDelete(ctx, in.Files)
	if err != nil {
		return nil, err
	}
	for run, ids := range byRun {
		if err := r.files.Delete(ctx, run, ids); err != nil {
			return nil, err
		}
	}
	return &generated.DeleteFilesPayload{Success: new(true)}, nil
}

// filesToDelete finds the files by id and checks that the caller may write to
// their runs. Files of a run that is hidden answer as files that are not there.
func (g *Graph) filesToDelete(ctx context.Context, ids []string) (map[int64][]int64, error) {
	byRun := map[int64][]int64{}
	for _, id := range ids {
		n, err := parseOpaqueID("File", id)
		if err != nil {
			return nil, err
		}
		run, err := g.runOfFile(ctx, n)
		if err == nil {
			_, err = g.entityNamed(ctx, run.Entity, auth.Write)
		}
		if ballast.Is(err, ballast.NotFound) {
			return nil, auth.Hidden("file " + id)
		}
		if err != nil {
			return nil, err
		}
		byRun[run.ID] = append(byRun[run.ID], n)
	}
	return byRun, nil
}

func (g *Graph) runOfFile(ctx context.Context, id int64) (run ballast.Run, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		f, err := tx.File(id)
		if err == nil {
			run, err = tx.Run(f.RunID)
		}
		return err
	})
	return run, err
}

// present is a list without its nulls.
func present(list []*string) []string {
	var out []string
	for _, s := range list {
		if s != nil {
			out = append(out, *s)
		}
	}
	return out
}
