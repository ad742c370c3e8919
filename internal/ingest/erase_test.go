package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// TestErase deletes values of keys while rows come, are sealed, merged and
// collected, with faults before and after every commit and every put. What was
// deleted is never seen again, nothing else is missing, and in the end no
// object holds it.
func TestErase(t *testing.T) {
	trial := func(t *testing.T, db *meta.DB, seed uint64) {
		s := newSite(t, db, seed, Options{Seal: tiny, Grace: grace, Committers: 2})
		c := &eraseClient{trialClient: trialClient{site: s, rnd: rand.New(rand.NewPCG(seed, 3)), run: s.newRun(t, fmt.Sprint("e", seed))}}
		s.faults.set(0.2)
		for range 25 {
			c.send(t)
			if c.rnd.IntN(3) == 0 {
				c.erase(t)
			}
			var workers sync.WaitGroup
			for range 2 {
				job := []int{0, 2, 3, 5}[c.rnd.IntN(4)]
				workers.Go(func() { c.work(t, job) })
			}
			c.compare(t)
			workers.Wait()
		}
		c.compare(t)
		s.faults.set(0)
		c.settle(t)
		c.compare(t)
	}
	t.Run("sqlite", func(t *testing.T) {
		for seed := range uint64(12) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { t.Parallel(); trial(t, metatest.Open(t), seed) })
		}
	})
	t.Run("mysql", func(t *testing.T) {
		if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
			t.Skip("BALLAST_TEST_SKIP_MYSQL=1")
		}
		trial(t, metatest.OpenMySQL(t), 100)
	})
}

// eraseClient is a process whose values somebody deletes.
type eraseClient struct {
	trialClient
	erased int
}

// erase deletes a key of the rows that are there, in a range of steps.
func (c *eraseClient) erase(t *testing.T) {
	t.Helper()
	rows := int64(len(c.history))
	e := meta.Erasure{RowTo: rows, StepFrom: math.MinInt64, StepTo: math.MaxInt64, Keys: []string{fmt.Sprint("k", c.rnd.IntN(4))}}
	if c.rnd.IntN(2) == 0 {
		e.Keys = append(e.Keys, "loss")
		e.StepFrom = c.rnd.Int64N(rows)
		e.StepTo = e.StepFrom + 1 + c.rnd.Int64N(rows)
	}
	for {
		done := false
		err := c.db.Write(t.Context(), "deleting values", func(tx *meta.Tx) error {
			v, err := tx.Counters(c.run, ballast.History)
			if err != nil {
				return err
			}
			done, err = tx.EraseKeys(c.run, v.Live.Gen, e, func(s []byte) ([]byte, error) { return s, nil }, c.now())
			return err
		})
		if err == nil && done {
			break
		}
		if err != nil && !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
	}
	c.erased++
	for n := range c.history {
		if int64(n) < e.StepFrom || int64(n) >= e.StepTo {
			continue
		}
		var left []string
		for _, m := range splitObject(c.history[n]) {
			if !slices.Contains(e.Keys, strings.Trim(m.name, `"`)) {
				left = append(left, m.name+":"+m.value)
			}
		}
		c.history[n] = "{" + strings.Join(left, ",") + "}"
	}
}

// settle ends the run, does all work that is due, and checks that nothing
// holds what was deleted: then no row of erasures is left.
func (c *eraseClient) settle(t *testing.T) {
	t.Helper()
	if _, err := c.Append(t.Context(), request(t, c.run, `{"complete":true,"exitcode":0}`)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.work(t, 0)
		c.work(t, 2)
	}
	time.Sleep(grace)
	c.work(t, 5)
	var v, events meta.StreamView
	var due []int64
	err := c.meta.Read(context.Background(), func(tx *meta.Tx) (err error) {
		if v, err = tx.StreamView(c.run, ballast.History); err != nil {
			return err
		}
		if events, err = tx.StreamView(c.run, ballast.Events); err != nil {
			return err
		}
		due, err = tx.ErasuresDue(10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.erased == 0 || len(v.Erased) > 0 || len(due) > 0 || len(v.Tail) > 0 {
		t.Errorf("of %d deletions %d are left, due of %v, with %d chunks of tail", c.erased, len(v.Erased), due, len(v.Tail))
	}
	if n, named := c.bucket.count(), len(v.Segments)+len(events.Segments)+1; n != named {
		t.Errorf("%d objects are stored, %d are named: the space was not freed", n, named)
	}
}

// TestEraseAll deletes the only keys there are: the rows stay, with their step.
func TestEraseAll(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Seal: tiny, Grace: grace})
	run := s.newRun(t, "all")
	body := files(stream("wandb-history.jsonl", 0, `{"_step":0,"a":1}`, `{"_step":1,"b":"x"}`), stream("wandb-summary.json", 0, `{"a":1,"b":"x"}`))
	body = strings.TrimSuffix(body, "}") + `,"complete":true,"exitcode":0}`
	if _, err := s.Append(t.Context(), request(t, run, body)); err != nil {
		t.Fatal(err)
	}
	if err := s.Seal(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	err := s.meta.Write(t.Context(), "deleting values", func(tx *meta.Tx) error {
		_, err := tx.EraseKeys(run, 0, meta.Erasure{RowTo: 2, StepTo: math.MaxInt64, Keys: []string{"a", "b"}}, func([]byte) ([]byte, error) { return []byte("{}"), nil }, s.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{"_step":0}`, `{"_step":1}`}
	for _, when := range []string{"at once", "rewritten"} {
		if diff := cmp.Diff(want, s.rows(t, run, ballast.History)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		if err := s.Compact(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	var left []int64
	err = s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) {
		left, err = tx.ErasuresDue(10)
		return err
	})
	if err != nil || len(left) > 0 {
		t.Errorf("still due of %v, %v", left, err)
	}
}
