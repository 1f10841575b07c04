import type { Broken } from "../../src/ivr/ports.ts";
import { Listeners } from "../../src/kernel/listeners.ts";
import type { CallRecording, Endpoint } from "../../src/voice/ports.ts";

/** A media end for tests of what is decided about endpoints, where RTP would only be in the way. */
export class ScriptedEndpoint implements Endpoint {
  readonly id: string;
  readonly mediaServer: string;
  readonly localSdp = "v=0";
  usable = true;
  readonly #gone = Promise.withResolvers<void>();
  readonly gone = this.#gone.promise;
  /** Who listens for its end. */
  readonly listeners = new Listeners(this.gone);
  packets = 0;
  closed = false;
  detached = false;
  constructor(id: string, mediaServer: string) {
    this.id = id;
    this.mediaServer = mediaServer;
  }
  onGone(listener: () => void) {
    return this.listeners.on(listener);
  }
  async attach() {
    return this.localSdp;
  }
  async detach() {
    this.detached = true;
  }
  async packetsReceived() {
    return this.packets;
  }
  async play(): Promise<"played" | Broken> {
    return "played";
  }
  async collect() {
    return { end: "timeout", digits: "" } as const;
  }
  async record() {
    return { end: "silent" } as const;
  }
  async recordCall(name: string): Promise<CallRecording> {
    return { file: `${name}.wav`, async mask() {}, async stop() {} };
  }
  async stop() {}
  listen() {}
  async bridge() {}
  async unbridge() {}
  async meet() {}
  async overhear() {}
  async mute() {}
  async press() {}
  async guard() {}
  async liftGuard() {}
  async sayGoodbye() {}
  async lostWith() {
    return undefined;
  }
  async close() {
    this.closed = true;
    this.#gone.resolve();
  }
}
