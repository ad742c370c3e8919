package demo

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// runs are all sample runs, in the order in which they began.
func runs() []*run {
	all := append(append(vision(), language()...), tabular()...)
	// The kinds began among one another, so that the newest runs, which a
	// workspace draws first, are of all three.
	slices.SortStableFunc(all, func(a, b *run) int { return cmp.Compare(b.ago, a.ago) })
	for _, r := range all {
		r.noise = noiseOf(r.id)
	}
	return all
}

// noiseOf is the noise of a run: of its name, so that it is the same each time.
func noiseOf(name string) func(k, i int) float64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	seed := h.Sum64()
	one := func(n uint64) float64 { // the finisher of splitmix64
		n ^= n >> 30
		n *= 0xbf58476d1ce4e5b9
		n ^= n >> 27
		n *= 0x94d049bb133111eb
		n ^= n >> 31
		return float64(n>>11)/(1<<52) - 1
	}
	return func(k, i int) float64 {
		n := seed + uint64(k)*0x9e3779b97f4a7c15 + uint64(i)*0xd1b54a32d192ed03
		return (one(n) + one(n+1)) / 2
	}
}

// warm is a learning rate with a linear warm-up and a cosine after it.
func warm(i, warmup, rows int, top float64) float64 {
	if i < warmup {
		return top * float64(i+1) / float64(warmup)
	}
	return top * (1 + math.Cos(math.Pi*float64(i-warmup)/float64(max(rows-warmup, 1)))) / 2
}

// vision is a pre-training: four runs, one of which diverges.
func vision() []*run {
	kinds := []struct {
		id, model string
		lr        float64
		wd        float64
		rows      int
		state     ballast.State
		exit      int
		note      string
		ago       time.Duration
	}{
		{"vit-s-1", "vit-small", 1e-3, 0.05, 1800, ballast.Finished, 0, "", 40 * time.Hour},
		{"vit-b-1", "vit-base", 1e-3, 0.05, 1800, ballast.Finished, 0, "The baseline of the paper.", 30 * time.Hour},
		{"vit-b-2", "vit-base", 4e-3, 0.05, 640, ballast.Failed, 1, "Diverged at step 600: the learning rate is too high without clipping.", 6 * time.Hour},
		{"vit-b-3", "vit-base", 5e-4, 0.1, 1800, ballast.Finished, 0, "", 690 * time.Minute},
	}
	var all []*run
	for n, k := range kinds {
		big := map[string]float64{"vit-small": 0, "vit-base": 1}[k.model]
		r := &run{id: k.id, display: fmt.Sprintf("%s lr %g wd %g", k.model, k.lr, k.wd), group: "pretrain", job: "train", notes: k.note, host: "node-07", program: "pretrain.py",
			tags: []string{"vision", k.model}, ago: k.ago, pace: 14.2 + 6*big, rows: k.rows, state: k.state, exit: k.exit, gpus: 4,
			config: map[string]any{"model": k.model, "dataset": "imagenet-1k", "max_steps": 1800, "optimizer": map[string]any{"name": "adamw", "lr": k.lr, "weight_decay": k.wd}, "batch_size": 4096, "warmup": 120, "seed": 7 + n}}
		r.row = func(i int) []value {
			t := float64(i) / 1800
			loss := 6.9 - (4.1+.35*big)*(1-math.Exp(-5*t)) + .18*math.Exp(-2*t)*r.noise(1, i) + .05*math.Abs(k.lr-1e-3)*1e3
			if k.state == ballast.Failed && i > 560 {
				loss += math.Pow(float64(i-560)/18, 2)
			}
			lr := warm(i, 120, 1800, k.lr)
			vs := []value{{"train/loss", loss}, {"train/lr", lr}, {"train/grad_norm", .8 + loss/5 + .3*math.Abs(r.noise(2, i))}, {"train/images_per_s", 4096/r.pace + 4*r.noise(3, i)}, {"epoch", t * 90}}
			if i%50 == 49 || i == r.rows-1 {
				acc := (.66 + .06*big) * (1 - math.Exp(-4*t)) / (1 + max(0, loss-7))
				vs = append(vs, value{"val/loss", loss + .12 + .02*r.noise(4, i)}, value{"val/acc1", acc + .004*r.noise(5, i)}, value{"val/acc5", math.Min(1, acc*1.24)})
			}
			return vs
		}
		r.line = func(i int) string {
			switch {
			case i == 0:
				return "loading imagenet-1k: 1281167 images, 1000 classes"
			case k.state == ballast.Failed && i == k.rows-1:
				return "RuntimeError: loss is not finite at step 640, stopping"
			case k.state == ballast.Failed && i == 600:
				return "WARNING loss rose for 40 steps in a row"
			case i%25 == 0:
				return fmt.Sprintf("step %4d  loss %.4f  lr %.2e", i, r.row(i)[0].v, r.row(i)[1].v)
			}
			return ""
		}
		all = append(all, r)
	}
	return all
}

// language is a fine-tuning: one finished, one crashed, one stopped by hand.
func language() []*run {
	kinds := []struct {
		id    string
		rank  int
		lr    float64
		rows  int
		state ballast.State
		ago   time.Duration
	}{
		{"lora-r8", 8, 2e-4, 1200, ballast.Finished, 25 * time.Hour},
		{"lora-r64", 64, 2e-4, 1200, ballast.Finished, 9 * time.Hour},
		{"full-1", 0, 2e-5, 730, ballast.Crashed, 4 * time.Hour},
		{"lora-r64-hot", 64, 1e-3, 340, ballast.Killed, 2 * time.Hour},
	}
	var all []*run
	for n, k := range kinds {
		method := "lora"
		if k.rank == 0 {
			method = "full"
		}
		r := &run{id: k.id, display: k.id, group: "finetune", job: "sft", host: "node-02", program: "sft.py", tags: []string{"llm", method}, ago: k.ago, pace: 6.1 + 5*float64(n%2),
			rows: k.rows, state: k.state, exit: map[bool]int{true: 0, false: 1}[k.state == ballast.Finished], gpus: 2,
			config: map[string]any{"base_model": "llama-3-8b", "method": method, "lora": map[string]any{"rank": k.rank, "alpha": 2 * k.rank}, "lr": k.lr, "max_steps": 1200, "sequence_length": 4096, "dataset": map[string]any{"name": "instructions", "rows": 52002}}}
		r.row = func(i int) []value {
			t := float64(i) / 1200
			floor := 1.02 - .03*math.Log2(float64(k.rank+2)) + 90*max(0, k.lr-2e-4)*t
			loss := floor + .9*math.Exp(-14*t) + .07*r.noise(1, i)
			vs := []value{{"train/loss", loss}, {"train/perplexity", math.Exp(loss)}, {"train/lr", warm(i, 40, 1200, k.lr)}, {"train/grad_norm", .4 + .2*math.Abs(r.noise(2, i))}, {"train/tokens", float64(i+1) * 131072}, {"train/tokens_per_s", 131072/r.pace + 300*r.noise(3, i)}}
			if i%100 == 99 {
				vs = append(vs, value{"eval/loss", floor + .08 + .9*math.Exp(-14*t)}, value{"eval/exact_match", .31 + .2*(1-math.Exp(-5*t)) + .01*r.noise(4, i)}, value{"eval/win_rate", .42 + .14*(1-math.Exp(-6*t))})
			}
			return vs
		}
		r.line = func(i int) string {
			if i%20 == 0 {
				return fmt.Sprintf("{'loss': %.4f, 'learning_rate': %.3e, 'step': %d}", r.row(i)[0].v, r.row(i)[2].v, i)
			}
			return ""
		}
		all = append(all, r)
	}
	return all
}

// tabular is a search over a tabular model: many short runs.
func tabular() []*run {
	var all []*run
	for n := range 18 {
		id := fmt.Sprintf("search-%02d", n+1)
		pick := noiseOf("pick " + id)
		depth, rate, share := 3+int((pick(1, 0)+1)*4), math.Pow(10, -1.6+.9*pick(2, 0)), .75+.24*pick(3, 0)
		best := .871 + .018*math.Exp(-math.Pow(math.Log10(rate)+1.3, 2)*3) - .0016*math.Pow(float64(depth)-7, 2) + .006*share
		r := &run{id: id, display: id, group: "search", job: "trial", host: "node-11", program: "search.py", tags: []string{"tabular"}, ago: 35*time.Hour - time.Duration(n)*2*time.Hour, pace: 5.5 + float64(depth)/3,
			rows: 80, state: ballast.Finished, config: map[string]any{"booster": "gbtree", "max_depth": depth, "learning_rate": math.Round(rate*1e5) / 1e5, "subsample": math.Round(share*1e3) / 1e3, "rounds": 80, "fold": n % 3}}
		if n == 11 {
			r.state, r.exit, r.rows, r.notes = ballast.Failed, 137, 33, "Out of memory."
		}
		r.row = func(i int) []value {
			t := 1 - math.Exp(-float64(i+1)*rate*1.4)
			auc := .5 + (best-.5)*t + .002*r.noise(1, i)
			return []value{{"train/auc", math.Min(.999, auc+.012*t*float64(depth)/5)}, {"valid/auc", auc}, {"valid/logloss", .69 - .36*t + .003*r.noise(2, i)}, {"trees", float64(i + 1)}}
		}
		r.line = func(i int) string {
			if i%10 == 0 {
				return fmt.Sprintf("[%d]\tvalid-auc:%.5f", i, r.row(i)[1].v)
			}
			return ""
		}
		all = append(all, r)
	}
	return all
}
