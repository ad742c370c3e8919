package graph

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/query"
)

// stage is a Graph over a real store, with a cast: organization acme has the
// team red, in which viewer, member and teamadmin have these roles and robot
// is a service account; stranger is in no team; boss administers the instance.
type stage struct {
	t      *testing.T
	g      *Graph
	db     *meta.DB
	auth   *auth.Auth
	bucket blob.Bucket
	ingest *ingest.Ingest // opened by stream
	users  map[string]ballast.User
	red    ballast.Entity
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, db: metatest.Open(t), users: map[string]ballast.User{}}
	var err error
	if s.auth, err = auth.New(s.db, []auth.Secret{{ID: "1", Secret: []byte("0123456789abcdef")}}, auth.Options{}); err != nil {
		t.Fatal(err)
	}
	bucket, err := fileblob.Open(t.TempDir(), fileblob.Options{URL: "http://ballast.test", Keys: []fileblob.Key{{ID: "1", Secret: []byte("0123456789abcdef")}}})
	if err != nil {
		t.Fatal(err)
	}
	s.bucket = bucket
	stores := map[int]blob.Bucket{0: bucket}
	s.g, err = New(Options{
		DB: s.db, Auth: s.auth, Query: query.New(s.db, stores, memcache.New(1<<20), query.Options{}),
		Files: file.New(s.db, file.Options{Stores: stores}), Artifacts: artifact.New(s.db, artifact.Options{Stores: stores}), Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.cast()
	return s
}

func (s *stage) cast() {
	s.write(func(tx *meta.Tx) error {
		for _, name := range []string{"stranger", "viewer", "member", "other", "teamadmin", "orgadmin", "boss"} {
			u, err := tx.CreateUser(ballast.User{Name: name, Email: name + "@example.com", Admin: name == "boss"}, "")
			if err != nil {
				return err
			}
			s.users[name] = u
		}
		acme, err := tx.CreateEntity("acme", ballast.Organization, 0)
		if err != nil {
			return err
		}
		if s.red, err = tx.CreateEntity("red", ballast.Team, acme.ID); err != nil {
			return err
		}
		robot, err := tx.CreateUser(ballast.User{Name: "robot", Service: true, ServiceTeamID: s.red.ID}, "")
		if err != nil {
			return err
		}
		s.users["robot"] = robot
		for name, role := range map[string]ballast.Role{"viewer": ballast.Viewer, "member": ballast.Member, "other": ballast.Member, "teamadmin": ballast.Admin, "robot": ballast.Member} {
			if err := tx.SetMember(s.red.ID, s.users[name].ID, role); err != nil {
				return err
			}
		}
		return tx.SetMember(acme.ID, s.users["orgadmin"].ID, ballast.Admin)
	})
}

func (s *stage) write(fn func(*meta.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), "test", fn); err != nil {
		s.t.Fatal(err)
	}
}

// caller is who acts in a role: "nobody", a name of the cast, or a name with
// "+" for one who asks for admin privileges.
func (s *stage) caller(role string) *auth.Caller {
	name, privileged := strings.CutSuffix(role, "+")
	u := s.users[name]
	return &auth.Caller{User: u, AdminPrivileges: privileged && u.Admin}
}

// answer is a response, read.
type answer struct {
	Response
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

func (a answer) codes() (codes []string) {
	for _, e := range a.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	return codes
}

// at returns what is under a path of names, "project.run.id".
func (a answer) at(path string) any {
	var v any = a.Data
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (s *stage) do(role, query string, variables map[string]any) answer {
	s.t.Helper()
	return s.send(role, call(query, variables))
}

func (s *stage) send(role string, c Call) (a answer) {
	s.t.Helper()
	a.Response = s.g.Do(auth.WithCaller(s.t.Context(), s.caller(role)), c)
	if err := json.Unmarshal(a.Body, &a); err != nil {
		s.t.Fatalf("%v: %s", err, a.Body)
	}
	return a
}

// must is do without errors.
func (s *stage) must(role, query string, variables map[string]any) answer {
	s.t.Helper()
	a := s.do(role, query, variables)
	if a.Failed || len(a.Errors) > 0 {
		s.t.Fatalf("%s: %s", role, a.Body)
	}
	return a
}

// sdk is a document of the SDK 0.31.0.
func (s *stage) sdk(name string) string { return s.document("0.31.0", name) }

func (s *stage) document(version, name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/sdk", version, name+".graphql"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// The configs of a process's first and later calls.
const (
	firstConfig = `{"_wandb":{"value":{"t":{"1":[1]},"m":[]}},"lr":{"value":0.1},"bad":{"value":NaN}}`
	laterConfig = `{"_wandb":{"value":{"t":{"1":[1]},"m":[],"e":{"w":{"os":"x"}}}},"lr":{"value":0.2}}`
)

// upsert sends the Go document, with every variable that is not given null.
func (s *stage) upsert(role string, set map[string]any) answer {
	s.t.Helper()
	vars := map[string]any{}
	for _, name := range strings.Fields("id name project entity groupName description displayName notes commit config host debug program repo jobType state sweep tags summaryMetrics") {
		vars[name] = set[name]
	}
	return s.do(role, s.sdk("UpsertBucket"), vars)
}

// run makes a run of the member's in red/secret, as a process does.
func (s *stage) run(name string) string {
	s.t.Helper()
	a := s.upsert("member", map[string]any{"name": name, "project": "secret", "entity": "red", "config": firstConfig, "host": "vm"})
	id, _ := a.at("upsertBucket.bucket.id").(string)
	if id != ballast.StorageID("red", "secret", name) {
		s.t.Fatalf("making run %s: %s", name, a.Body)
	}
	return id
}

// stored is a run as the store has it.
func (s *stage) stored(entity, project, name string) (run ballast.Run) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(tx *meta.Tx) error {
		e, err := tx.EntityByName(entity)
		if err != nil {
			return err
		}
		p, err := tx.ProjectByName(e.ID, project)
		if err != nil {
			return err
		}
		run, err = tx.RunByName(p.ID, name)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return run
}
