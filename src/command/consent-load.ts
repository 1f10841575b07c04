import { systemClock } from "../adapter/system/clock.ts";
import type { ChannelName } from "../attempt/result.ts";
import type { ConsentKind } from "../compliance/consent.ts";
import { type ConsentReport, loadConsents } from "../compliance/consent-import-engine.ts";
import { RejectsFile } from "../contact/rejects-engine.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { openInput } from "./input-file.ts";
import { momentOf } from "./suppression.ts";
import { counted, openProgress } from "./terminal.ts";
import { byUser } from "./user.ts";

export interface ConsentLoadOptions extends CommonOptions {
  readonly kind?: ConsentKind;
  readonly purpose?: string;
  readonly channel?: ChannelName;
  readonly source?: string;
  readonly obtained?: string;
  readonly country?: string;
  readonly rejects?: string;
}

/** `carillon consent load FILE` @returns what to say */
export function loadConsentFile(
  file: string,
  { kind, purpose, channel, source, obtained, country, rejects, ...options }: ConsentLoadOptions,
): Promise<string> {
  return withStores(options, async ({ consents }, config) => {
    const defaults = {
      ...(kind !== undefined && { kind }),
      ...(purpose !== undefined && { purpose }),
      ...(channel !== undefined && { channel }),
      ...(source !== undefined && { source }),
      ...(obtained !== undefined && { obtainedAt: momentOf(obtained) }),
    };
    const place = rejects ?? `${file.replace(/\.(?:csv|txt)$/i, "")}.rejects.csv`;
    const rejected = new RejectsFile(place);
    const { content } = await openInput(file);
    const line = openProgress(process.stdout, () => systemClock.now());
    try {
      const report = await loadConsents({
        ...{ store: consents, by: byUser(), defaults, clock: systemClock, content },
        defaultCountry: country ?? config.contact.defaultCountry,
        headed: (header) => rejected.headed(header),
        rejected: (rejection) => rejected.write(rejection),
        progress: ({ read, rejected: refused }) => line.show(`${counted(read, "row")} read, ${refused} rejected`),
      });
      return reportText(file, report, place);
    } finally {
      line.end();
      content.destroy();
      await rejected.close();
    }
  });
}

function reportText(file: string, { read, rejected, recorded, known, last }: ConsentReport, place: string): string {
  const before = known === 0 ? "" : `, ${known} that the chain had already`;
  const end = last === undefined ? "" : ` The last is record ${last.id} (${last.hash.slice(0, 16)}…).`;
  const refused = rejected === 0 ? "" : `\n${counted(rejected, "row")} could not be used; they are in ${place}, each with its reason.`;
  return `${file}: ${counted(read, "row")}; ${counted(recorded, "new record")}${before}.${end}${refused}`;
}
