import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { labPassword } from "./far-side.ts";
import type { Teardown } from "./serve-process.ts";

export interface FreeswitchOrder {
  readonly seed: number;
  /** 0: any free one. */
  readonly eslPort: number;
  readonly password: string;
}

/** What is open there now. */
export interface FreeswitchReply {
  readonly eslPort: number;
  readonly channels: number;
  readonly tasks: number;
  readonly unknown: readonly string[];
}

/** A FreeSWITCH of the lab as a process of its own, ended with the test. */
export async function startFreeswitch(t: Teardown, name: string, seed: number) {
  let child: ChildProcess;
  const start = async (eslPort: number): Promise<FreeswitchReply> => {
    child = fork(new URL("./freeswitch-process.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.send({ seed, eslPort, password: labPassword } satisfies FreeswitchOrder);
    return answer();
  };
  const answer = async (): Promise<FreeswitchReply> => {
    const [reply] = (await once(child, "message")) as [FreeswitchReply];
    return reply;
  };
  const { eslPort: port } = await start(0);
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
    async look(): Promise<FreeswitchReply> {
      child.send("look");
      return answer();
    },
  };
}

export type FreeswitchProcess = Awaited<ReturnType<typeof startFreeswitch>>;
