import type { SwitchEvent } from "./event.ts";

/** Somebody who listens to events: one event-socket connection. */
export interface EventListener {
  /** Whether such events were asked for, filters left aside. */
  wants(name: string, subclass: string | undefined): boolean;
  /** The channels its filters let through, when they do nothing but name channels; undefined when every event has to be looked at. */
  readonly onlyChannels: ReadonlySet<string> | undefined;
  offer(event: SwitchEvent): void;
}

/**
 * Brings events to listeners. With hundreds of channels, each with a listener that filters on its own Unique-ID, asking all of them about every event
 * would be the square of the load, so such listeners are found by channel.
 */
export class EventBus {
  readonly #everything = new Set<EventListener>();
  readonly #byChannel = new Map<string, Set<EventListener>>();
  readonly #registered = new Map<EventListener, ReadonlySet<string> | undefined>();

  get listeners(): number {
    return this.#registered.size;
  }

  /** Adds a listener, or takes note that its filters have changed. */
  place(listener: EventListener): void {
    this.remove(listener);
    const channels = listener.onlyChannels;
    this.#registered.set(listener, channels);
    if (!channels) this.#everything.add(listener);
    else {
      for (const uuid of channels) {
        const there = this.#byChannel.get(uuid);
        if (there) there.add(listener);
        else this.#byChannel.set(uuid, new Set([listener]));
      }
    }
  }

  remove(listener: EventListener): void {
    this.#everything.delete(listener);
    for (const uuid of this.#registered.get(listener) ?? []) {
      const there = this.#byChannel.get(uuid);
      there?.delete(listener);
      if (there?.size === 0) this.#byChannel.delete(uuid);
    }
    this.#registered.delete(listener);
  }

  /** Who would like to see such an event. @param uuid the channel it is about */
  audience(name: string, subclass: string | undefined, uuid: string | undefined): EventListener[] {
    const found: EventListener[] = [];
    for (const listener of this.#everything) if (listener.wants(name, subclass)) found.push(listener);
    if (uuid !== undefined) for (const listener of this.#byChannel.get(uuid) ?? []) if (listener.wants(name, subclass)) found.push(listener);
    return found;
  }
}
