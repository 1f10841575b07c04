import type { AppConnection } from "./app-connection.ts";

/** Which apps want which requests. One app may ask several times for a verb; it counts once. */
export class Routes {
  private readonly apps = new Set<AppConnection>();
  private readonly turns = new Map<string, number>();

  add(app: AppConnection): void {
    this.apps.add(app);
  }

  remove(app: AppConnection): void {
    this.apps.delete(app);
  }

  get all(): readonly AppConnection[] {
    return [...this.apps];
  }

  /** The app whose turn it is for a request outside dialogs; undefined when nobody wants it. */
  pick(method: string): AppConnection | undefined {
    const verb = method.toLowerCase();
    const wanting = [...this.apps].filter((app) => app.isOpen && app.verbs.has(verb));
    const turn = this.turns.get(verb) ?? 0;
    this.turns.set(verb, turn + 1);
    return wanting[turn % Math.max(1, wanting.length)];
  }
}
