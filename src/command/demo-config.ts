import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { LabAddresses } from "../lab/lab.ts";
import { demoPassword, demoSecret } from "./demo-lab.ts";

export const callerId = "+15550100000";
export const shortCode = "55501";
/** Of people whose links lead here alone. */
const mailKey = Buffer.alloc(32, 7).toString("base64");

export interface DemoPlace {
  /** Database and prompts. */
  readonly dataDir: string;
  readonly promptsDir: string;
  readonly apiPort: number;
  readonly capturePort: number;
}

/** A server whose far side is the lab, on every channel. */
export function demoConfig({ drachtio, freeswitch, carrier, phones, mail, smsc, control }: LabAddresses, place: DemoPlace): Config {
  const flags = {
    node: { name: "demo" },
    log: { level: "warn" },
    legalHours: { kept: false, waivedBecause: "the people are of the lab" },
    database: { dataDir: place.dataDir },
    prompts: { dir: place.promptsDir },
    api: { port: place.apiPort },
    drachtio: { host: drachtio.host, port: drachtio.adminPort, secret: demoSecret, capturePort: place.capturePort },
    freeswitch: [{ name: "lab", address: freeswitch.host, port: freeswitch.eslPort, password: demoPassword }],
    webhooks: [{ name: "take_payment", url: `${control}/webhooks/take_payment` }],
    trunks: [{ name: "main", host: carrier.host, port: carrier.sipPort, maxCps: 100, maxChannels: 500 }],
    phones: { hosts: [phones.host] },
    sms: {
      binds: [{ name: "lab", host: smsc.host, port: smsc.port, systemId: "carillon", maxPerSecond: 100 }],
      senders: [{ name: "main", address: shortCode, kind: "short-code" }],
    },
    email: {
      key: mailKey,
      publicUrl: `http://127.0.0.1:${place.apiPort}`,
      pools: [{ name: "lab", host: mail.host, port: mail.smtpPort, tls: "none" }],
      senders: [
        {
          ...{ name: "main", mailbox: "service@example.com", displayName: "Example Bank", pool: "lab", bounceDomain: "bounces.example.com" },
          ...{ postalAddress: "Example Bank, 1 Example Street, Example City", phone: "1 800 555 0100" },
        },
      ],
    },
  };
  return loadConfig({ env: {}, cwd: process.cwd(), flags: flattened(flags) });
}

/** `{api: {port: 1}}` is `api.port=1`, as on the command line. */
function flattened(value: unknown, path = ""): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return { [path]: value };
  const found: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) Object.assign(found, flattened(each, path === "" ? name : `${path}.${name}`));
  return found;
}
