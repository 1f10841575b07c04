import type { Clicks } from "../email/click-engine.ts";
import type { TestMails } from "../email/test-engine.ts";
import type { Unsubscribes } from "../email/unsubscribe-engine.ts";

/** What the API does about e-mail. */
export interface EmailControl {
  readonly clicks: Pick<Clicks, "attemptOf" | "count">;
  readonly unsubscribes: Pick<Unsubscribes, "knows" | "pageFor" | "take">;
  readonly tests: Pick<TestMails, "send">;
}
