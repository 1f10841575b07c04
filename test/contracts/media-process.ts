import { once } from "node:events";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { Endpoint } from "../../src/voice/ports.ts";
import type { MediaProcessOrder, MediaProcessReply } from "./media-far.ts";

/* A process with endpoints of its own, to be killed with -9: its sockets close as a dead server's do, without a word. */

process.once("message", (order: MediaProcessOrder) => {
  run(order).catch((error: unknown) => {
    reply({ failed: String(error) });
  });
});

async function run({ far, node, remotes, prompt, act, recordings }: MediaProcessOrder): Promise<void> {
  const drachtio = await connectDrachtio(far.drachtio, systemClock, silentLog);
  const server = { ...far.freeswitch, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 10, ...(recordings && { recordings }) };
  const media = new FreeswitchMedia([server], drachtio.srf, node, systemClock, silentLog);
  await media.connect();
  const endpoints: Endpoint[] = [];
  for (const remote of remotes) {
    const endpoint = await media.open();
    await endpoint.attach(remote);
    endpoints.push(endpoint);
  }
  reply({ endpoints: endpoints.map(({ id, localSdp }) => ({ id, localSdp })) });
  const [first, second] = endpoints;
  if (act === "play") await first?.play([prompt]);
  else if (act === "record")
    await first?.record({ name: "killed", prompts: [prompt], maxMs: 60_000, silenceMs: 60_000, terminators: "", beep: true });
  else if (first && second) {
    await first.bridge(second);
    await once(process, "message");
    await first.unbridge();
    reply({});
    await first.play([prompt]);
  }
}

function reply(message: MediaProcessReply): void {
  process.send?.(message);
}
