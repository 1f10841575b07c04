import { fork } from "node:child_process";
import { once } from "node:events";
import { labSecret } from "./far-side.ts";
import type { Teardown } from "./serve-process.ts";

export interface DrachtioOrder {
  readonly seed: number;
  readonly secret: string;
}

/** What is open there now. */
export interface DrachtioReply {
  readonly adminPort: number;
  readonly dialogs: number;
  readonly invites: number;
}

/** A drachtio-server of the lab as a process of its own, ended with the test. */
export async function startDrachtio(t: Teardown, name: string, seed: number) {
  const child = fork(new URL("./drachtio-process.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const answer = async (): Promise<DrachtioReply> => {
    const [reply] = (await once(child, "message")) as [DrachtioReply];
    return reply;
  };
  child.send({ seed, secret: labSecret } satisfies DrachtioOrder);
  const { adminPort: port } = await answer();
  // One that is stopped would outlive this process.
  process.once("exit", () => child.kill("SIGKILL"));
  t.teardown(() => {
    child.kill("SIGKILL");
  });
  return {
    name,
    port,
    /** Its sockets stay open, and nothing answers. */
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    async look(): Promise<DrachtioReply> {
      child.send("look");
      return answer();
    },
  };
}
