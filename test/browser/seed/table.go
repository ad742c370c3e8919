package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// seedTable writes runs with settings and a summary, and no rows.
func seedTable(ctx context.Context, db *meta.DB, p ballast.Project, user int64, n int) error {
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Now().Add(-time.Duration(n) * time.Minute)
	for from := 0; from < n; from += 5000 {
		err := db.Write(ctx, "seed runs", func(tx *meta.Tx) error {
			for i := from; i < min(n, from+5000); i++ {
				if err := one(tx, p.ID, user, i, start.Add(time.Duration(i)*time.Minute), random); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// one writes a run of ten settings and fifty metrics.
func one(tx *meta.Tx, project, user int64, i int, at time.Time, random *rand.Rand) error {
	opt, model := []string{"adamw", "sgd", "lion", "muon"}[i%4], []string{"vit-b16", "vit-l16", "convnext-l"}[i/4%3]
	lr := math.Round(1e6*math.Pow(10, -1-3*random.Float64())) / 1e6
	config := fmt.Sprintf(`{"optimizer":{"value":%q},"model":{"value":%q},"lr":{"value":%g},"batch_size":{"value":%d},"seed":{"value":%d}}`, opt, model, lr, 256<<(i%6), i)
	tags := []string{"nightly"}
	if i%10 == 0 {
		tags = append(tags, "paper")
	}
	run, err := tx.CreateRun(ballast.Run{ProjectID: project, UserID: user, Name: fmt.Sprintf("r%06d", i), Display: fmt.Sprintf("%s-%s-lr%g-s%d", model, opt, lr, i), Tags: tags, Created: at, Config: []byte(config)})
	if err != nil {
		return err
	}
	state, exit := ballast.Finished, 0
	if i%9 == 0 {
		state, exit = ballast.Failed, 1
	}
	if err := tx.SetRunState(run.ID, state, exit, at.Add(time.Hour)); err != nil {
		return err
	}
	loss := 1.6 + math.Abs(random.NormFloat64())*0.2 + math.Abs(math.Log10(lr)+3)*0.1
	body := fmt.Sprintf(`{"_step":999,"_runtime":%d,"val/loss":%.4f,"val/top1":%.4f,"train/loss":%.4f`, 600+random.IntN(20000), loss*1.1, math.Max(0, 0.86-(loss-1.6)*0.4), loss)
	if i%50 == 7 {
		body = fmt.Sprintf(`{"_step":3,"_runtime":%d,"val/loss":NaN`, i%100)
	}
	for k := range 46 {
		body += fmt.Sprintf(`,"extra/m%02d":%.3f`, k, random.Float64())
	}
	return tx.SetSummary(run.ID, []byte(body+"}"))
}
