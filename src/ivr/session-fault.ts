import type { Answer } from "../attempt/ports.ts";
import { Fault } from "../kernel/fault.ts";

/** What ended a session before its script did, with what was answered until then: that is kept all the same. */
export class SessionFault extends Fault {
  /** By name; never secrets. */
  readonly answers: Readonly<Record<string, Answer>>;

  /** As in `ScriptEnd`. */
  readonly acted: boolean;

  constructor({ code, message, retryable, cause, detail }: Fault, answers: Readonly<Record<string, Answer>>, acted: boolean) {
    super(code, message, { retryable, cause, detail });
    this.answers = answers;
    this.acted = acted;
  }
}
