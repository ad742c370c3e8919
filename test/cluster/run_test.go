package cluster

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// run is one that a client logs to, at whichever replica answers, as behind a
// load balancer without sticky sessions.
type run struct {
	name   string
	at     []*replica
	turn   int
	acked  int // rows
	again  int // requests that had to be sent again
	failed error
}

func newRun(name string, at ...*replica) *run {
	at[0].graph(nil, `mutation{upsertBucket(input:{entityName:"ada",modelName:"p",name:%q}){bucket{name}}}`, name)
	return &run{name: name, at: at}
}

// body is a request with the rows [from, from+n) and a console line for each.
func (r *run) body(from, n int) []byte {
	var rows, lines bytes.Buffer
	for i := from; i < from+n; i++ {
		if i > from {
			rows.WriteByte(',')
			lines.WriteByte(',')
		}
		fmt.Fprintf(&rows, `"{\"_step\":%d,\"loss\":%d.5}"`, i, i)
		fmt.Fprintf(&lines, `"line %d"`, i)
	}
	return fmt.Appendf(nil, `{"files":{"wandb-history.jsonl":{"offset":%d,"content":[%s]},"output.log":{"offset":%d,"content":[%s]}}}`,
		from, rows.Bytes(), from, lines.Bytes())
}

// log sends rows until there are so many. A request that is not answered, or
// answered with what the SDK retries, goes to the next replica.
func (r *run) log(rows, each int) {
	for deadline := time.Now().Add(60 * time.Second); r.acked < rows && r.failed == nil; {
		n := min(each, rows-r.acked)
		r.turn++
		code, text, err := r.at[r.turn%len(r.at)].post("/files/ada/p/"+r.name+"/file_stream", r.body(r.acked, n))
		switch {
		case err == nil && code == http.StatusOK:
			r.acked += n
		case err == nil && code != http.StatusTooManyRequests && code < 500:
			r.failed = fmt.Errorf("%s got %d, which ends a run for good: %.300s", r.name, code, text)
		case time.Now().After(deadline):
			r.failed = fmt.Errorf("%s: %d of %d rows were taken in a minute; the last reply: %d %.300s %v", r.name, r.acked, rows, code, text, err)
		default:
			r.again++
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// check reads the rows back at a replica: each once, in order.
func (r *run) check(t *testing.T, at *replica) {
	t.Helper()
	if r.failed != nil {
		t.Error(r.failed)
		return
	}
	var data struct {
		Project struct{ Run struct{ History []string } }
	}
	at.graph(&data, `{project(name:"p",entityName:"ada"){run(name:%q){history(samples:%d)}}}`, r.name, r.acked+10)
	got := data.Project.Run.History
	if len(got) != r.acked {
		t.Errorf("%s at %s: %d rows are there, %d were acknowledged", r.name, at.url, len(got), r.acked)
	}
	for i, text := range got {
		if want := fmt.Sprintf(`{"_step":%d,"loss":%d.5}`, i, i); text != want {
			t.Errorf("%s at %s: row %d is %s, want %s", r.name, at.url, i, text, want)
			return
		}
	}
}
