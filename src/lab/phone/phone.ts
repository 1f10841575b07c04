import { hangUpHeaders } from "../carrier/perform.ts";
import type { Act, Persona } from "../carrier/persona.ts";
import { type VoiceName, voiceNamed } from "../media/voice.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";

/** What a telephone does when it is called. Changed, it counts from the next call on. */
export interface PhoneManner {
  /** Picks up so long after it began to ring; `never`: it rings on; a status from 300 to 699: it is refused at once, 486 when it is busy. */
  readonly answer: { readonly afterMs: number } | "never" | { readonly status: number };
  /** Whether it is heard from the beginning. */
  readonly speaks: boolean;
  /** Calls it takes at once; who calls then gets 486. */
  readonly lines: number;
}

/** What the one who holds the telephone does in the middle of a call. */
export type PhoneOrder =
  | { readonly do: "hang-up" }
  /** Gone without a BYE. */
  | { readonly do: "vanish" }
  | { readonly do: "speak" }
  | { readonly do: "hush" }
  | { readonly do: "press"; readonly keys: string };

const dayMs = 86_400_000;

/** One telephone of an agent: its manner, and the orders of the calls it has. */
export class Phone {
  readonly name: string;
  readonly voice: VoiceName;
  manner: PhoneManner = { answer: { afterMs: 0 }, speaks: true, lines: 1 };
  /** Calls there have been. */
  calls = 0;
  readonly #lines = new Map<IncomingCall, Orders>();

  /** @param name `agent-3`: its number is that of its voice */
  constructor(name: string) {
    this.name = name;
    this.voice = voiceNamed("agent", name);
  }

  /** As soon as it has picked up. @returns whether there is a call at all */
  order(order: PhoneOrder): boolean {
    const act: Act =
      order.do === "press" ? { do: "press", oneOf: [order.keys] } : order.do === "speak" ? { do: "speak", voice: this.voice } : { do: order.do };
    for (const [call, line] of this.#lines) {
      // Whatever is being done at the moment: who puts the telephone down waits for nothing.
      if (line.begun && act.do === "hang-up") void call.dialog?.bye(hangUpHeaders);
      else line.give(act);
    }
    return this.#lines.size > 0;
  }

  /** What meets this call; `over` when nothing of it is left. */
  persona(call: IncomingCall): Persona {
    this.calls++;
    const { answer } = this.manner;
    const about = `the telephone of ${this.name}`;
    if (this.#lines.size >= this.manner.lines) return { about, ringing: { forMs: [0, 0] }, ending: { kind: "reject", status: 486 } };
    const line = new Orders();
    this.#lines.set(call, line);
    if (answer === "never") return { about, ringing: { status: 180, forMs: [0, 0] }, ending: { kind: "ring-on" } };
    if ("status" in answer) return { about, ringing: { forMs: [0, 0] }, ending: { kind: "reject", status: answer.status } };
    const ringing = { ...(answer.afterMs > 0 && { status: 180 as const }), forMs: [answer.afterMs, answer.afterMs], exact: true } as const;
    return { about, ringing, ending: { kind: "answer", acts: this.#acts(call, line) }, voice: this.voice, longestCallMs: dayMs };
  }

  /** Takes no more orders. */
  over(call: IncomingCall): void {
    this.#lines.delete(call);
  }

  /** Speaks, and then does what it is ordered until the call is over. */
  async *#acts(call: IncomingCall, line: Orders): AsyncGenerator<Act> {
    line.begun = true;
    void call.dialog?.ended.then(() => {
      line.end();
      this.over(call);
    });
    if (this.manner.speaks) yield { do: "speak", voice: this.voice };
    for (;;) {
      const act = await line.next();
      if (act === undefined) return;
      yield act;
    }
  }
}

/** Orders of one call that wait to be done. */
class Orders {
  readonly #waiting: Act[] = [];
  #wake = (): void => {};
  #over = false;
  /** It was picked up, and the other side has heard of it. */
  begun = false;

  give(act: Act): void {
    this.#waiting.push(act);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  /** Undefined when the call is over. */
  async next(): Promise<Act | undefined> {
    while (this.#waiting.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#over ? undefined : this.#waiting.shift();
  }
}
