package filestream

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/ballast-ml/ballast/internal/history"
)

// number is a JSON number at the start of some text.
type number struct {
	value   float64
	integer bool // without fraction and exponent
	exact   bool // value is what the text says; false for integers beyond ±2^53
	len     int  // bytes; 0: the text is no JSON number
}

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseNumber reads the number that s starts with, correctly rounded.
func parseNumber(s []byte) number {
	i := 0
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		i = 1
	}
	var mant uint64
	first := i
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		mant = mant*10 + uint64(s[i]-'0')
	}
	digits := i - first
	if digits == 0 || digits > 1 && s[first] == '0' {
		return number{}
	}
	exp, integer := 0, true
	if i < len(s) && s[i] == '.' {
		i++
		point := i
		for ; i < len(s) && s[i]-'0' <= 9; i++ {
			mant = mant*10 + uint64(s[i]-'0')
		}
		if i == point {
			return number{}
		}
		exp, integer, digits = point-i, false, digits+i-point
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		e, n := parseExponent(s[i+1:])
		if n == 0 {
			return number{}
		}
		i += 1 + n
		exp, integer = exp+e, false
	}
	n := number{integer: integer, exact: true, len: i}
	if digits > 19 && digits-leadingZeros(s[first:i]) > 19 {
		n.value, n.exact = slowFloat(s[:i]), !integer
		return n
	}
	n.exact = !integer || mant <= history.MaxInt
	n.value = toFloat(mant, exp, s[:i])
	if neg {
		n.value = math.Copysign(n.value, -1)
	}
	return n
}

// toFloat is mant·10^exp, without sign; text is what it came from.
func toFloat(mant uint64, exp int, text []byte) float64 {
	switch {
	case mant <= history.MaxInt && exp == 0:
		return float64(mant)
	case mant <= history.MaxInt && exp < 0 && exp >= -22:
		return float64(mant) / pow10[-exp]
	case mant <= history.MaxInt && exp > 0 && exp <= 22:
		return float64(mant) * pow10[exp]
	case mant == 0:
		return 0
	}
	if v, ok := scaleFloat(mant, exp); ok {
		return v
	}
	return math.Abs(slowFloat(text))
}

func parseExponent(s []byte) (e, n int) {
	i := 0
	neg := false
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		neg = s[0] == '-'
		i = 1
	}
	first := i
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		e = min(e*10+int(s[i]-'0'), 100_000)
	}
	if i == first {
		return 0, 0
	}
	if neg {
		e = -e
	}
	return e, i
}

func leadingZeros(s []byte) (n int) {
	for _, c := range s {
		if c == '0' {
			n++
		} else if c != '.' {
			break
		}
	}
	return n
}

// slowFloat parses any JSON number. One beyond the range of float64 becomes
// ±Infinity, as in Python.
func slowFloat(s []byte) float64 {
	v, _ := strconv.ParseFloat(unsafe.String(&s[0], len(s)), 64) // the syntax was checked
	return v
}

// tens holds 10^e for |e| <= maxTens as the first 128 bits of its binary
// digits (cut off, not rounded) and the exponent of the first.
const maxTens = 64

type ten struct {
	hi, lo uint64
	exp    int
}

var tens = powersOfTen()

func powersOfTen() *[2*maxTens + 1]ten {
	var t [2*maxTens + 1]ten
	mask := new(big.Int).SetUint64(math.MaxUint64)
	for e := -maxTens; e <= maxTens; e++ {
		// Enough digits for an integer quotient of more than 128 bits.
		const shift = 512
		v := new(big.Int).Lsh(big.NewInt(1), shift)
		p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
		if e < 0 {
			v.Quo(v, p)
		} else {
			v.Mul(v, p)
		}
		n := v.BitLen()
		v.Rsh(v, uint(n-128))
		t[e+maxTens] = ten{new(big.Int).Rsh(v, 64).Uint64(), new(big.Int).And(v, mask).Uint64(), n - 1 - shift}
	}
	return &t
}

// scaleFloat is mant·10^exp rounded to the nearest float64, or false when 128
// bits of the power are too few to be sure, which is rare.
//
// The product of mant, shifted up to 64 bits, and the 128 bits of the power is
// too small by less than two units of its own 128th bit: by what was cut off
// the power and what is cut off the product. It is sure when adding these
// units does not change how it rounds.
func scaleFloat(mant uint64, exp int) (float64, bool) {
	if exp < -maxTens || exp > maxTens {
		return 0, false
	}
	t := &tens[exp+maxTens]
	up := bits.LeadingZeros64(mant)
	mant <<= up
	hi, mid := bits.Mul64(mant, t.hi)
	low, _ := bits.Mul64(mant, t.lo)
	mid, carry := bits.Add64(mid, low, 0)
	hi += carry

	e := 63 - up + t.exp // binary exponent when the product's first bit is its 127th
	drop := uint(10)     // bits of hi below the 53 of a float64 and its leading one
	if hi>>63 != 0 {
		e++
		drop = 11
	}
	half := uint64(1) << (drop - 1)
	frac := hi & (1<<drop - 1)
	if frac == half && mid < 2 || frac == half-1 && mid >= math.MaxUint64-1 {
		return 0, false
	}
	m := hi >> drop
	if frac >= half {
		m++ // a tie cannot be here
	}
	if m>>53 != 0 {
		m >>= 1
		e++
	}
	return math.Float64frombits(uint64(e+1023)<<52 | m&(1<<52-1)), true
}

var (
	notANumber  = math.NaN()
	infinity    = math.Inf(1)
	negInfinity = math.Inf(-1)
)

// special is the number that a bare word or the text of a string means, nil
// for none: some clients quote NaN and ±Infinity (PRODUCT section 3.4).
func special(word []byte) *float64 {
	switch string(word) {
	case "NaN":
		return &notANumber
	case "Infinity":
		return &infinity
	case "-Infinity":
		return &negInfinity
	}
	return nil
}

// special steps over a bare NaN, Infinity or -Infinity.
func (s *scanner) special() *float64 {
	for _, w := range [...]string{"NaN", "Infinity", "-Infinity"} {
		if s.word(w) {
			return special([]byte(w))
		}
	}
	return nil
}
