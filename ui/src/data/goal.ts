// Comparing one number with another: the difference in words, and which way is better.
import { num } from './format';

/** What a number differs from another by, with its sign; empty where there is nothing to compare. */
export function delta(n: number | null, base: number | null): string {
  if (n === null || base === null || !Number.isFinite(n) || !Number.isFinite(base) || n === base) return '';
  const d = n - base;
  return (d > 0 ? '+' : '−') + num(Math.abs(d), 3);
}

/** Which way is better, by the name of a metric; 0 where nobody can tell. */
export function goalOf(metric: string): 1 | -1 | 0 {
  const k = metric.toLowerCase();
  if (/loss|err|perplex|ppl|rmse|mse|mae|wer|cer|fid|nll|latency/.test(k)) return -1;
  return /acc|top\d|f1|auc|score|map|reward|return|bleu|rouge|iou|precision|recall|psnr|ssim/.test(k) ? 1 : 0;
}
