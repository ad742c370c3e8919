package server

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

// namedTable is a table as the value that history has of it names it: the
// artifact that holds it whole, with its media, and the run's file, which is
// there before the artifact is.
type namedTable struct {
	Run      string `json:"run"`
	Path     string `json:"path"`
	Artifact string `json:"artifact"`
	Label    string `json:"label"` // where several tables are shown as one
}

// maxTablesTogether is how many tables one request puts together.
const maxTablesTogether = 20

// mediaTable sends a page of a table, or of several as one: under each other,
// or joined by a column that all have.
func mediaTable(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string `json:"project"`
		namedTable
		More   []namedTable       `json:"more"`
		Join   string             `json:"join"` // a column: the tables are joined
		Offset int                `json:"offset"`
		Limit  int                `json:"limit"`
		Sort   []query.TableOrder `json:"sort"`
		Text   string             `json:"text"`
		Where  []query.TableTest  `json:"where"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if len(in.More) >= maxTablesTogether {
		return ballast.Errorf(ballast.Invalid, "%d tables as one: at most %d are allowed", len(in.More)+1, maxTablesTogether)
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var together shownTable
	for _, t := range append([]namedTable{in.namedTable}, in.More...) {
		one, err := s.tableSource(ctx, p, t)
		if err != nil {
			return err
		}
		if err := together.add(one, t.Label, in.Join); err != nil {
			return err
		}
	}
	ask := query.TableRequest{Parts: together.parts, Join: together.join, Offset: in.Offset, Limit: in.Limit, Sort: in.Sort, Text: in.Text, Where: in.Where}
	if len(ask.Parts) == 1 && ask.Parts[0].Label == "" {
		ask.Source, ask.Parts, ask.Join = ask.Parts[0].Source, nil, nil
	}
	page, err := s.Query.MediaTable(ctx, ask)
	if err != nil {
		return err
	}
	links, err := s.mediaLinks(ctx, together.from, page.Media)
	if err != nil {
		return err
	}
	return answer(w, struct {
		*query.TablePage
		Links map[string]string `json:"links"` // media of the rows that an artifact holds: address by path
	}{page, links})
}

// shownTable is what a table's rows come from.
type shownTable struct {
	parts []query.TablePart
	join  []string           // a column of each part; empty: rows under each other
	from  []ballast.Artifact // that hold its media
}

// add puts a table under those before, or joins it to them by a column.
func (t *shownTable) add(one shownTable, label, join string) error {
	if len(one.join) > 0 && (len(t.parts) > 0 || label != "") {
		return ballast.Errorf(ballast.Invalid, "a table that is a join itself is shown alone")
	}
	if join != "" && len(one.parts) > 1 {
		return ballast.Errorf(ballast.Invalid, "a table of %d parts cannot be joined by %q; put the tables under each other", len(one.parts), join)
	}
	for _, p := range one.parts {
		if label != "" {
			p.Label = label
		}
		t.parts = append(t.parts, p)
	}
	t.join, t.from = append(t.join, one.join...), append(t.from, one.from...)
	if join != "" {
		t.join = append(t.join, join)
	}
	return nil
}

// tableSource finds a table's objects: in its artifact when that is committed,
// otherwise among the run's files.
func (s *Server) tableSource(ctx context.Context, p ballast.Project, t namedTable) (shownTable, error) {
	if t.Artifact != "" {
		shown, err := s.artifactTable(ctx, t.Artifact)
		if err == nil || t.Path == "" || !ballast.Is(err, ballast.NotFound) {
			return shown, err
		}
	}
	if t.Path == "" {
		return shownTable{}, ballast.Errorf(ballast.Invalid, "the table is not named: path or artifact must be given")
	}
	found, err := s.findRun(ctx, p.Entity, p.Name, t.Run, auth.Read)
	if err != nil {
		return shownTable{}, err
	}
	f, err := s.Files.Named(ctx, found.ID, t.Path)
	if err != nil {
		return shownTable{}, err
	}
	return shownTable{parts: []query.TablePart{{Source: query.TableSource{Store: f.Store, Object: f.Object, Bytes: f.Bytes}}}}, nil
}

// artifactTable finds what a table in an artifact consists of: itself, the two
// that it joins, the parts in its folder, or all increments until then.
func (s *Server) artifactTable(ctx context.Context, uri string) (shownTable, error) {
	src, a, err := s.artifactFile(ctx, uri)
	if err != nil {
		return shownTable{}, err
	}
	one := shownTable{from: []ballast.Artifact{a}}
	_, file, _ := strings.Cut(strings.SplitN(uri, "://", 2)[1], "/")
	switch {
	case strings.HasSuffix(file, ".joined-table.json"), strings.HasSuffix(file, ".partitioned-table.json"):
		return s.linkedTable(ctx, one, src)
	case a.Collection.Type == "wandb-run-incremental-table":
		// Each version adds one file: "None-…" the first, then "1-…", "2-…".
		one.parts, err = s.partsOf(ctx, a, func(file string) bool { return strings.HasSuffix(file, ".table.json") })
		return one, err
	}
	one.parts = []query.TablePart{{Source: src}}
	return one, nil
}

// linkedTable follows the file of a joined or partitioned table.
func (s *Server) linkedTable(ctx context.Context, one shownTable, src query.TableSource) (shownTable, error) {
	link, err := s.Query.TableLink(ctx, src)
	if err != nil {
		return one, err
	}
	if link.Folder != "" {
		folder := strings.TrimSuffix(link.Folder, "/") + "/"
		one.parts, err = s.partsOf(ctx, one.from[0], func(file string) bool {
			return strings.HasPrefix(file, folder) && strings.HasSuffix(file, ".table.json")
		})
		return one, err
	}
	for _, file := range []string{link.Table1, link.Table2} {
		source, from, err := s.fileOf(ctx, one.from[0], file)
		if err != nil {
			return one, err
		}
		if !slices.ContainsFunc(one.from, func(a ballast.Artifact) bool { return a.ID == from.ID }) {
			one.from = append(one.from, from)
		}
		one.parts = append(one.parts, query.TablePart{Source: source, Label: tableName(file)})
	}
	one.join = link.JoinKeys[:]
	return one, nil
}

// unnamed is what the SDK calls a table that nobody gave a name: its place in
// the join, and an address in its memory.
var unnamed = regexp.MustCompile(`^t([12])_\d+$`)

func tableName(file string) string {
	return unnamed.ReplaceAllString(strings.TrimSuffix(path.Base(file), ".table.json"), "table $1")
}

// partsOf are the files of an artifact that are parts of one table, in order:
// numbers at their beginning count as numbers, names without one come first.
func (s *Server) partsOf(ctx context.Context, a ballast.Artifact, is func(path string) bool) ([]query.TablePart, error) {
	m, err := s.Artifacts.Manifest(ctx, a)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range m.Entries {
		if is(e.Path) {
			names = append(names, e.Path)
		}
	}
	if len(names) == 0 {
		return nil, ballast.Errorf(ballast.NotFound, "the artifact has none of the parts of the table")
	}
	if len(names) > query.MaxTableParts {
		return nil, ballast.Errorf(ballast.TooLarge, "the table has %d parts, and at most %d can be shown", len(names), query.MaxTableParts)
	}
	slices.SortFunc(names, byNumber)
	files, _, err := s.Artifacts.Files(ctx, a, names, "", len(names))
	if err != nil {
		return nil, err
	}
	parts := make([]query.TablePart, len(files))
	for i, f := range files {
		parts[i].Source = query.TableSource{Store: f.Content.Store, Object: f.Content.Object, Bytes: f.Content.Bytes}
	}
	return parts, nil
}

// byNumber compares names by the numbers that they begin with, "2-17…" before
// "10-3…", then as text.
func byNumber(a, b string) int {
	first := func(s string) (int, string) {
		n := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		v, err := strconv.Atoi(s[:max(0, n)])
		if err != nil {
			return -1, s
		}
		return v, strings.TrimPrefix(s[n:], "-")
	}
	x, restA := first(a)
	y, restB := first(b)
	if x != y || x < 0 {
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	}
	return cmp.Or(byNumber(restA, restB), strings.Compare(a, b))
}

// artifactFile finds a file by the address that the SDK puts into history:
// "wandb-client-artifact://{client id}/{path}", or "wandb-artifact://{the id's
// text in hex}/{path}".
func (s *Server) artifactFile(ctx context.Context, uri string) (src query.TableSource, a ballast.Artifact, err error) {
	scheme, rest, _ := strings.Cut(uri, "://")
	id, file, ok := strings.Cut(rest, "/")
	if !ok || file == "" {
		return src, a, ballast.Errorf(ballast.Invalid, "artifact %.200q: it must be an address as the SDK logs it", uri)
	}
	missing := ballast.Errorf(ballast.NotFound, "the artifact of the table does not exist, or you may not see it")
	var owner ballast.Entity
	err = s.DB.Read(ctx, func(tx *meta.Tx) (err error) {
		switch scheme {
		case "wandb-client-artifact":
			a, err = tx.ArtifactByClient(id)
		case "wandb-artifact":
			a, err = tx.Artifact(artifactNumber(id))
		default:
			return ballast.Errorf(ballast.Invalid, "artifact %.200q: it must be an address as the SDK logs it", uri)
		}
		if err == nil {
			owner, err = tx.Entity(a.Collection.EntityID)
		}
		return err
	})
	if err == nil {
		err = s.may(ctx, auth.Read, owner)
	}
	if ballast.Is(err, ballast.NotFound) || ballast.Is(err, ballast.Denied) {
		return src, a, missing
	}
	if err != nil {
		return src, a, err
	}
	src, err = s.storedFile(ctx, a, file)
	return src, a, err
}

// fileOf finds a file of an artifact, also where its entry refers to one of
// another artifact.
func (s *Server) fileOf(ctx context.Context, a ballast.Artifact, file string) (src query.TableSource, from ballast.Artifact, err error) {
	files, _, err := s.Artifacts.Files(ctx, a, []string{file}, "", 1)
	if err != nil {
		return src, a, err
	}
	if len(files) == 1 && strings.Contains(files[0].Ref, "artifact://") {
		return s.artifactFile(ctx, files[0].Ref)
	}
	src, err = s.storedFile(ctx, a, file)
	return src, a, err
}

func (s *Server) storedFile(ctx context.Context, a ballast.Artifact, file string) (query.TableSource, error) {
	files, _, err := s.Artifacts.Files(ctx, a, []string{file}, "", 1)
	if err != nil {
		return query.TableSource{}, err
	}
	if len(files) == 0 || files[0].Content.Object == "" {
		return query.TableSource{}, ballast.Errorf(ballast.NotFound, "the artifact has no file %.200q", file)
	}
	c := files[0].Content
	return query.TableSource{Store: c.Store, Object: c.Object, Bytes: c.Bytes}, nil
}

// artifactNumber reads the hex of "Artifact:5"; 0 is nobody's.
func artifactNumber(text string) int64 {
	b, err := hex.DecodeString(text)
	if err != nil {
		return 0
	}
	_, n, _ := strings.Cut(string(b), ":")
	id, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// mediaLinks are the addresses of files of artifacts.
func (s *Server) mediaLinks(ctx context.Context, from []ballast.Artifact, paths []string) (map[string]string, error) {
	links := map[string]string{}
	for _, a := range from {
		if len(paths) == 0 {
			break
		}
		files, _, err := s.Artifacts.Files(ctx, a, paths, "", len(paths))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			links[f.Path] = artifactLink(&a, f)
		}
	}
	return links, nil
}

// artifactLink is the address of a file of an artifact that artifactV2 serves;
// "" for a reference to somewhere else.
func artifactLink(a *ballast.Artifact, f artifact.File) string {
	sum, ok := f.MD5()
	if !ok || f.Ref != "" {
		return ""
	}
	c := a.Collection
	parts := []string{"", "artifactsV2", "default", c.Entity, c.Project, c.Name, "x", hex.EncodeToString(sum), path.Base(f.Path)}
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
