package demo

import (
	"testing"
	"time"
)

// TestNewestRuns: what a workspace draws first, the twelve newest, is of all
// three kinds, and every run ends before now.
func TestNewestRuns(t *testing.T) {
	all := runs()
	kinds := map[string]int{}
	for i, r := range all {
		if i > 0 && r.ago > all[i-1].ago {
			t.Errorf("%s began before %s and stands after it", r.id, all[i-1].id)
		}
		if took := time.Duration(float64(r.rows) * r.pace * float64(time.Second)); took >= r.ago {
			t.Errorf("%s takes %v and began %v ago", r.id, took, r.ago)
		}
		if i >= len(all)-12 {
			kinds[r.group]++
		}
	}
	if kinds["pretrain"] < 2 || kinds["finetune"] < 2 || kinds["search"] < 2 {
		t.Errorf("the newest twelve are of %v", kinds)
	}
}
