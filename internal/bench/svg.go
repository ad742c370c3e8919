package bench

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// The picture of a curve: both axes logarithmic, so that a power of n is a
// straight line.
const (
	pictureW, pictureH           = 640, 320
	plotX, plotY, plotW, plotH   = 70, 20, 400, 250
	legendX                      = plotX + plotW + 20
	pictureText                  = "font-family='sans-serif' font-size='12' fill='#333'"
	pictureLine, pictureBackdrop = "#ccc", "#fff"
)

var lineColors = [...]string{"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"}

// bounds are powers of ten around positive values.
func bounds(lines []Line, of func(Spot) float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, p := range l.Points {
			if v := of(p); v > 0 {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high {
		return 0, 1
	}
	low, high = math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	if low == high {
		high++
	}
	return low, high
}

// picture draws the curve as SVG.
func (c *Curve) picture() []byte {
	var b bytes.Buffer
	x0, x1 := bounds(c.Lines, func(p Spot) float64 { return p.X })
	y0, y1 := bounds(c.Lines, func(p Spot) float64 { return p.Y })
	x := func(v float64) float64 { return plotX + plotW*(math.Log10(v)-x0)/(x1-x0) }
	y := func(v float64) float64 { return plotY + plotH - plotH*(math.Log10(v)-y0)/(y1-y0) }
	fmt.Fprintf(&b, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' role='img'><title>%s</title><rect width='100%%' height='100%%' fill='%s'/>\n", pictureW, pictureH, html.EscapeString(c.Title), pictureBackdrop)
	for e := x0; e <= x1; e++ {
		at := x(math.Pow(10, e))
		fmt.Fprintf(&b, "<path d='M%.1f %dV%d' stroke='%s'/><text x='%.1f' y='%d' text-anchor='middle' %s>%s</text>\n", at, plotY, plotY+plotH, pictureLine, at, plotY+plotH+16, pictureText, quantity(math.Pow(10, e)))
	}
	for e := y0; e <= y1; e++ {
		at := y(math.Pow(10, e))
		fmt.Fprintf(&b, "<path d='M%d %.1fH%d' stroke='%s'/><text x='%d' y='%.1f' text-anchor='end' %s>%s</text>\n", plotX, at, plotX+plotW, pictureLine, plotX-6, at+4, pictureText, quantity(math.Pow(10, e)))
	}
	fmt.Fprintf(&b, "<text x='%d' y='%d' text-anchor='middle' %s>%s</text>", plotX+plotW/2, pictureH-8, pictureText, html.EscapeString(c.X))
	fmt.Fprintf(&b, "<text x='14' y='%d' text-anchor='middle' transform='rotate(-90 14 %d)' %s>%s</text>\n", plotY+plotH/2, plotY+plotH/2, pictureText, html.EscapeString(c.Y))
	for i, l := range c.Lines {
		color := lineColors[i%len(lineColors)]
		path := ""
		for _, p := range l.Points {
			if p.X <= 0 || p.Y <= 0 {
				continue
			}
			step := "L"
			if path == "" {
				step = "M"
			}
			path += fmt.Sprintf("%s%.1f %.1f", step, x(p.X), y(p.Y))
			fmt.Fprintf(&b, "<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", x(p.X), y(p.Y), color)
		}
		fmt.Fprintf(&b, "<path d='%s' fill='none' stroke='%s' stroke-width='2'/>", path, color)
		fmt.Fprintf(&b, "<path d='M%d %dh14' stroke='%s' stroke-width='2'/><text x='%d' y='%d' %s>%s</text>\n", legendX, plotY+8+18*i, color, legendX+18, plotY+12+18*i, pictureText, html.EscapeString(l.Name))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
