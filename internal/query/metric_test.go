package query

import "testing"

func TestMetricOf(t *testing.T) {
	config := []byte(`{"lr":{"value":1},"_wandb":{"value":{"t":{},"m":[
		{"1":"epoch","6":[3]},
		{"1":"val/loss","5":1,"6":[1,3],"7":[1]},
		{"2":"val/*","5":1,"6":[2,3]},
		{"1":"secret","6":[2]},
		{"2":"*","5":99},
		{"9":3}, 7]}}}`)
	metrics := definedMetrics(config)
	for _, c := range []struct {
		key, step string
		hidden    bool
	}{
		{"val/loss", "epoch", false}, {"val/acc", "epoch", true}, {"secret", "", true}, {"epoch", "", false}, {"train/loss", "", false},
	} {
		m := metricOf(metrics, c.key)
		if m == nil || m.step != c.step || m.hidden != c.hidden {
			t.Errorf("%s: got %+v, want step %q, hidden %v", c.key, m, c.step, c.hidden)
		}
	}
	if m := metricOf(metrics[:4], "train/loss"); m != nil {
		t.Errorf("a key without a definition has %+v", m)
	}
	for _, bad := range []string{``, `{}`, `{"_wandb":3}`, `{"_wandb":{"value":{"m":{}}}}`, `{`} {
		if m := definedMetrics([]byte(bad)); m != nil {
			t.Errorf("%q defines %+v", bad, m)
		}
	}
}
