/** A message for a channel's own thread: `sendmsg`, or what some API commands queue. Names in lower case. */
export type PrivateMessage = ReadonlyMap<string, string>;

/** What the stack asks of its channel. */
export interface StackOwner {
  /** Whether what runs may go on. */
  readonly ready: boolean;
  /** Executes one message, within whatever blocks now. */
  obey(message: PrivateMessage): Promise<void>;
}

interface Block {
  readonly turn: () => boolean;
  readonly parsesMessages: boolean;
  readonly resolve: () => void;
  /** Its frames are suspended while a message runs inside it. */
  busy: boolean;
}

/** The applications of one channel that block, one inside the other, and the messages that wait for the innermost to read them. */
export class ApplicationStack {
  readonly #owner: StackOwner;
  readonly #messages: PrivateMessage[] = [];
  readonly #blocks: Block[] = [];

  constructor(owner: StackOwner) {
    this.#owner = owner;
  }

  /** Blocks an application until `turn`, called every 20 ms, returns true or the channel is no longer ready. */
  block(turn: () => boolean, parsesMessages: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#blocks.push({ turn, parsesMessages, resolve, busy: false });
    });
  }

  /** A message is being executed within what blocks. */
  get busy(): boolean {
    return this.#blocks.some(({ busy }) => busy);
  }

  /** One 20 ms frame: messages first, then the innermost application's turn. */
  frame(): void {
    const block = this.#blocks.at(-1);
    if (!block || block.busy) return;
    if (this.#owner.ready && block.parsesMessages && this.#messages.length > 0) void this.#parse(block).then(() => this.#turn(block));
    else this.#turn(block);
  }

  queue(message: PrivateMessage): void {
    this.#messages.push(message);
  }

  /** Drops what waits to be executed. */
  drop(): void {
    this.#messages.length = 0;
  }

  #turn(block: Block): void {
    if (this.#blocks.at(-1) !== block || block.busy) return;
    if (this.#owner.ready && !block.turn()) return;
    this.#blocks.pop();
    block.resolve();
  }

  async #parse(block: Block): Promise<void> {
    block.busy = true;
    while (this.#owner.ready) {
      const message = this.#messages.shift();
      if (!message) break;
      await this.#owner.obey(message);
    }
    block.busy = false;
  }
}
