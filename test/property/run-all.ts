import type { Property, Report } from "./report.ts";

/** Run after run, by one seed after the other. @param progress told of each that is over */
export async function runAll(property: Property, seed: number, runs: number, progress = (_run: number) => {}): Promise<Report> {
  const sum = { contacts: 0, contacted: 0, optOuts: 0, events: 0, crashes: 0, refusals: 0, campaigns: 0, finished: 0 };
  const violations: string[] = [];
  for (let run = 0; run < runs; run += 1) {
    const report = await property.run(seed + run);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name];
    violations.push(...report.violations);
    progress(run + 1);
  }
  return { ...sum, violations };
}
