import type { FsmrfEndpoint } from "./fsmrf.ts";
import type { EslConnection, EslEvent } from "./modesl.ts";

/** What a channel is told over its own event socket. What is asked for is undefined when the channel goes away meanwhile: its reply then never comes. */
export class ChannelCommands {
  readonly #endpoint: FsmrfEndpoint;
  /** Who waits for a reply. */
  readonly #asked = new Set<(event: undefined) => void>();
  #running: Promise<unknown> | undefined;
  #isGone = false;

  constructor(endpoint: FsmrfEndpoint, gone: Promise<void>) {
    this.#endpoint = endpoint;
    gone.then(() => {
      this.#isGone = true;
      for (const resolve of this.#asked) resolve(undefined);
      this.#asked.clear();
    });
  }

  /** The application asked for last, while it runs. */
  get running(): Promise<unknown> | undefined {
    return this.#running;
  }

  /** Runs an application to its end, and gives the event of it. */
  execute(application: string, argument: string): Promise<EslEvent | undefined> {
    const running = this.#ask((connection, done) => connection.execute(application, argument, done));
    this.#running = running;
    running.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }

  api(command: string, argument: string): Promise<EslEvent | undefined> {
    return this.#ask((connection, done) => connection.api(`${command} ${argument}`, done));
  }

  /** Straight to the connection: fsmrf's own way writes every reply out as JSON for a debug log that is off. */
  #ask(send: (connection: EslConnection, done: (event: EslEvent) => void) => void): Promise<EslEvent | undefined> {
    const { conn } = this.#endpoint;
    if (this.#isGone || !conn?.socket) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#asked.add(resolve);
      send(conn, (event) => {
        this.#asked.delete(resolve);
        resolve(event);
      });
    });
  }
}
