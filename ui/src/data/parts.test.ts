import { describe, expect, it } from 'vitest';
import { Parts } from './parts';

/** Writes an answer as the server does. */
function pack(parts: [status: number, text: string][], n = parts.length): Uint8Array {
  const out = [66, 80, 83, 49, n, 0, 0, 0];
  for (const [status, text] of parts) out.push(status & 255, status >> 8, 0, 0, text.length & 255, text.length >> 8, 0, 0, ...new TextEncoder().encode(text));
  return Uint8Array.from(out);
}
/** What is read of an answer that comes in pieces of `size` bytes. */
function read(bytes: Uint8Array, size: number): { parts: [number, string][]; whole: boolean } {
  const parts: [number, string][] = [];
  const cut = new Parts((status, body) => parts.push([status, new TextDecoder().decode(body)]));
  for (let i = 0; i < bytes.length; i += size) cut.push(bytes.subarray(i, i + size));
  return { parts, whole: cut.whole };
}
const three: [number, string][] = [[200, 'a panel of some bytes'], [400, '{"error":"a panel needs a key"}'], [200, 'x'.repeat(300)]];

describe('Parts', () => {
  it('cuts an answer apart, however its bytes come', () => {
    for (const size of [1, 3, 8, 29, 1000]) expect(read(pack(three), size)).toEqual({ parts: three, whole: true });
  });
  it('takes an empty part', () => {
    expect(read(pack([[500, ''], [200, 'a']]), 4)).toEqual({ parts: [[500, ''], [200, 'a']], whole: true });
  });
  it('gives what came whole of an answer that broke off, wherever that was', () => {
    const all = pack(three), ends = [8 + 8 + 21, 8 + 8 + 21 + 8 + 31, all.length];
    for (let n = 0; n < all.length; n++) {
      const got = read(all.subarray(0, n), 7);
      expect(got.whole).toBe(false);
      expect(got.parts).toEqual(three.slice(0, ends.filter((e) => e <= n).length));
    }
  });
  it('refuses what is no such answer, is too large, or goes on after its end', () => {
    expect(() => read(new TextEncoder().encode('<html>......'), 5)).toThrow(/Reload/);
    expect(() => read(Uint8Array.from([66, 80, 83, 49, 1, 0, 0, 0, 200, 0, 0, 0, 255, 255, 255, 255]), 16)).toThrow(/too large/);
    expect(() => read(pack(three, 2), 1000)).toThrow(/more panels/);
  });
});
