/*
 * The comparator of the calls benchmark: what a programmer who knows both libraries writes with drachtio-srf and
 * drachtio-fsmrf alone to place a call and play one prompt. Same SIP, same endpoint and prompt work, no Carillon.
 */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mrf from "drachtio-fsmrf";
import Srf from "drachtio-srf";
import { writeWav } from "../../src/adapter/tts/wav.ts";
import { type LoopOptions, measured, type RunOrder, serveOrders } from "./protocol.ts";

/* Both libraries leave the parts used here out of their declarations. */
interface BareDialog {
  readonly remote: { readonly sdp: string };
  destroy(): Promise<unknown>;
}
interface BareSocket {
  setNoDelay(on: boolean): void;
}
interface BareEndpoint {
  readonly local: { readonly sdp: string };
  readonly conn: { readonly socket: BareSocket | null };
  modify(sdp: string): Promise<unknown>;
  play(file: string): Promise<unknown>;
  destroy(): Promise<unknown>;
}
interface BareServer {
  readonly conn: { readonly socket: BareSocket };
  createEndpoint(): Promise<BareEndpoint>;
  disconnect(): void;
}
interface BareSrf {
  connect(options: { host: string; port: number; secret: string }): void;
  createUAC(uri: string, options: { localSdp: string; headers: Record<string, string> }): Promise<BareDialog>;
  disconnect(): void;
}
type BareMrf = new (srf: BareSrf) => { connect(options: Record<string, unknown>): Promise<BareServer> };

const options = JSON.parse(process.argv[2] ?? "{}") as LoopOptions;
const { host, carrierPort, dir } = options;
const library = new Srf();
library.on("error", (error) => console.error(error));
const srf = library as unknown as BareSrf;
srf.connect({ host, port: options.adminPort, secret: options.secret });
await once(library, "connect");
const server = await new (Mrf as unknown as BareMrf)(srf).connect({
  address: host,
  port: options.eslPort,
  secret: options.password,
  listenAddress: "127.0.0.1",
  listenPort: 0,
});
server.conn.socket.setNoDelay(true);
let placed = 0;

function promptFile(promptMs: number): string {
  return join(dir, "bare-prompts", `${promptMs}.wav`);
}

async function call({ promptMs }: RunOrder): Promise<void> {
  placed += 1;
  const endpoint = await server.createEndpoint();
  endpoint.conn.socket?.setNoDelay(true);
  const number = `+1212555${String(placed % 10_000).padStart(4, "0")}`;
  const dialog = await srf.createUAC(`sip:${number}@${host}:${carrierPort};transport=udp`, {
    localSdp: endpoint.local.sdp,
    headers: { From: `<sip:+15550100000@${host}>`, "X-Carillon-Attempt": `bare-${placed}` },
  });
  await endpoint.modify(dialog.remote.sdp);
  await endpoint.play(promptFile(promptMs));
  await Promise.all([dialog.destroy(), endpoint.destroy()]);
}

/** Paces the calls and counts those that failed. */
async function all(order: RunOrder): Promise<number> {
  const startedAt = performance.now();
  let failed = 0;
  let up = 0;
  let lineFree = Promise.withResolvers<void>();
  const calls: Promise<void>[] = [];
  for (let index = 0; index < order.calls; index += 1) {
    const waitMs = startedAt + (index * 1000) / order.maxCps - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    while (up >= order.maxLines) await lineFree.promise;
    up += 1;
    const running = call(order)
      .catch((error) => {
        console.error(error);
        failed += 1;
      })
      .then(() => {
        up -= 1;
        lineFree.resolve();
        lineFree = Promise.withResolvers<void>();
      });
    calls.push(running);
  }
  await Promise.all(calls);
  return failed;
}

serveOrders({
  prepare: async ({ promptMs }) => {
    mkdirSync(join(dir, "bare-prompts"), { recursive: true });
    const samples = Int16Array.from({ length: promptMs * 8 }, (_, at) => Math.round(9000 * Math.cos((2 * Math.PI * 440 * at) / 8000)));
    writeFileSync(promptFile(promptMs), writeWav(samples));
  },
  run: (order) => measured(order.calls, () => all(order)),
  close: async () => {
    server.disconnect();
    srf.disconnect();
  },
});
