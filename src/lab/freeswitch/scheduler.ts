import type { Clock, Timer } from "../../kernel/clock.ts";

/** Things put off, in groups: a channel's are grouped under its uuid (switch_scheduler.c). */
export class Scheduler {
  readonly #clock: Clock;
  readonly #tasks = new Map<number, { group: string; timer: Timer }>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#tasks.size;
  }

  /**
   * @param when `+SECONDS` or an epoch second. FreeSWITCH counts whole seconds of its wall clock, so +3 comes 2 to 3 s from now.
   * @returns the task's number
   */
  add(group: string, when: string, run: () => void): number {
    const nowMs = this.#clock.now();
    const seconds = Number.parseInt(when.replace("+", ""), 10) || 0;
    const dueMs = (when.startsWith("+") ? Math.floor(nowMs / 1000) + seconds : seconds) * 1000;
    const id = ++this.#lastId;
    const timer = this.#clock.after(Math.max(0, dueMs - nowMs), () => {
      this.#tasks.delete(id);
      run();
    });
    this.#tasks.set(id, { group, timer });
    return id;
  }

  /** @param which a task's number or a group @returns how many were taken back */
  remove(which: string): number {
    let removed = 0;
    for (const [id, task] of this.#tasks) {
      if (String(id) !== which && task.group !== which) continue;
      task.timer.cancel();
      this.#tasks.delete(id);
      removed++;
    }
    return removed;
  }

  close(): void {
    for (const task of this.#tasks.values()) task.timer.cancel();
    this.#tasks.clear();
  }
}
