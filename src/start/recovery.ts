import { recoverPhones } from "../voice/phone-recovery-engine.ts";
import type { PhoneLegs } from "../voice/phone-store-ports.ts";
import { type RecoveryParts, recover } from "../voice/recovery-engine.ts";

export interface Recoveries {
  /** Resolves when it is known what there is to clear up after processes that died. @param sweep see `recover` */
  clearUp(sweep: boolean): Promise<void>;
  /** Two people in a conversation that was taken over are calls in progress like any other: they may finish. */
  close(): Promise<void>;
}

/** Clears up after processes that died: calls, and agents' telephones. */
export function openRecoveries(parts: RecoveryParts & { readonly legs: PhoneLegs }): Recoveries {
  const open = new Set<Promise<void>>();
  const keep = ({ done }: { readonly done: Promise<void> }) => {
    open.add(done);
    done.then(() => open.delete(done));
  };
  return {
    async clearUp(sweep) {
      keep(await recover(parts, sweep));
      keep(await recoverPhones(parts));
    },
    async close() {
      await Promise.all(open);
    },
  };
}
