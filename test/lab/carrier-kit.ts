import type { Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { PersonaName } from "../../src/lab/carrier/cast.ts";
import { suffixes } from "../../src/lab/carrier/directory.ts";
import { LabCarrier, type LabCarrierOptions } from "../../src/lab/carrier/lab-carrier.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import type { OutgoingCall } from "../../src/lab/sip/outgoing-call.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { Telephone } from "./telephone.ts";

export const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
export const host = "127.0.0.1";
export const prompt = speech({ durationMs: 900 }, 42);
export const goodbye = speech({ durationMs: 500 }, 43);
console.log(`# seed ${seed}`);

export interface World {
  /** What all of it goes by. */
  clock: Clock;
  carrier: LabCarrier;
  agent: SipAgent;
  telephone(): Promise<Telephone>;
  /** Closes everything and looks for what was left open. */
  end(): Promise<void>;
  dial(number: string, sdp: string | undefined, headers?: Record<string, string>, auth?: { username: string; password: string }): OutgoingCall;
}

/** Both sides go by a time that waits for this process, so that nobody's patience ends while the machine is busy. */
export async function world(t: Test, options: Partial<LabCarrierOptions> = {}): Promise<World> {
  const random = seededRandom(seed);
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const ticker = new Ticker(time.beat());
  const timers = { t1Ms: 100 };
  const carrier = new LabCarrier({ clock, random, host, sipPort: 0, pace: 0.05, timers, ticker, ...options });
  const agent = new SipAgent({ clock, random, host, port: 0, timers });
  const telephones: Telephone[] = [];
  await Promise.all([carrier.listen(), agent.listen()]);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await Promise.all([carrier.close(), agent.close(), ...telephones.map((telephone) => telephone.close())]);
    time.close();
  };
  t.teardown(close);
  return {
    clock,
    carrier,
    async end() {
      await close();
      t.equal(carrier.callsOpen, 0, "nobody is left at the carrier");
      t.equal(ticker.streams, 0, "no stream is left on the beat");
      t.match(agent.counts, { dialogs: 0, clients: 0, servers: 0 });
      t.match(carrier.agent.counts, { dialogs: 0, clients: 0, servers: 0 });
    },
    agent,
    async telephone() {
      const telephone = await new Telephone(random, ticker, clock).open();
      telephones.push(telephone);
      return telephone;
    },
    dial(number, sdp, headers = {}, auth) {
      return agent.invite({ uri: `sip:${number}@${host}:${carrier.sipPort}`, from: "<sip:+15550100000@carillon>", sdp, headers, auth });
    },
  };
}

export function missing(): never {
  throw new Error("the books have no such call");
}

/** The number of a persona in the suffix table. */
export function numberOf(name: PersonaName): string {
  const suffix = Object.entries(suffixes).find(([, persona]) => persona === name)?.[0];
  if (suffix === undefined) throw new Error(`no number for ${name}`);
  return `+1555010${suffix}`;
}

export async function answered(t: Test, call: OutgoingCall): Promise<SipDialog> {
  const end = await call.final;
  if (end.ok) return end.dialog;
  t.fail(`not answered: ${end.response.status}`);
  throw new Error(`not answered: ${end.response.status}`);
}

export function hungUp(dialog: SipDialog): Promise<void> {
  return new Promise((resolve) => {
    dialog.onBye = () => resolve();
  });
}
