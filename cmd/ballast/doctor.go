package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

// finding is one thing that doctor looked at.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, note, fault
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"`
}

type doctor struct {
	cfg   *config.Config
	found []finding
}

func (d *doctor) ok(check, format string, args ...any) {
	d.found = append(d.found, finding{check, "ok", fmt.Sprintf(format, args...), ""})
}

func (d *doctor) note(check, text, do string) {
	d.found = append(d.found, finding{check, "note", text, do})
}

func (d *doctor) fault(check, text, do string) {
	d.found = append(d.found, finding{check, "fault", text, do})
}

func newDoctor(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "doctor", Short: "Say what is wrong with this installation, and what to do", Args: noArgs,
		Long: "Looks at settings, folders, secret key, store, clock and free disk, also beside a running server, and leaves nothing behind.\nExit codes: 0 all is well, 1 something is wrong, 2 the settings are wrong."}
	addSettings(cmd.Flags())
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	var deep deepOptions
	cmd.Flags().BoolVar(&deep.deep, "deep", false, "read everything that is kept and compare it with its checksums")
	cmd.Flags().BoolVar(&deep.repair, "repair", false, "with --deep: repair what can be repaired")
	cmd.Flags().StringVar(&deep.from, "from", "", "with --repair: a backup folder to take whole objects from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := deep.check(); err != nil {
			return err
		}
		cfg, wrong := load(w, cmd.Flags())
		d := &doctor{cfg: cfg}
		d.settings(wrong)
		if wrong == nil {
			d.examine(cmd.Context())
			if deep.deep {
				d.deep(cmd.Context(), deep)
			}
		}
		if err := d.print(w, *asJSON); err != nil {
			return err
		}
		if wrong != nil {
			return wrong
		}
		for _, f := range d.found {
			if f.State == "fault" {
				return errTold
			}
		}
		return nil
	}
	return cmd
}

func (d *doctor) print(w world, asJSON bool) error {
	if asJSON {
		return printJSON(w, d.found)
	}
	for _, f := range d.found {
		fmt.Fprintf(w.Out, "%-5s  %-12s %s\n", f.State, f.Check, f.Text)
		if f.Do != "" {
			fmt.Fprintf(w.Out, "%21s%s\n", "-> ", f.Do)
		}
	}
	return nil
}

func (d *doctor) settings(wrong error) {
	if wrong != nil {
		d.fault("settings", "they have mistakes", "correct what is printed below; \"ballast config\" shows where each comes from")
		return
	}
	d.ok("settings", "no mistakes")
	if !d.cfg.Given("url") {
		if noted := notedURL(d.cfg.Data); noted != "" { // the server here knows its port
			d.cfg.URL = noted
		}
	}
	if d.cfg.URL == "" || strings.HasPrefix(d.cfg.URL, "http://localhost") || strings.HasPrefix(d.cfg.URL, "http://127.") {
		d.note("url", "the external URL is "+d.cfg.URL+": only this machine can use the links that the server makes", "set --url when others shall reach it")
	} else if strings.HasPrefix(d.cfg.URL, "http://") {
		d.note("url", "the external URL "+d.cfg.URL+" is not HTTPS: keys and passwords cross the network in the clear", "put a proxy with TLS in front and set --url to https://…")
	}
}

// examine looks at everything that the settings lead to.
func (d *doctor) examine(ctx context.Context) {
	if !d.folder() {
		return
	}
	d.disk()
	d.clock()
	d.running()
	if !isEmpty(d.cfg) {
		d.store(ctx)
	} else {
		d.note("store", "there is none yet", "start \"ballast serve\" once")
	}
	d.objects(ctx)
}

func (d *doctor) folder() bool {
	st, err := os.Stat(d.cfg.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.note("data folder", d.cfg.Data+" does not exist yet", "start \"ballast serve\" once, or give the right folder with --data")
		return false
	case err != nil || !st.IsDir():
		d.fault("data folder", fmt.Sprintf("%s cannot be used: %v", d.cfg.Data, err), "give a folder that this user owns with --data")
		return false
	case st.Mode().Perm()&0o077 != 0:
		d.fault("data folder", fmt.Sprintf("%s has mode %04o: other users of this machine may look in", d.cfg.Data, st.Mode().Perm()), "chmod 700 "+d.cfg.Data)
	default:
		d.ok("data folder", "%s, open to its owner only", d.cfg.Data)
	}
	key := filepath.Join(d.cfg.Data, config.SecretFile)
	if open := openSecret(d.cfg.Data); open != "" {
		d.fault("secret key", open, "chmod 600 "+key)
	} else if exists(key) {
		d.ok("secret key", "%s, mode 0600", key)
	}
	return true
}

// Free space below which the disk is worth a note, and a fault, in bytes.
const (
	littleDisk  = 5 << 30
	noDisk      = 512 << 20
	skewAllowed = 2 * time.Second
)

func (d *doctor) disk() {
	var s unix.Statfs_t
	if err := unix.Statfs(d.cfg.Data, &s); err != nil {
		d.note("disk", "its free space is not known: "+err.Error(), "")
		return
	}
	free, gb := int64(s.Bavail)*int64(s.Bsize), float64(int64(s.Bavail)*int64(s.Bsize))/(1<<30)
	switch {
	case free < noDisk:
		d.fault("disk", fmt.Sprintf("%.1f GiB are free", gb), "make room: when the disk is full, requests are answered 503 and clients wait")
	case free < littleDisk:
		d.note("disk", fmt.Sprintf("%.1f GiB are free", gb), "make room soon")
	default:
		d.ok("disk", "%.1f GiB are free", gb)
	}
}

// clock compares the machine's clock with the file system's, which is another
// machine's on a network disk, and with the time this binary knows has passed.
func (d *doctor) clock() {
	f, err := os.CreateTemp(d.cfg.Data, ".doctor-")
	if err != nil {
		d.fault("data folder", "it cannot be written to: "+err.Error(), "run doctor as the user that the server runs as, or chown the folder")
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	before := time.Now()
	if _, err := f.Write([]byte("x")); err != nil {
		d.fault("data folder", "it cannot be written to: "+err.Error(), "see free space and quota")
		return
	}
	st, err := f.Stat()
	if err != nil {
		d.note("clock", "not compared: "+err.Error(), "")
		return
	}
	skew := st.ModTime().Sub(before).Abs()
	switch {
	case before.Year() < 2025:
		d.fault("clock", "it says "+before.UTC().Format(time.RFC3339), "set the clock, with NTP for instance")
	case skew > skewAllowed:
		d.fault("clock", fmt.Sprintf("this machine and its disk differ by %v", skew.Round(time.Millisecond)), "let both follow the same NTP server: states of runs and links depend on the time")
	default:
		d.ok("clock", "%s, the disk agrees", before.UTC().Format(time.RFC3339))
	}
}

func (d *doctor) running() {
	if d.cfg.Database != "" || !exists(filepath.Join(d.cfg.Data, lockFile)) {
		return
	}
	unlock, err := lockData(d.cfg.Data)
	if err != nil {
		d.ok("server", "one is running on this folder")
		return
	}
	unlock()
	d.note("server", "none is running on this folder", "")
}

func (d *doctor) store(ctx context.Context) {
	o := databaseOptions(d.cfg, nil)
	o.Migrate = false
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	db, err := meta.Open(ctx, o)
	if err != nil {
		d.fault("store", err.Error(), "see that the setting database is right and the database answers; an old schema is brought up to date when the server starts with migrate=auto")
		return
	}
	defer db.Close()
	version, err := db.SchemaVersion(ctx)
	var users, admins int
	if err == nil {
		err = db.Read(ctx, func(tx *meta.Tx) (err error) {
			if users, err = tx.CountUsers(); err == nil {
				admins, err = tx.CountAdmins()
			}
			return err
		})
	}
	if err != nil {
		d.fault("store", err.Error(), "restore the backup if the file is damaged")
		return
	}
	d.ok("store", "it answers, schema %d, %d users", version, users)
	switch {
	case users == 0:
		d.note("admin", "there are no users yet", "open the set-up link that the server logs, or: ballast admin user create NAME --email E --admin")
	case admins == 0:
		d.fault("admin", "nobody is an admin of the instance", "ballast admin user promote NAME")
	}
	d.secretKeys(ctx, db)
}

// secretKeys checks that every API key in the store can still be verified, and
// that every setting of /system-admin opens.
func (d *doctor) secretKeys(ctx context.Context, db *meta.DB) {
	keys, err := knownSecrets(d.cfg)
	if err != nil {
		d.fault("secret key", err.Error(), "")
		return
	}
	all, err := keysUnder(ctx, db)
	if err != nil {
		d.fault("secret key", err.Error(), "")
		return
	}
	lost := lostKeys(all, keys)
	for _, text := range lost {
		d.fault("secret key", text, "add that key to secret-key, after the one that signs, or restore "+config.SecretFile+" from the backup")
	}
	if len(lost) == 0 {
		d.ok("secret key", "it verifies every API key in the store, and opens the settings")
	}
}

// objects stores, reads and deletes an object. It makes no folder, which would
// belong to whoever runs doctor.
func (d *doctor) objects(ctx context.Context) {
	if !exists(filepath.Join(d.cfg.Data, objectFolder)) {
		return
	}
	b, err := openFolder(d.cfg, nil)
	if err != nil {
		d.fault("objects", err.Error(), "run doctor as the user that the server runs as")
		return
	}
	name, body := fmt.Sprintf("doctor/%d", time.Now().UnixNano()), []byte("ballast doctor")
	_, err = b.Put(ctx, name, bytes.NewReader(body), int64(len(body)))
	if err == nil {
		var r io.ReadCloser
		if r, err = b.Get(ctx, name, 0, -1); err == nil {
			defer r.Close()
			got, e := io.ReadAll(r)
			if err = e; err == nil && !bytes.Equal(got, body) {
				err = errors.New("what was read is not what was written")
			}
		}
		err = errors.Join(err, b.Delete(ctx, name))
	}
	if err != nil {
		d.fault("objects", err.Error(), "see free space, quota and who owns "+filepath.Join(d.cfg.Data, objectFolder))
		return
	}
	d.ok("objects", "written, read and deleted one")
}
