package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/backup"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

func newBackup(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "backup DIR", Short: "Copy everything into a folder, beside a running server", Args: cobra.ExactArgs(1),
		Long: "Takes a snapshot of the database and copies the objects that it names, as far as the folder\ndoes not have them. The server goes on. Every object is compared with what was stored while\nit is copied. The folder holds the secret key and everything that people logged: guard it as\nthe data folder.\nExit codes: 0 everything was taken, 1 something could not be, 2 the settings are wrong."}
	addSettings(cmd.Flags())
	keep := cmd.Flags().Int("keep", 14, "how many snapshots stay; older ones, and what only they name, are removed")
	check := cmd.Flags().Bool("check", false, "take none, but read the newest snapshot whole and compare it")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := load(w, cmd.Flags())
		if err != nil {
			return err
		}
		var info *backup.Info
		if *check {
			info, err = checkBackup(cmd.Context(), args[0])
		} else {
			info, err = takeBackup(cmd.Context(), cfg, args[0], *keep)
		}
		if err != nil {
			return err
		}
		if err := printBackup(w, info, *asJSON, *check); err != nil {
			return err
		}
		if len(info.Wrong) > 0 {
			return errTold
		}
		return nil
	}
	return cmd
}

func takeBackup(ctx context.Context, cfg *config.Config, dir string, keep int) (*backup.Info, error) {
	db, stores, err := openKept(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	o := backup.Options{Dir: dir, Stores: stores.all, Version: version, Keep: keep}
	if len(cfg.SecretKeys) == 0 {
		o.Secret = filepath.Join(cfg.Data, config.SecretFile)
	}
	return backup.Make(ctx, db, o)
}

func checkBackup(ctx context.Context, dir string) (*backup.Info, error) {
	info, wrong, err := backup.Check(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	info.Wrong = append(info.Wrong, wrong...)
	return info, nil
}

func printBackup(w world, info *backup.Info, asJSON, check bool) error {
	if asJSON {
		return printJSON(w, info)
	}
	if check {
		fmt.Fprintf(w.Out, "snapshot %s: read %d objects, %d bytes\n", info.Name, info.Objects, info.Bytes)
	} else {
		fmt.Fprintf(w.Out, "snapshot %s: %d objects, %d bytes; %d objects, %d bytes were copied now\n", info.Name, info.Objects, info.Bytes, info.Copied, info.CopiedB)
	}
	for _, text := range info.Wrong {
		fmt.Fprintln(w.Out, "fault  "+text)
	}
	return nil
}

// openKept opens what is kept, without a server's rooms.
func openKept(ctx context.Context, cfg *config.Config) (*meta.DB, *stores, error) {
	if isEmpty(cfg) {
		return nil, nil, fmt.Errorf("there is no store in %s: give the server's data folder with --data", cfg.Data)
	}
	o := databaseOptions(cfg, nil)
	o.Migrate = false
	db, err := meta.Open(ctx, o)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the store: %w", err)
	}
	stores, err := keptStores(ctx, cfg, db)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, stores, nil
}

// keptStores opens the places where objects are, with what was set on
// /system-admin: the keys of buckets may be there only.
func keptStores(ctx context.Context, cfg *config.Config, db *meta.DB) (*stores, error) {
	keys, err := knownSecrets(cfg)
	if err != nil {
		return nil, err
	}
	proven, _, err := openSystem(db, cfg, keys).Proven(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was set on /system-admin: %w", err)
	}
	return openStores(ctx, proven, keys, db)
}

func newRestore(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "restore DIR", Short: "Bring a backup to an empty data folder or database", Args: cobra.ExactArgs(1),
		Long: "Restores the newest snapshot of a backup folder, or the one that --snapshot names, into the\ndata folder (and the database) that the settings mean, which must hold no store. A restore that\nwas broken off is repeated."}
	addSettings(cmd.Flags())
	snapshot := cmd.Flags().String("snapshot", "", "which one, as \"backup\" names it; default: the newest")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := load(w, cmd.Flags())
		if err != nil {
			return err
		}
		info, err := restore(cmd.Context(), cfg, args[0], *snapshot)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(w, info)
		}
		fmt.Fprintf(w.Out, "restored snapshot %s of %s: %d objects, %d bytes\n", info.Name, info.Made.Format("2006-01-02 15:04:05 MST"), info.Objects, info.Bytes)
		if info.Secret == "" {
			fmt.Fprintf(w.Out, "the backup has no secret key: give the server the setting secret-key that it had\n")
		}
		for _, text := range info.Wrong {
			fmt.Fprintln(w.Out, "note   was not in the backup: "+text)
		}
		return nil
	}
	return cmd
}

func restore(ctx context.Context, cfg *config.Config, dir, snapshot string) (info *backup.Info, err error) {
	if err := makeData(cfg.Data); err != nil {
		return nil, err
	}
	unlock, err := lockData(cfg.Data)
	if err != nil {
		return nil, err
	}
	defer unlock()
	folder, err := openFolder(cfg, nil)
	if err != nil {
		return nil, err
	}
	to := backup.Target{Stores: map[int]blob.Bucket{folderID: folder}, Database: filepath.Join(cfg.Data, databaseFile)}
	if len(cfg.SecretKeys) == 0 {
		to.Secret = filepath.Join(cfg.Data, config.SecretFile)
	}
	if cfg.Database != "" {
		o := databaseOptions(cfg, nil)
		o.Migrate = true
		if to.DB, err = meta.Open(ctx, o); err != nil {
			return nil, fmt.Errorf("opening the database to restore into: %w", err)
		}
		defer func() { err = errors.Join(err, to.DB.Close()) }()
	}
	return backup.Restore(ctx, dir, snapshot, to)
}
