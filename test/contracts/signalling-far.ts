import type { Test } from "tap";
import { type Captured, openCapture } from "../../src/adapter/drachtio/capture.ts";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import type { InviteRequest } from "../../src/voice/ports.ts";
import { realAddress } from "./real-address.ts";

/* The drachtio-server that the contract of Signalling runs against, the lab's or a real one, and a called party behind it. */

export const seed = Date.now() & 0xffff;
export const secret = "contract";
const host = "127.0.0.1";
export const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

export interface SignallingFar {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Where it takes SIP. */
  readonly sipPort: number;
  /** Who is given the copies it sends of its SIP; undefined when it sends none. */
  readonly copies: Set<(captured: Captured) => void> | undefined;
  /** Dialogs and INVITEs it still holds; undefined when it cannot be asked. */
  open(): number | undefined;
  /** Connections of apps, by its own account; undefined when it cannot be asked. */
  apps(): number | undefined;
  close(): Promise<void>;
}

async function takeCopies(port: number) {
  const copies = new Set<(captured: Captured) => void>();
  const capture = await openCapture({ host, port }, (captured) => {
    for (const take of copies) take(captured);
  });
  return { copies, capture };
}

export async function startLabDrachtio(): Promise<SignallingFar> {
  const { copies, capture } = await takeCopies(0);
  const lab = new LabDrachtio({
    clock: systemClock,
    random: seededRandom(seed),
    log: silentLog,
    host,
    adminPort: 0,
    sipPort: 0,
    secret,
    timers: { t1Ms: 50 },
    capture: { host, port: capture.port },
  });
  await lab.listen();
  return {
    host,
    port: lab.adminPort,
    secret,
    sipPort: lab.sipPort,
    copies,
    open: () => lab.counts.dialogs + lab.counts.invites,
    apps: () => lab.counts.apps,
    close: async () => {
      await Promise.all([lab.close(), capture.close()]);
    },
  };
}

/** The one at CARILLON_TEST_DRACHTIO=host:port:secret, which sends its copies to CARILLON_TEST_CAPTURE_PORT if that is set. */
export function realDrachtio(environment: Readonly<Record<string, string | undefined>>): (() => Promise<SignallingFar>) | undefined {
  const address = realAddress("CARILLON_TEST_DRACHTIO", environment);
  if (address === undefined) return undefined;
  const capturePort = Number(environment["CARILLON_TEST_CAPTURE_PORT"] ?? 0);
  return async () => {
    const taken = capturePort === 0 ? undefined : await takeCopies(capturePort);
    return {
      ...address,
      sipPort: Number(environment["CARILLON_TEST_DRACHTIO_SIP"] ?? 5060),
      copies: taken?.copies,
      open: () => undefined,
      apps: () => undefined,
      close: async () => taken?.capture.close(),
    };
  };
}

/** What was left open after a test: a teardown can assert nothing any more, so the suite looks at these at its end. */
export const leaks: string[] = [];

export async function setUp(t: Test, far: SignallingFar, onInvite: (call: IncomingCall) => void) {
  const callee = new SipAgent({
    clock: systemClock,
    random: seededRandom(seed + 1),
    host: "127.0.0.1",
    port: 0,
    transports: ["udp", "tcp"],
    timers: { t1Ms: 50 },
  });
  callee.onInvite = onInvite;
  await callee.listen();
  const connection = await connectDrachtio({ host: far.host, port: far.port, secret: far.secret }, systemClock, silentLog);
  const signalling = new DrachtioSignalling(connection, systemClock, silentLog);
  const take = (captured: Captured) => signalling.takeCopy(captured);
  far.copies?.add(take);
  t.teardown(async () => {
    far.copies?.delete(take);
    if (signalling.open > 0) leaks.push(`${t.name}: ${signalling.open} legs open here`);
    if (callee.counts.dialogs > 0) leaks.push(`${t.name}: ${callee.counts.dialogs} dialogs at the called party`);
    connection.close();
    await callee.close();
  });
  const request = (headers: Record<string, string> = {}, transport = "udp"): InviteRequest => ({
    uri: `sip:+15550100123@127.0.0.1:${callee.port};transport=${transport}`,
    from: "sip:+15550100000@127.0.0.1",
    sdp,
    expiresS: 25,
    headers,
  });
  return { signalling, connection, callee, request };
}

export const quiet = { provisional() {} };
