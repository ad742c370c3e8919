// @vitest-environment node
import { expect, test } from 'vitest';
import { SvgPen } from './pen';

test('what a canvas would draw, as SVG', () => {
  const g = new SvgPen();
  g.save();
  g.beginPath();
  g.rect(0, 0, 10, 5);
  g.clip();
  g.beginPath();
  g.moveTo(0, 1.004);
  g.lineTo(2, 3);
  g.strokeStyle = '#123456';
  g.lineWidth = 2;
  g.setLineDash([4, 2]);
  g.stroke();
  g.restore();
  expect(g.text).toBe('<clipPath id="clip0"><path d="M0 0h10v5h-10Z"/></clipPath><g clip-path="url(#clip0)"><path d="M0 1L2 3" fill="none" stroke="#123456" stroke-width="2" stroke-linejoin="round" stroke-dasharray="4 2"/></g>');
});
test('names cannot write elements of their own', () => {
  const g = new SvgPen();
  g.font = '12px "A", serif';
  g.fillStyle = '"><script>';
  g.textAlign = 'center';
  g.fillText('<b>"a" & b</b>', 1, 2);
  expect(g.text).toBe('<text x="1" y="2" font-size="12px" font-family="&quot;A&quot;, serif" fill="&quot;&gt;&lt;script&gt;" text-anchor="middle" dominant-baseline="auto">&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;</text>');
});
test('gradients and nested clips', () => {
  const g = new SvgPen(), fade = g.createLinearGradient(0, 0, 10, 0);
  fade.addColorStop(0.5, '#fff');
  g.save();
  g.beginPath();
  g.rect(0, 0, 1, 1);
  g.clip();
  g.save();
  g.restore();
  g.strokeStyle = fade;
  g.beginPath();
  g.moveTo(0, 0);
  g.stroke();
  g.restore();
  expect(g.text.match(/<g /g)).toHaveLength(1);
  expect(g.text.match(/<\/g>/g)).toHaveLength(1);
  expect(g.text).toContain('stroke="url(#fade0)"');
  expect(g.text.startsWith('<defs><linearGradient id="fade0"')).toBe(true);
});
