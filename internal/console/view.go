package console

import (
	"context"
	"slices"
	"sort"

	"github.com/ballast-ml/ballast"
)

// Version is what one request said about consecutive lines, encoded.
type Version struct {
	Line0 int64
	Lines int
	Data  []byte
}

// Block is a sealed part of a console. Fetch reads its bytes.
type Block struct {
	Line0   int64
	Lines   int
	Levels  uint64 // bit set of the levels that occur, see LevelBit
	TimeMin int64  // microseconds; 0: no line has a time
	TimeMax int64
	Fetch   func(ctx context.Context) ([]byte, error)
}

// LevelBit is a level's bit in Block.Levels.
func LevelBit(l Level) uint64 { return 1 << min(l, Other) }

// View is a console as it stands at one moment: Versions, in order of their
// sequence, lie over Blocks, in order of their lines.
type View struct {
	Total    int64 // lines
	Blocks   []Block
	Versions []Version
}

// Lines returns lines [from, to) in order. A line that never came has an
// empty text. At most MaxLines are returned.
func (v *View) Lines(ctx context.Context, from, to int64) ([]Line, error) {
	from, to = max(0, from), min(to, v.Total)
	if from >= to {
		return nil, nil
	}
	to = min(to, from+MaxLines)
	lines := make([]Line, to-from)
	for i := range lines {
		lines[i].Number = from + int64(i)
	}
	put := func(part []Line) {
		for _, l := range part {
			if l.Number >= from && l.Number < to {
				lines[l.Number-from] = l.over(lines[l.Number-from])
			}
		}
	}
	first := sort.Search(len(v.Blocks), func(i int) bool { return v.Blocks[i].Line0+int64(v.Blocks[i].Lines) > from })
	for _, b := range v.Blocks[first:] {
		if b.Line0 >= to {
			break
		}
		data, err := b.Fetch(ctx)
		if err != nil {
			return nil, err
		}
		part, err := Decode(data, b.Line0)
		if err != nil {
			return nil, err
		}
		put(part)
	}
	for _, c := range v.Versions {
		if c.Line0 >= to || c.Line0+int64(c.Lines) <= from {
			continue
		}
		part, err := Decode(c.Data, c.Line0)
		if err != nil {
			return nil, err
		}
		put(part)
	}
	return lines, nil
}

// MaxLines is the most lines that Lines returns.
const MaxLines = 100_000

// searchStep is how many lines a search looks at in one piece.
const searchStep = 8192

// Search calls found for each line that matches, in order, until it returns
// false. With a level only lines of that level match, and blocks without one
// are not read unless a later version lies over them.
func (v *View) Search(ctx context.Context, m *Matcher, level Level, found func(Line) bool) error {
	for from := int64(0); from < v.Total; from += searchStep {
		if err := ctx.Err(); err != nil {
			return ballast.Wrap(ballast.Unavailable, err, "searching the console was given up")
		}
		to := min(from+searchStep, v.Total)
		if level != NoLevel && !v.mayHave(level, from, to) {
			continue
		}
		lines, err := v.Lines(ctx, from, to)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if (level == NoLevel || l.Level == level) && m.Match(l.Text) && !found(l) {
				return nil
			}
		}
	}
	return nil
}

// mayHave reports whether lines [from, to) can hold one of a level.
func (v *View) mayHave(level Level, from, to int64) bool {
	return slices.ContainsFunc(v.Versions, func(c Version) bool { return c.Line0 < to && c.Line0+int64(c.Lines) > from }) ||
		slices.ContainsFunc(v.Blocks, func(b Block) bool {
			return b.Line0 < to && b.Line0+int64(b.Lines) > from && b.Levels&LevelBit(level) != 0
		})
}

// Overlay joins versions, in order of their sequence, into runs of consecutive
// lines as they stand, ascending.
func Overlay(versions []Version) ([][]Line, error) {
	latest := map[int64]Line{}
	for _, c := range versions {
		part, err := Decode(c.Data, c.Line0)
		if err != nil {
			return nil, err
		}
		for _, l := range part {
			latest[l.Number] = l.over(latest[l.Number])
		}
	}
	numbers := make([]int64, 0, len(latest))
	for n := range latest {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var runs [][]Line
	for i, n := range numbers {
		if i == 0 || numbers[i-1] != n-1 {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], latest[n])
	}
	return runs, nil
}

// Extent is the range of times and the set of levels of lines, as a Block has
// them.
func Extent(lines []Line) (levels uint64, timeMin, timeMax int64) {
	for _, l := range lines {
		levels |= LevelBit(l.Level)
		if l.Time.IsZero() {
			continue
		}
		us := l.Time.UnixMicro()
		if timeMin == 0 || us < timeMin {
			timeMin = us
		}
		timeMax = max(timeMax, us)
	}
	return levels, timeMin, timeMax
}
