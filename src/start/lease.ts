import type { NodeRegistry } from "../attempt/recovery-ports.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

export interface LeaseParts {
  readonly registry: NodeRegistry;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Another process has taken the name, or this node's calls for those of a dead one: this process must stop. */
  readonly onLost: () => void;
  /** Called now and then, to take over what nodes left whose lease ran out. */
  readonly onOthersDied: () => Promise<unknown>;
}

const heartbeatMs = 2000;
/** Other nodes' leases are looked at every so many heartbeats. */
const lookEvery = 5;

/** Holds this node's lease for as long as the process lives. */
export async function keepLease(parts: LeaseParts): Promise<{ release(): Promise<void> }> {
  const { registry, node, clock, log } = parts;
  await registry.register(node, clock.now());
  let beats = 0;
  const stop = again(clock, heartbeatMs, async () => {
    try {
      if (!(await registry.heartbeat(node))) {
        log.error(
          { node },
          "this node's lease is lost: another process has its name (give each node a node.name of its own), or took it for dead; stopping",
        );
        parts.onLost();
        return false;
      }
      beats += 1;
      if (beats % lookEvery === 0) await parts.onOthersDied();
    } catch (error) {
      log.error({ err: error }, "the node's lease could not be renewed; trying again");
    }
    return true;
  });
  return {
    async release() {
      await stop();
      await registry.release(node);
    },
  };
}
