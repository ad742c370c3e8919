package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

// media sends what runs logged under a key that is no number, by step. The
// bytes are files of the runs; GET /files/ leads to them.
func media(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project string   `json:"project"`
		Runs    []string `json:"runs"`
		Key     string   `json:"key"`
		Min     *int64   `json:"min"`
		Max     *int64   `json:"max"`
		Limit   int      `json:"limit"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	m, err := s.Query.Media(r.Context(), query.MediaRequest{ProjectID: p.ID, Runs: in.Runs, Key: in.Key, Min: in.Min, Max: in.Max, Limit: in.Limit})
	if err != nil {
		return err
	}
	return answer(w, m)
}

// mediaTable sends a page of a table. It is named by the value that history
// has of it: the artifact that holds it whole, with its media, and the run's
// file, which is there before the artifact is.
func mediaTable(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Project  string             `json:"project"`
		Run      string             `json:"run"`
		Path     string             `json:"path"`
		Artifact string             `json:"artifact"`
		Offset   int                `json:"offset"`
		Limit    int                `json:"limit"`
		Sort     []query.TableOrder `json:"sort"`
		Text     string             `json:"text"`
		Where    []query.TableTest  `json:"where"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.projectOf(r, in.Project)
	if err != nil {
		return err
	}
	ctx := r.Context()
	src, from, err := s.tableSource(ctx, p, in.Run, in.Path, in.Artifact)
	if err != nil {
		return err
	}
	page, err := s.Query.MediaTable(ctx, query.TableRequest{Source: src, Offset: in.Offset, Limit: in.Limit, Sort: in.Sort, Text: in.Text, Where: in.Where})
	if err != nil {
		return err
	}
	links, err := s.mediaLinks(ctx, from, page.Media)
	if err != nil {
		return err
	}
	return answer(w, struct {
		*query.TablePage
		Links map[string]string `json:"links"` // media of the rows that an artifact holds: address by path
	}{page, links})
}

// tableSource finds a table's object: in its artifact when that is committed,
// otherwise among the run's files. The artifact is returned when it is there.
func (s *Server) tableSource(ctx context.Context, p ballast.Project, run, file, uri string) (src query.TableSource, from *ballast.Artifact, err error) {
	if uri != "" {
		src, a, err := s.artifactTable(ctx, uri)
		if err == nil {
			return src, &a, nil
		}
		if file == "" || !ballast.Is(err, ballast.NotFound) {
			return src, nil, err
		}
	}
	if file == "" {
		return src, nil, ballast.Errorf(ballast.Invalid, "the table is not named: path or artifact must be given")
	}
	found, err := s.findRun(ctx, p.Entity, p.Name, run, auth.Read)
	if err != nil {
		return src, nil, err
	}
	f, err := s.Files.Named(ctx, found.ID, file)
	if err != nil {
		return src, nil, err
	}
	return query.TableSource{Store: f.Store, Object: f.Object, Bytes: f.Bytes}, nil, nil
}

// artifactTable finds a file by the address that the SDK puts into history:
// "wandb-client-artifact://{client id}/{path}", or "wandb-artifact://{the id's
// text in hex}/{path}".
func (s *Server) artifactTable(ctx context.Context, uri string) (src query.TableSource, a ballast.Artifact, err error) {
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
	files, _, err := s.Artifacts.Files(ctx, a, []string{file}, "", 1)
	if err != nil {
		return src, a, err
	}
	if len(files) == 0 || files[0].Content.Object == "" {
		return src, a, ballast.Errorf(ballast.NotFound, "the artifact has no file %.200q", file)
	}
	c := files[0].Content
	return query.TableSource{Store: c.Store, Object: c.Object, Bytes: c.Bytes}, a, nil
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

// mediaLinks are the addresses of an artifact's files.
func (s *Server) mediaLinks(ctx context.Context, a *ballast.Artifact, paths []string) (map[string]string, error) {
	links := map[string]string{}
	if a == nil || len(paths) == 0 {
		return links, nil
	}
	files, _, err := s.Artifacts.Files(ctx, *a, paths, "", len(paths))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		links[f.Path] = artifactLink(a, f)
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
