// Several panels in one answer, cut apart while it comes (docs/format/panels-v1.md).

const MOST = 64 << 20; // bytes of one panel; the server's largest has 10
const MAGIC = 'BPS1';

/** Cuts an answer into its parts as its bytes come. Throws on anything that is not one. */
export class Parts {
  private readonly head = new Uint8Array(8);
  private into: Uint8Array<ArrayBuffer> = this.head;
  private at = 0;
  private status = 0;
  private left = -1; // parts to come; not known yet

  /** `take` hears of each part, in the order of the questions: its status, and its bytes. */
  constructor(private readonly take: (status: number, body: ArrayBuffer) => void) {}

  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.whole) throw new Error('The server sent more panels than were asked for. Reload the page.');
      const n = Math.min(bytes.length - from, this.into.length - this.at);
      this.into.set(bytes.subarray(from, from + n), this.at);
      this.at += n;
      from += n;
      if (this.at === this.into.length) this.full();
    }
  }

  /** Whether all parts have come. */
  get whole(): boolean {
    return this.left === 0;
  }

  private full(): void {
    this.at = 0;
    if (this.into !== this.head) return this.part();
    const view = new DataView(this.head.buffer), first = view.getUint32(0, true), second = view.getUint32(4, true);
    if (this.left < 0) {
      if (String.fromCharCode(...this.head.subarray(0, 4)) !== MAGIC) throw new Error('The server sent panels in a form that this page does not know. Reload the page.');
      this.left = second;
      return;
    }
    if (second > MOST) throw new Error('The server sent a panel that is too large to be one. Reload the page.');
    this.status = first;
    this.into = new Uint8Array(second);
    if (second === 0) this.part();
  }

  private part(): void {
    const body = this.into.buffer;
    this.into = this.head;
    this.left--;
    this.take(this.status, body);
  }
}
