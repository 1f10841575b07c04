import type { Socket } from "node:net";
import type { Random } from "../../kernel/random.ts";
import { uuid } from "../sip/token.ts";
import { FrameReader, frameOf, splitFrame } from "./admin-frame.ts";

/** One frame of an app. */
export interface AppFrame {
  readonly id: string;
  readonly command: string;
  /** Tokens after the command. */
  readonly words: readonly string[];
  readonly sip: string | undefined;
}

/** What an app connection tells the server. */
export interface AppEvents {
  frame(app: AppConnection, frame: AppFrame): void;
  closed(app: AppConnection): void;
}

/** One app (a process with drachtio-srf) connected to the admin port. */
export class AppConnection {
  /** Verbs it asked for, lower case. */
  readonly verbs = new Set<string>();
  private readonly socket: Socket;
  private readonly random: Random;

  constructor(socket: Socket, random: Random, events: AppEvents) {
    this.socket = socket;
    this.random = random;
    const reader = new FrameReader();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      const { frames, broken } = reader.push(chunk);
      for (const content of frames) {
        const { tokens, sip } = splitFrame(content);
        const [id = "", command = "", ...words] = tokens;
        if (!socket.writableEnded) events.frame(this, { id, command, words, sip });
      }
      // No length prefix: the server closes without a word (transcript 01, D2).
      if (broken) socket.end();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => events.closed(this));
  }

  /** Whether frames still reach it. */
  get isOpen(): boolean {
    return this.socket.writable;
  }

  private write(content: string): void {
    if (this.isOpen) this.socket.write(frameOf(`${uuid(this.random)}|${content}`));
  }

  /** Answers a frame: OK or NOK with what belongs to it. */
  reply(id: string, outcome: "OK" | "NOK", rest?: string): void {
    this.write(rest === undefined ? `response|${id}|${outcome}` : `response|${id}|${outcome}|${rest}`);
  }

  /** Refuses at session level, and closes. */
  refuse(id: string, reason: string): void {
    this.write(`response|${id}|NO|${reason}`);
    this.socket.end();
  }

  /** Tells the app of a SIP message. */
  tell(meta: string, sip: string): void {
    this.write(`sip|${meta}|\r\n${sip}`);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
