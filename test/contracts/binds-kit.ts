import { openBinds } from "../../src/adapter/smpp/binds.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { LabSmsc, type LabSmscOptions } from "../../src/lab/smsc/lab-smsc.ts";
import { type BindOptions, bindOptions, type SenderOptions } from "../../src/sms/options.ts";
import type { Binds, BindsEvents, Incoming, Pace, Part, Receipt, Submission } from "../../src/sms/ports.ts";

export const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
type Test = { teardown(end: () => unknown): void };

/** A bind as the configuration would have it. */
export function bindTo(port: number, more: Partial<BindOptions> = {}): BindOptions {
  const given = { name: "main", host: "127.0.0.1", port, systemId: "carillon", maxPerSecond: 100_000, responseTimeoutMs: 5000, ...more };
  const { part, findings } = readPart<BindOptions>(bindOptions, given, () => {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return part;
}

/** For both sides, where milliseconds count: of what holds the process up it sees next to nothing. */
export function patientClock(t: Test): Clock {
  const time = new PatientTime();
  t.teardown(() => time.close());
  return time.clock(systemClock.now());
}

export async function startSmsc(t: Test, more: Partial<LabSmscOptions> = {}): Promise<LabSmsc> {
  const smsc = new LabSmsc({ clock: systemClock, random: seededRandom(seed), host: "127.0.0.1", port: 0, pace: 0.1, ...more });
  await smsc.listen();
  t.teardown(() => smsc.close());
  return smsc;
}

export interface Opened {
  readonly binds: Binds;
  readonly receipts: Receipt[];
  readonly incoming: Incoming[];
  /** Resolves when it is so; looked at whenever something comes in or a bind changes. */
  until(fits: () => boolean): Promise<void>;
}

/** Opens binds and waits until all of them are up, unless told not to. */
export async function open(
  t: Test,
  binds: readonly BindOptions[],
  more: {
    readonly senders?: readonly SenderOptions[];
    readonly pace?: Pace;
    readonly clock?: Clock;
    readonly wait?: boolean;
    readonly onReceipt?: BindsEvents["onReceipt"];
  } = {},
): Promise<Opened> {
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  const receipts: Receipt[] = [];
  const incoming: Incoming[] = [];
  const opened = openBinds(
    { binds: [...binds], senders: [...(more.senders ?? [])] },
    { clock: more.clock ?? systemClock, random: seededRandom(seed), log: silentLog, ...(more.pace && { pace: more.pace }) },
    {
      onReceipt: async (receipt) => {
        await more.onReceipt?.(receipt);
        receipts.push(receipt);
        look();
      },
      onIncoming: async (message) => {
        incoming.push(message);
        look();
      },
      onChange: look,
    },
  );
  t.teardown(() => opened.close());
  const until = (fits: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!fits()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  if (more.wait !== false) await until(() => opened.all.every(({ up }) => up));
  return { binds: opened, receipts, incoming, until };
}

let references = 0;

export function message(to: string, text: string, more: Partial<Submission> = {}): Submission {
  references = (references % 65_535) + 1;
  return { sender: { address: "55501", ton: 3, npi: 0 }, to, parts: [partOf(text)], reference: references, ...more };
}

export function partOf(text: string, more: Partial<Part> = {}): Part {
  return { text: Buffer.from(text, "latin1"), dataCoding: 0, ...more };
}
