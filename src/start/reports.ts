import type { Stores } from "../adapter/postgres/stores.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { Reports } from "../report/report-engine.ts";

/** The reports, with what things cost by the configuration. */
export function reportsOf({ tariffs }: Pick<Config, "tariffs">, { reports: store }: Pick<Stores, "reports">, clock: Clock): Reports {
  return new Reports({ store, tariffs, clock });
}
