import { createSocket, type Socket } from "node:dgram";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Tap } from "../../voice/tap-ports.ts";
import type { FsmrfEndpoint } from "./fsmrf.ts";
import { type FrameListener, TapStream } from "./tap-stream.ts";

/** A BYE takes some 12 ms; the channel is killed by name when it takes so long. */
const closeTimeoutMs = 3000;

/** When FreeSWITCH hangs up its BYE comes together with the end of its event socket; when it dies there is none. */
const byeMs = 500;

/** Where the sound of a tap comes in. */
export interface TapSocket {
  readonly socket: Socket;
  /** What FreeSWITCH is offered: it sends there and hears nothing. */
  readonly sdp: string;
}

/**
 * Binds a port for one tap.
 * @param advertisedAddress by which FreeSWITCH reaches it
 * @param like the SDP of the endpoint that is tapped: the codec must be the one it has (switch_ivr_async.c, switch_ivr_eavesdrop_session)
 */
export async function bindTap(listenAddress: string, advertisedAddress: string, like: string): Promise<TapSocket> {
  const family = listenAddress.includes(":") ? 6 : 4;
  const socket = createSocket(`udp${family}`);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, listenAddress, () => {
      socket.off("error", reject);
      // Such as ECONNREFUSED of an earlier packet: nothing that concerns a listener.
      socket.on("error", () => {});
      resolve();
    });
  }).catch((error: Error) => {
    socket.close();
    throw new Fault("port-unavailable", `No port for a tap on ${listenAddress}: ${error.message}`, { retryable: true, cause: error });
  });
  const aLaw = /^m=audio \d+ \S+ 8\b/m.test(like);
  const address = `IN IP${family} ${advertisedAddress}`;
  const sdp = [
    "v=0",
    `o=- 0 0 ${address}`,
    "s=tap",
    `c=${address}`,
    "t=0 0",
    `m=audio ${socket.address().port} RTP/AVP ${aLaw ? 8 : 0}`,
    `a=rtpmap:${aLaw ? "8 PCMA" : "0 PCMU"}/8000`,
    "a=ptime:20",
    "a=recvonly",
    "",
  ].join("\r\n");
  return { socket, sdp };
}

/**
 * `Tap` by native_eavesdrop: a second channel on the same FreeSWITCH that sends us what the tapped one hears. It ends with the
 * tapped channel, or when FreeSWITCH refuses to listen in.
 */
export class FreeswitchTap implements Tap {
  readonly id: string;
  readonly gone: Promise<void>;
  readonly #endpoint: FsmrfEndpoint;
  readonly #socket: Socket;
  readonly #stream: TapStream;
  readonly #clock: Clock;
  readonly #kill: (id: string) => void;
  readonly #lost = Promise.withResolvers<void>();
  #isGone = false;
  #closing: Promise<void> | undefined;
  #bye: Promise<unknown> | undefined;

  /** @param kill ends a channel by name */
  constructor(endpoint: FsmrfEndpoint, { socket }: TapSocket, tapped: string, clock: Clock, log: Log, kill: (id: string) => void) {
    this.id = endpoint.uuid;
    this.#endpoint = endpoint;
    this.#socket = socket;
    this.#stream = new TapStream(clock);
    this.#clock = clock;
    this.#kill = kill;
    this.gone = this.#lost.promise;
    const lost = () => this.#end();
    endpoint.once("destroy", () => {
      lost();
      clock.after(byeMs, () => this.#sayBye().catch(() => {}));
    });
    endpoint.dialog.once("destroy", lost);
    const from = senderOf(endpoint.local.sdp);
    socket.on("message", (bytes, { port }) => {
      // Its address may be another one than it says (NAT), its port is its own.
      if (port === from) this.#stream.packet(bytes);
    });
    const { conn } = endpoint;
    if (!conn?.socket) this.close();
    else
      conn.execute("native_eavesdrop", `${tapped} read`, () => {
        if (!this.#closing && !this.#isGone) log.debug({ endpoint: tapped }, "the tap has ended");
        this.close();
      });
  }

  get live(): boolean {
    return !this.#isGone && !this.#closing && this.#endpoint.dialog.socket?.destroyed !== true;
  }

  listen(onFrame: FrameListener): () => void {
    return this.#stream.listen(onFrame);
  }

  close(): Promise<void> {
    this.#closing ??= this.#hangUp();
    return this.#closing;
  }

  async #hangUp(): Promise<void> {
    this.#stream.stop();
    if (this.#isGone) return;
    const timer = this.#clock.after(closeTimeoutMs, () => {
      this.#kill(this.id);
      this.#end();
    });
    // Not fsmrf's own destroy: its hangup would wait behind native_eavesdrop for ever.
    this.#sayBye().then(
      () => this.#end(),
      () => {
        this.#kill(this.id);
        this.#end();
      },
    );
    await this.gone;
    timer.cancel();
  }

  /** Once, and none to whoever has said it. drachtio-server would keep the dialog with a FreeSWITCH that died without a word. */
  #sayBye(): Promise<unknown> {
    const { dialog } = this.#endpoint;
    this.#bye ??= dialog.connected ? dialog.destroy() : Promise.resolve();
    return this.#bye;
  }

  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#stream.stop();
    this.#socket.close();
    this.#lost.resolve();
  }
}

/** The port that FreeSWITCH sends from. */
function senderOf(sdp: string): number {
  return Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0);
}
