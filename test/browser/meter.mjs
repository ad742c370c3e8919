// What a page's main thread is busy with, and what its heap holds, by the debugger.

/** Measures one page. Processor time, not the clock: what other programs of the machine do does not count. */
export class Meter {
  static async of(page) {
    const m = new Meter();
    m.cdp = await page.context().newCDPSession(page);
    await m.cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    return m;
  }

  /** Milliseconds of the main thread until now. */
  async busy() { return (await this.cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value * 1000; }

  /** Milliseconds of the main thread, and by the clock, that an act takes. An act that returns a number knows its own clock. */
  async cost(act) {
    const [began, before] = [performance.now(), await this.busy()];
    const own = await act();
    const thread = (await this.busy()) - before;
    return { thread, clock: typeof own === "number" ? own : performance.now() - began };
  }

  /** Bytes that are alive: objects, the document's nodes, and typed arrays. */
  async heap() {
    await this.cdp.send("HeapProfiler.collectGarbage");
    const h = await this.cdp.send("Runtime.getHeapUsage");
    return h.usedSize + (h.embedderHeapUsedSize ?? 0) + (h.backingStorageSize ?? 0);
  }

  close() { return this.cdp.detach(); }
}
