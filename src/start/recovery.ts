import type { Stores } from "../adapter/postgres/stores.ts";
import { recoverPhones } from "../voice/phone-recovery-engine.ts";
import { type RecoveryParts, recover } from "../voice/recovery-engine.ts";

export interface Recoveries {
  /** Resolves when it is known what there is to clear up after processes that died. @param sweep see `recover` */
  clearUp(sweep: boolean): Promise<void>;
  /** Two people in a conversation that was taken over are calls in progress like any other: they may finish. */
  close(): Promise<void>;
}

export interface RecoveriesParts extends Omit<RecoveryParts, "registry"> {
  readonly stores: Pick<Stores, "registry" | "phones" | "secondLegs">;
}

/** Clears up after processes that died: calls, agents' telephones, and what is noted of second legs. */
export function openRecoveries({ stores: { registry, phones: legs, secondLegs }, ...more }: RecoveriesParts): Recoveries {
  const { clock, log } = more;
  const parts = { ...more, registry, legs, secondLegs };
  const endLeft = () =>
    secondLegs.endLeft(clock.now()).catch((error: unknown) => log.warn({ err: error }, "second legs of dead processes stay open"));
  const open = new Set<Promise<void>>();
  let closed = false;
  const track = (work: Promise<void>) => {
    const tracked = work.finally(() => open.delete(tracked));
    open.add(tracked);
    return tracked;
  };
  const clear = async (sweep: boolean) => {
    // What takes long, as conversations do that were taken over, holds up no other.
    void track((await recover(parts, sweep)).done.then(endLeft));
    void track((await recoverPhones(parts)).done.then(endLeft));
    await endLeft();
  };
  return {
    async clearUp(sweep) {
      // What a server that stops took over nobody would end: it is left to the others.
      if (!closed) await track(clear(sweep));
    },
    async close() {
      closed = true;
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
