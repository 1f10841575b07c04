import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { labSecret } from "./far-side.ts";
import type { Teardown } from "./serve-process.ts";

export interface DrachtioOrder {
  readonly seed: number;
  readonly secret: string;
  /** 0: any free one. */
  readonly adminPort: number;
}

/** What is open there now. */
export interface DrachtioReply {
  readonly adminPort: number;
  readonly dialogs: number;
  readonly invites: number;
}

/** A drachtio-server of the lab as a process of its own, ended with the test. */
export async function startDrachtio(t: Teardown, name: string, seed: number) {
  let child: ChildProcess;
  const start = async (adminPort: number): Promise<DrachtioReply> => {
    child = fork(new URL("./drachtio-process.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.send({ seed, secret: labSecret, adminPort } satisfies DrachtioOrder);
    return answer();
  };
  const answer = async (): Promise<DrachtioReply> => {
    const [reply] = (await once(child, "message")) as [DrachtioReply];
    return reply;
  };
  const { adminPort: port } = await start(0);
  // One that is stopped would outlive this process.
  process.once("exit", () => child.kill("SIGKILL"));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    // A process that is stopped dies of this one too.
    child.kill("SIGKILL");
    await exited;
  };
  t.teardown(kill);
  return {
    name,
    port,
    kill,
    /** Again, where it was. */
    restart: () => start(port),
    /** Its sockets stay open, and nothing answers. */
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    async look(): Promise<DrachtioReply> {
      child.send("look");
      return answer();
    },
  };
}
