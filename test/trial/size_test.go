package trial_test

import (
	"debug/elf"
	"os"
	"testing"
)

// TestBinarySize: the released program stays small and needs nothing but the
// kernel.
func TestBinarySize(t *testing.T) {
	const most = 60 << 20
	info, err := os.Stat(ballast)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if needs, err := f.ImportedLibraries(); err != nil || len(needs) > 0 {
		t.Errorf("the program needs the libraries %v (%v)", needs, err)
	}
	size := info.Size()
	if f.Section(".symtab") != nil {
		t.Logf("%.1f MB with symbols", float64(size)/(1<<20)) // given by BALLAST_BIN
		for _, s := range f.Sections {
			if s.Name == ".symtab" || s.Name == ".strtab" || len(s.Name) > 7 && (s.Name[:7] == ".debug_" || s.Name[:7] == ".zdebug") {
				size -= int64(s.FileSize)
			}
		}
	}
	t.Logf("%.1f MB", float64(size)/(1<<20))
	if size > most {
		t.Errorf("the program has %d bytes without symbols, at most %d are allowed", size, most)
	}
}
