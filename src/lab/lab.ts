import { writeFile } from "node:fs/promises";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type Log, silentLog } from "../kernel/log.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import { BackOffice } from "./back-office.ts";
import { LabCarrier, type LabCarrierOptions } from "./carrier/lab-carrier.ts";
import { type LabAddresses, LabControl } from "./control.ts";
import { LabDrachtio } from "./drachtio/lab-drachtio.ts";
import { LabFreeswitch, type LabFreeswitchOptions } from "./freeswitch/lab-freeswitch.ts";
import { LabMailbox } from "./mailbox/lab-mailbox.ts";
import type { Ticker } from "./media/ticker.ts";
import { LabPhones } from "./phone/lab-phones.ts";
import { selfSigned } from "./sip/certificate.ts";
import { LabSmsc } from "./smsc/lab-smsc.ts";

export type { LabAddresses };

/** 0 or left out: any free port. */
export interface LabPorts {
  readonly drachtioAdmin?: number;
  readonly drachtioSip?: number;
  readonly drachtioTls?: number;
  readonly freeswitchEsl?: number;
  readonly freeswitchSip?: number;
  readonly carrierSip?: number;
  readonly carrierTls?: number;
  readonly phonesSip?: number;
  readonly mail?: number;
  readonly smsc?: number;
  readonly control?: number;
  /** Where on this machine drachtio sends copies of its SIP (HEP v3); left out: nowhere. */
  readonly capture?: number;
}

type CarrierOptions = Pick<LabCarrierOptions, "personas" | "pace" | "quiet" | "keepAudio" | "credentials">;
type FreeswitchOptions = Pick<LabFreeswitchOptions, "heartbeatMs" | "goodbyeFile" | "maxSessions" | "sessionsPerSecond">;

export interface LabOptions extends CarrierOptions, FreeswitchOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** An IPv4 address of this machine. Default 127.0.0.1. */
  readonly host?: string;
  readonly ports?: LabPorts;
  /** What drachtio's apps must say. */
  readonly secret: string;
  /** FreeSWITCH's event socket password. */
  readonly password: string;
  /** T1 of RFC 3261 for drachtio and carrier, ms. Default 500. */
  readonly t1Ms?: number;
  /** The beat of all media: one that is faster than life wants a `clock` that is so too. Default: one of each part's own, lifelike. */
  readonly ticker?: Ticker;
  /** How many telephones of agents there are at the beginning, `agent-1` and on. Default none. */
  readonly phones?: number;
}

export interface Lab {
  readonly drachtio: LabDrachtio;
  readonly freeswitch: LabFreeswitch;
  readonly carrier: LabCarrier;
  readonly phones: LabPhones;
  readonly mailbox: LabMailbox;
  readonly smsc: LabSmsc;
  readonly addresses: LabAddresses;
  /** Ends everything at once, without a word to anybody. A second call does nothing. */
  close(): Promise<void>;
}

function portFault(error: unknown, name: string): unknown {
  const { code, address, port } = error as NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };
  if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") return error;
  const why = { EADDRINUSE: "is in use already", EACCES: "may not be opened by this user", EADDRNOTAVAIL: "is not on this machine" }[code];
  return new Fault("port-unavailable", `the lab's ${name} cannot listen: ${address}:${port} ${why}`, { cause: error, detail: { port } });
}

/**
 * Starts the whole far side in this process: drachtio-server, FreeSWITCH, a carrier, agents' telephones, a mail exchanger and an SMSC.
 * @throws Fault `port-unavailable`; whatever had been opened is closed again
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { clock, random, secret, password, log = silentLog, host = "127.0.0.1", ports = {}, t1Ms } = options;
  const timers = t1Ms === undefined ? {} : { timers: { t1Ms } };
  const common = { clock, random, host };
  const drachtio = new LabDrachtio({
    ...common,
    ...timers,
    log: log.child({ lab: "drachtio" }),
    adminPort: ports.drachtioAdmin ?? 0,
    sipPort: ports.drachtioSip ?? 0,
    transports: ["tls", "tcp", "udp"],
    tls: { identity: selfSigned(host, clock.now()), port: ports.drachtioTls ?? 0 },
    secret,
    ...(ports.capture !== undefined && { capture: { host, port: ports.capture } }),
  });
  const freeswitch = new LabFreeswitch({
    ...common,
    ...given(options, ["heartbeatMs", "goodbyeFile", "maxSessions", "sessionsPerSecond", "ticker"]),
    log: log.child({ lab: "freeswitch" }),
    eslPort: ports.freeswitchEsl ?? 0,
    sipPort: ports.freeswitchSip ?? 0,
    password,
  });
  const carrier = new LabCarrier({
    ...common,
    ...timers,
    ...given(options, ["personas", "pace", "quiet", "keepAudio", "credentials", "ticker"]),
    log: log.child({ lab: "carrier" }),
    sipPort: ports.carrierSip ?? 0,
    tls: { identity: selfSigned(host, clock.now()), port: ports.carrierTls ?? 0 },
  });
  const phones = new LabPhones({
    ...common,
    ...timers,
    ...given(options, ["ticker"]),
    log: log.child({ lab: "phones" }),
    sipPort: ports.phonesSip ?? 0,
    count: options.phones ?? 0,
  });
  const mailbox = new LabMailbox({ ...common, log: log.child({ lab: "mail" }), smtpPort: ports.mail ?? 0 });
  const { seed = 1 } = options.personas ?? {};
  const smsc = new LabSmsc({ clock, host, random: seededRandom(seed), port: ports.smsc ?? 0, personas: { seed }, ...given(options, ["pace"]) });
  const office = new BackOffice(clock, random);
  const control = new LabControl({ clock, host, port: ports.control ?? 0, carrier, freeswitch, phones, mailbox, smsc, office });
  let closing: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    closing ??= Promise.all([control.close(), carrier.close(), phones.close(), mailbox.close(), smsc.close(), drachtio.close(), freeswitch.close()]);
    await closing;
  };
  const listening = [
    ["drachtio", drachtio],
    ["FreeSWITCH", freeswitch],
    ["carrier", carrier],
    ["telephones", phones],
    ["mail exchanger", mailbox],
    ["SMSC", smsc],
    ["control", control],
  ] as const;
  for (const [name, part] of listening) {
    try {
      await part.listen();
    } catch (error) {
      await close();
      throw portFault(error, name);
    }
  }
  const addresses: LabAddresses = {
    drachtio: { host, adminPort: drachtio.adminPort, sipPort: drachtio.sipPort, tlsPort: drachtio.tlsPort },
    freeswitch: { host, eslPort: freeswitch.eslPort, sipPort: freeswitch.sipPort },
    carrier: { host, sipPort: carrier.sipPort, tlsPort: carrier.tlsPort },
    phones: { host, sipPort: phones.sipPort },
    mail: { host, smtpPort: mailbox.smtpPort },
    smsc: { host, port: smsc.port },
    control: `http://${host}:${control.port}`,
  };
  control.addresses = addresses;
  carrier.callsTo = `${host}:${drachtio.sipPort}`;
  return { drachtio, freeswitch, carrier, phones, mailbox, smsc, addresses, close };
}

/** Those of the named options that were given: an explicit undefined would hide a default. */
function given<T, K extends keyof T>(options: T, names: readonly K[]): { [Name in K]?: NonNullable<T[Name]> } {
  return Object.fromEntries(names.map((name) => [name, options[name]]).filter(([, value]) => value !== undefined)) as {
    [Name in K]?: NonNullable<T[Name]>;
  };
}

export interface RunLabOptions extends LabOptions {
  /** Is given one line of JSON, `{"lab":"ready","addresses":LabAddresses}`, when everything listens. */
  readonly print: (line: string) => void;
  /** Aborted, the lab closes and `runLab` resolves. */
  readonly until: AbortSignal;
  /** Where to write the carrier's books at the end, one CallSummary a line. */
  readonly booksFile?: string;
}

/** The lab as a process of its own. @throws as `startLab` */
export async function runLab(options: RunLabOptions): Promise<void> {
  const lab = await startLab(options);
  const { until } = options;
  const asked = new Promise<void>((resolve) => {
    if (until.aborted) resolve();
    else until.addEventListener("abort", () => resolve(), { once: true });
  });
  options.print(JSON.stringify({ lab: "ready", addresses: lab.addresses }));
  await asked;
  await lab.close();
  if (options.booksFile !== undefined) await writeFile(options.booksFile, lab.carrier.books.toNdjson());
}
