package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast/internal/backup"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/internal/verify"
)

// deepOptions say how far doctor goes.
type deepOptions struct {
	deep   bool
	repair bool
	from   string // a backup folder, "" for none
}

func (o deepOptions) check() error {
	if (o.repair || o.from != "") && !o.deep {
		return fmt.Errorf("--repair and --from go with --deep")
	}
	if o.from != "" && !o.repair {
		return fmt.Errorf("--from goes with --repair: it says where whole objects are taken from")
	}
	return nil
}

// deep reads everything that is kept.
func (d *doctor) deep(ctx context.Context, o deepOptions) {
	if isEmpty(d.cfg) {
		return
	}
	db, stores, err := openKept(ctx, d.cfg)
	if err != nil {
		d.fault("deep", err.Error(), "see the findings above")
		return
	}
	defer db.Close()
	v := verify.Options{Stores: stores.all}
	if o.repair {
		in, err := ingest.Open(ctx, db, stores.bucket(), sqlqueue.New(db), ingest.Options{Store: stores.current, Stores: stores.all})
		if err != nil {
			d.fault("deep", err.Error(), "")
			return
		}
		defer in.Close()
		v.Ingest = in
	}
	if o.from != "" {
		if v.Backup, err = backup.Object(ctx, o.from); err != nil {
			d.fault("deep", err.Error(), "give the folder that \"ballast backup\" wrote to")
			return
		}
		if v.BackupChunk, err = backup.Chunk(o.from); err != nil {
			d.fault("deep", err.Error(), "give the folder that \"ballast backup\" wrote to")
			return
		}
	}
	report, err := verify.Store(ctx, db, v)
	d.findings(report, o)
	if err != nil {
		d.fault("deep", "the check did not come to its end: "+err.Error(), "run it again when the store answers")
		return
	}
	if report.Unrepaired() == 0 {
		d.ok("deep", "read %d objects of %d bytes, %d segments and %d chunks of %d runs", report.Objects, report.Bytes, report.Segments, report.Chunks, report.Runs)
	}
}

func (d *doctor) findings(report *verify.Report, o deepOptions) {
	for _, f := range report.Findings {
		text := strings.TrimPrefix(f.Where()+": "+f.Text, ": ")
		if f.Object != "" && !strings.Contains(text, f.Object) {
			text += " (object " + f.Object + ")"
		}
		switch {
		case f.Repaired != "":
			d.note(f.What, text, "repaired: "+f.Repaired)
		case f.What == "orphan":
			d.note(f.What, text, "--repair hands what is ours to the collector")
		case !o.repair:
			d.fault(f.What, text, "ballast doctor --deep --repair, with --from BACKUP when there is one")
		case o.from == "":
			d.fault(f.What, text, "what is here does not suffice to repair it: --from BACKUP takes whole objects from a backup")
		default:
			d.fault(f.What, text, "neither what is here nor the backup suffices to repair it; reading these rows fails, everything else is answered")
		}
	}
}
