/*
 * The comparator of the calls benchmark: what a programmer writes with drachtio-srf and drachtio-fsmrf alone to place a
 * call and play one prompt. Same SIP, same endpoint and prompt work, no Carillon. It is run in a process of its own:
 * one JSON object of options as the argument, one JSON object as its output.
 */
import { once } from "node:events";
import Mrf from "drachtio-fsmrf";
import Srf from "drachtio-srf";
import { type BareOptions, type LoopReport, measured } from "./loop-report.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as BareOptions;
// The library writes of lost connections to standard output, which is ours for the report.
console.info = () => {};
const srf = new Srf();
srf.on("error", () => {});
// biome-ignore lint/suspicious/noExplicitAny: both libraries leave the parts used here out of their declarations
const untypedSrf = srf as any;
untypedSrf.connect({ host: options.host, port: options.adminPort, secret: options.secret });
await once(srf, "connect");
// biome-ignore lint/suspicious/noExplicitAny: drachtio-fsmrf has no declarations
const mrf = new (Mrf as any)(srf);
const server = await mrf.connect({ address: options.host, port: options.eslPort, secret: options.password, listenAddress: "127.0.0.1", listenPort: 0 });
server.conn.socket.setNoDelay(true);

async function call(index: number): Promise<boolean> {
  const endpoint = await server.createEndpoint();
  endpoint.conn.socket?.setNoDelay(true);
  const number = `+1212555${String(index % 10_000).padStart(4, "0")}`;
  const dialog = await untypedSrf.createUAC(`sip:${number}@${options.host}:${options.carrierPort}`, {
    localSdp: endpoint.local.sdp,
    headers: { From: "<sip:+15550100000@127.0.0.1>", "X-Carillon-Attempt": String(index) },
  });
  await endpoint.modify(dialog.remote.sdp);
  await endpoint.play(options.prompt);
  await dialog.destroy();
  await endpoint.destroy();
  return true;
}

const report: LoopReport = await measured(options, call);
console.log(JSON.stringify(report));
server.disconnect();
srf.disconnect();
process.exit(0);
