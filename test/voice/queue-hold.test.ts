import t from "tap";
import type { PromptFile } from "../../src/ivr/ports.ts";
import { guardSlackMs } from "../../src/voice/hold-session.ts";
import { QueueHolding } from "../../src/voice/queue-hold-session.ts";
import { inTime } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** Plays as long as the prompts last, and tells what was begun when. */
class Player extends ScriptedEndpoint {
  readonly heard: string[] = [];
  readonly guards: number[] = [];
  readonly #clock: VirtualClock;
  readonly #from: number;
  #stop: (() => void) | undefined;
  /** What its media server has no file of. */
  missing: string | undefined;

  constructor(clock: VirtualClock) {
    super("ep-1", "fs-1");
    this.#clock = clock;
    this.#from = clock.now();
  }

  override async play(prompts: readonly PromptFile[] = []): Promise<"played" | "lost"> {
    if (prompts.some(({ path }) => path === this.missing)) return "lost";
    this.heard.push(`${(this.#clock.now() - this.#from) / 1000} ${prompts.map(({ path }) => path).join("+")}`);
    return new Promise((resolve) => {
      const over = () => {
        this.#stop = undefined;
        timer.cancel();
        resolve("played");
      };
      const timer = this.#clock.after(
        prompts.reduce((sum, { durationMs }) => sum + durationMs, 0),
        over,
      );
      this.#stop = over;
    });
  }

  override async stop(): Promise<void> {
    this.#stop?.();
  }

  override async guard(afterMs = 0): Promise<void> {
    this.guards.push(afterMs);
  }
}

function wait(more: { readonly music?: number; readonly everyMs?: number; readonly positions?: readonly (number | undefined)[] }) {
  const clock = new VirtualClock();
  const endpoint = new Player(clock);
  const { music = 4000, everyMs, positions = [2] } = more;
  const places = [...positions];
  const holding = new QueueHolding(
    { endpoint, left: new Promise(() => {}) },
    {
      holdPrompts: music > 0 ? [{ path: "music", durationMs: music }] : [],
      ...(everyMs !== undefined && {
        positionPrompts: (at: number) => (at > 3 ? undefined : [{ path: `number ${at}`, durationMs: 1000 }]),
        positionEveryMs: everyMs,
      }),
    },
    { position: () => (places.length > 1 ? places.shift() : places[0]), silentMs: () => 1800, clock },
  );
  return { clock, endpoint, holding };
}

t.test("who waits hears their place at the beginning and whenever it is due, also amid long music, and is never without a guard", async (t) => {
  const { clock, endpoint, holding } = wait({ music: 60_000, everyMs: 10_000, positions: [3, 2, 9, undefined, 1] });
  await clock.advance(45_000);
  t.same(endpoint.heard, ["0 number 3", "1 music", "10 number 2", "11 music", "20 music", "30 music", "40 number 1", "41 music"]);
  t.same(endpoint.guards.slice(0, 2), [1000 + guardSlackMs, 60_000 + guardSlackMs]);
  await holding.stop();
  await clock.advance(60_000);
  t.equal(endpoint.heard.length, 8, "nothing after the end");
  t.equal(clock.pending, 0);
});

t.test("without a place to tell it is the music alone; without either there is silence with a guard", async (t) => {
  const music = wait({});
  await music.clock.advance(9000);
  t.same(music.endpoint.heard, ["0 music", "4 music", "8 music"]);
  await music.holding.stop();
  const silent = wait({ music: 0 });
  await silent.clock.advance(1000);
  t.same([silent.endpoint.heard, silent.endpoint.guards], [[], [1800 + guardSlackMs]]);
  await silent.holding.stop();
  const told = wait({ music: 0, everyMs: 10_000 });
  await told.clock.advance(15_000);
  t.same(told.endpoint.heard, ["0 number 2", "10 number 2"], "only that");
  await told.holding.stop();
  t.equal(told.clock.pending, 0);
});

t.test("who cannot hear what they are to hear does not wait in silence", async (t) => {
  const { clock, endpoint, holding } = wait({ music: 4000, everyMs: 10_000, positions: [2] });
  endpoint.missing = "music";
  await clock.advance(1000);
  t.equal(await inTime(holding.lost, "it to be told"), "lost");
  t.same(endpoint.guards, [1000 + guardSlackMs, 4000 + guardSlackMs], "nor for as long as they would have waited, should nobody be told");
  await holding.stop();
  await clock.advance(20_000);
  t.same(endpoint.heard, ["0 number 2"]);
});
