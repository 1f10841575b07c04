/** What a loop is told: where the far side is, what to play, how fast and how often. */
export interface BareOptions {
  readonly host: string;
  readonly adminPort: number;
  readonly eslPort: number;
  readonly carrierPort: number;
  readonly secret: string;
  readonly password: string;
  readonly prompt: string;
  readonly calls: number;
  readonly maxCps: number;
  readonly maxLines: number;
}

export interface LoopReport {
  readonly calls: number;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly callsPerSecond: number;
  readonly cpuMsPerCall: number;
  /** Resident memory before the first call and at its highest while calls were up. */
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
}

const megabyte = 1024 * 1024;

/** Places `calls` calls at the wanted rate, never more than `maxLines` at once, and measures this process meanwhile. */
export async function measured(options: BareOptions, call: (index: number) => Promise<boolean>): Promise<LoopReport> {
  globalThis.gc?.();
  const rssBeforeMb = process.memoryUsage.rss() / megabyte;
  let rssPeakMb = rssBeforeMb;
  const sampler = setInterval(() => {
    rssPeakMb = Math.max(rssPeakMb, process.memoryUsage.rss() / megabyte);
  }, 250);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let failed = 0;
  const up = new Set<Promise<void>>();
  for (let index = 0; index < options.calls; index += 1) {
    const dueMs = (index * 1000) / options.maxCps;
    const waitMs = startedAt + dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    while (up.size >= options.maxLines) await Promise.race(up);
    const running = call(index)
      .then((ok) => {
        if (!ok) failed += 1;
      })
      .catch(() => {
        failed += 1;
      })
      .finally(() => up.delete(running));
    up.add(running);
  }
  await Promise.all(up);
  const elapsedMs = performance.now() - startedAt;
  clearInterval(sampler);
  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000;
  return {
    calls: options.calls,
    failed,
    elapsedMs,
    cpuMs,
    callsPerSecond: ((options.calls - failed) * 1000) / elapsedMs,
    cpuMsPerCall: cpuMs / options.calls,
    rssBeforeMb,
    rssPeakMb,
  };
}
