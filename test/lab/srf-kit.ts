import { type EventEmitter, once } from "node:events";
import DrachtioSrf from "drachtio-srf";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { nextCall, openAgent, seed, type TestAgent } from "./sip-kit.ts";

/*
 * drachtio-srf's declarations leave out transaction ids, dialog ids and the options of requests; what the tests use of it is declared here, and the library
 * is cast once, in `openSrf`.
 */

export interface SrfMessage extends EventEmitter {
  readonly method: string;
  readonly status: number;
  readonly stackTxnId: string;
  readonly body: string;
  readonly callingNumber: string;
  get(name: string): string | undefined;
  cancel(callback: (error: Error | null) => void): void;
}

export interface SrfResponder {
  send(status: number, options?: object, callback?: (error: unknown) => void): void;
}

export interface SrfDialog extends EventEmitter {
  readonly id: string;
  readonly remote: { readonly sdp: string };
  destroy(options?: { headers: Record<string, string> }): Promise<SrfMessage>;
  modify(sdp: string): Promise<string>;
}

export interface Srf extends EventEmitter {
  connect(options: { host: string; port: number; secret: string }): void;
  disconnect(): void;
  createUAC(
    uri: string,
    options: { localSdp: string; headers?: Record<string, string>; auth?: { username: string; password: string } },
    progress?: { cbRequest?: (error: Error | null, request: SrfMessage) => void; cbProvisional?: (response: SrfMessage) => void },
  ): Promise<SrfDialog>;
  createUAS(request: SrfMessage, response: SrfResponder, options: { localSdp: string }): Promise<SrfDialog>;
  request(options: object, callback: (error: Error | null, request: SrfMessage) => void): void;
  invite(handler: (request: SrfMessage, response: SrfResponder) => void): void;
  options(handler: (request: SrfMessage, response: SrfResponder) => void): void;
}

let drawn = 5000;

export async function openLab(clock: Clock = systemClock, t1Ms = 500, ports = { adminPort: 0, sipPort: 0 }): Promise<LabDrachtio> {
  drawn += 1;
  const lab = new LabDrachtio({
    clock,
    random: seededRandom(seed + drawn),
    log: silentLog,
    host: "127.0.0.1",
    ...ports,
    secret: "cymru",
    timers: { t1Ms },
  });
  await lab.listen();
  return lab;
}

/** An app connected to the lab. */
export async function openSrf(lab: LabDrachtio): Promise<Srf> {
  const srf = new DrachtioSrf() as unknown as Srf;
  srf.connect({ host: "127.0.0.1", port: lab.adminPort, secret: "cymru" });
  const [error] = (await once(srf, "connect")) as [Error | null];
  if (error !== null) throw error;
  return srf;
}

const closed = new WeakSet<Srf>();

/** Disconnects the app; drachtio-srf itself cannot be told twice. */
export function closeSrf(srf: Srf): void {
  if (!closed.has(srf)) srf.disconnect();
  closed.add(srf);
}

/** Sends a request and resolves with its final response, or the error the server gave. */
export function ask(srf: Srf, options: object): Promise<{ status: number; error?: string; request?: SrfMessage }> {
  return new Promise((resolve) => {
    srf.request(options, (error, request) => {
      if (error !== null) resolve({ status: 0, error: error.message });
      else if ("method" in options && options.method === "CANCEL") resolve({ status: 200, request });
      else {
        request.on("response", (response: SrfMessage) => {
          if (response.status >= 200) resolve({ status: response.status, request });
        });
      }
    });
  });
}

export const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
export const held = `${sdp}a=sendonly\r\n`;

export interface Setup {
  readonly lab: LabDrachtio;
  readonly srf: Srf;
  readonly carrier: TestAgent;
}

/** A test with the lab, one app (the real drachtio-srf) and a far side; no dialog, INVITE or pending request may be left. */
export function withApp(name: string, body: (test: Test, setup: Setup) => Promise<void>): void {
  t.test(name, async (test) => {
    const lab = await openLab();
    const setup = { lab, srf: await openSrf(lab), carrier: await openAgent() };
    try {
      await body(test, setup);
    } finally {
      const left = setup.lab.counts;
      test.match(left, { dialogs: 0, invites: 0, pending: 0 }, "nothing left");
      test.equal(setup.carrier.agent.counts.dialogs, 0, "no leg up at the far side");
      closeSrf(setup.srf);
      await setup.lab.close();
      await setup.carrier.agent.close();
    }
  });
}

/** The status a refused INVITE brings; 0 when it was not refused. */
export function statusOf(refused: Promise<unknown>): Promise<number> {
  return refused.then(
    () => 0,
    (error: { status: number }) => error.status,
  );
}

/** A call the app places and the far side answers. */
export async function place(srf: Srf, carrier: TestAgent, user = "bob"): Promise<{ dialog: SrfDialog; far: SipDialog; call: IncomingCall }> {
  const arriving = nextCall(carrier);
  const placing = srf.createUAC(carrier.uri(user), { localSdp: sdp, headers: { from: "sip:+15550001111@localhost", "X-Carillon-Attempt": "a7" } });
  const call = await arriving;
  const far = await call.answer(sdp);
  if (far === undefined) throw new Error("too late to answer");
  return { dialog: await placing, far, call };
}
