package graph

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
)

// store uploads a file of a run of red/secret as a client on a disk does.
func (s *stage) store(run, name, content string) ballast.File {
	s.t.Helper()
	a := s.must("member", s.sdk("CreateRunFiles"), map[string]any{"entity": "red", "project": "secret", "run": run, "files": []string{name}})
	files := a.at("createRunFiles.files").([]any)
	link, err := url.Parse(files[0].(map[string]any)["uploadUrl"].(string))
	if err != nil {
		s.t.Fatal(err)
	}
	object := strings.TrimPrefix(link.Path, "/storage/0/")
	info, err := s.bucket.Put(s.t.Context(), object, strings.NewReader(content), int64(len(content)))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.g.files.FinishPut(s.t.Context(), object, info); err != nil {
		s.t.Fatal(err)
	}
	f, err := s.g.files.Named(s.t.Context(), s.stored("red", "secret", run).ID, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

func (s *stage) list(role string, vars map[string]any) (nodes []map[string]any, a answer) {
	s.t.Helper()
	all := map[string]any{"entity": "red", "project": "secret", "name": "r1"}
	for k, v := range vars {
		all[k] = v
	}
	a = s.must(role, s.sdk("RunFiles"), all)
	for _, e := range a.at("project.run.files.edges").([]any) {
		nodes = append(nodes, e.(map[string]any)["node"].(map[string]any))
	}
	return nodes, a
}

func names(nodes []map[string]any) (out []string) {
	for _, n := range nodes {
		out = append(out, n["name"].(string))
	}
	return out
}

func TestFiles(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	for _, name := range []string{"config.yaml", "media/a.png", "./media/b c.png", "zz.txt"} {
		s.store("r1", name, "content of "+name)
	}
	nodes, a := s.list("viewer", nil)
	if diff := cmp.Diff([]string{"config.yaml", "media/a.png", "media/b c.png", "zz.txt"}, names(nodes)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a.at("project.run.fileCount") != 4.0 {
		t.Errorf("%s", a.Body)
	}
	sum := md5.Sum([]byte("content of config.yaml"))
	if n := nodes[0]; n["md5"] != base64.StdEncoding.EncodeToString(sum[:]) || n["sizeBytes"] != 22.0 || n["updatedAt"] == nil ||
		!strings.HasPrefix(n["url"].(string), "http://ballast.test/storage/0/runs/") || !strings.HasPrefix(n["directUrl"].(string), "http://ballast.test/") {
		t.Errorf("%v", n)
	}
	if got, _ := s.list("viewer", map[string]any{"pattern": "media/%"}); len(got) != 2 {
		t.Errorf("by pattern: %v", names(got))
	}
	missing, _ := s.list("viewer", map[string]any{"fileNames": []string{"./media//a.png", "none.txt"}})
	if diff := cmp.Diff([]string{"media/a.png", "none.txt"}, names(missing)); diff != "" {
		t.Errorf("by name (-want +got):\n%s", diff)
	}
	if n := missing[1]; n["sizeBytes"] != 0.0 || n["updatedAt"] != nil || n["md5"] != "0" || n["url"] != nil {
		t.Errorf("a file that is not there: %v", n)
	}
	s.must("other", s.sdk("deleteFiles"), map[string]any{"files": []any{nodes[0]["id"], nodes[3]["id"]}, "projectId": 1})
	if got, _ := s.list("viewer", nil); len(got) != 2 {
		t.Errorf("after deleting: %v", names(got))
	}
}

func TestFilePages(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	for _, name := range []string{"a", "b", "c"} {
		s.store("r1", name, name)
	}
	one, a := s.list("viewer", map[string]any{"fileLimit": 2})
	two, b := s.list("viewer", map[string]any{"fileLimit": 2, "fileCursor": a.at("project.run.files.pageInfo.endCursor")})
	if diff := cmp.Diff([]string{"a", "b", "c"}, append(names(one), names(two)...)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a.at("project.run.files.pageInfo.hasNextPage") != true || b.at("project.run.files.pageInfo.hasNextPage") != false {
		t.Errorf("%s\n%s", a.Body, b.Body)
	}
}

func TestCreateRunFiles(t *testing.T) {
	s := newStage(t)
	id := s.run("r1")
	asked := []string{"./a  b.txt", "media/x.png"}
	a := s.must("member", s.sdk("CreateRunFiles"), map[string]any{"entity": "red", "project": "secret", "run": "r1", "files": asked})
	var got []string
	for _, f := range a.at("createRunFiles.files").([]any) {
		got = append(got, f.(map[string]any)["name"].(string))
	}
	if diff := cmp.Diff(asked, got); diff != "" || a.at("createRunFiles.runID") != id {
		t.Errorf("%s (-want +got):\n%s", a.Body, diff)
	}
	if !bytes.Contains(a.Body, []byte(`"uploadHeaders":[`)) {
		t.Errorf("headers: %s", a.Body)
	}
	if got, _ := s.list("viewer", nil); len(got) != 0 {
		t.Errorf("nothing was stored, but there is %v", names(got))
	}
	for _, bad := range []string{"../x", "/etc/passwd", "a/../../b", "a\x00b", "", strings.Repeat("x", 2000)} {
		a := s.do("member", s.sdk("CreateRunFiles"), map[string]any{"entity": "red", "project": "secret", "run": "r1", "files": []string{bad}})
		if a.Failed || len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INVALID" {
			t.Errorf("%.20q: %s", bad, a.Body)
		}
	}
	a = s.must("member", s.sdk("CreateRunFiles"), map[string]any{"entity": "red", "project": "secret", "run": "r1", "files": []string{"a\tb", "c"}})
	both := a.at("createRunFiles.files").([]any)
	bad, good := both[0].(map[string]any), both[1].(map[string]any)
	if bad["name"] != "a\tb" || bad["uploadUrl"] != nil || good["uploadUrl"] == nil {
		t.Errorf("a bad name beside a good one: %s", a.Body)
	}
	s.must("member", s.sdk("MarkRunFilesUploaded"), map[string]any{"entity": "red", "project": "secret", "run": "r1", "files": asked})
}
