import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/*
 * A mail server that does what the first word of a mailbox says, at the very stage it says, and keeps what it took octet for octet.
 */

export interface TakenMail {
  readonly from: string;
  readonly to: string;
  /** As it stood between DATA and the dot, dots undoubled. */
  readonly raw: Buffer;
  readonly secure: boolean;
}

export interface ExchangerOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly user?: { readonly name: string; readonly password: string };
  /** How many messages a connection may carry, and what the next MAIL FROM hears: 421, or nothing but the end. */
  readonly each?: { readonly messages: number; readonly says: boolean };
}

/** Answers to RCPT TO, by the first word of the mailbox. */
const refusals: Readonly<Record<string, string>> = {
  nobody: "550 5.1.1 no such user here",
  full: "452 4.2.2 mailbox full",
  greylist: "450 4.7.1 come back later",
  policy: "550 5.7.1 not from you",
  plain: "550 unknown",
  relay: "550 relay not permitted",
  goodbye: "421 4.3.2 closing",
};

export class Exchanger {
  readonly taken: TakenMail[] = [];
  /** Every command but AUTH's secrets, for what was said. */
  readonly commands: string[] = [];
  readonly #options: ExchangerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #wanted: { readonly count: number; readonly tell: () => void }[] = [];
  connections = 0;
  /** The answer to every MAIL FROM. */
  refusing: string | undefined;

  constructor(options: ExchangerOptions = {}) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#talk(socket, false);
      socket.write("220 there ESMTP\r\n");
    });
  }

  listen(port = 0): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(port, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  }

  /** Resolves when so many have been taken. */
  until(count: number): Promise<void> {
    if (this.taken.length >= count) return Promise.resolve();
    return new Promise((tell) => this.#wanted.push({ count, tell }));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #talk(socket: Socket, secure: boolean): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    let pending = Buffer.alloc(0);
    let from = "";
    let to = "";
    let carried = 0;
    let content = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const whole = (raw: Buffer) => {
      const mail = { from, to, secure, raw: Buffer.from(raw.toString("latin1").replace(/(^|\r\n)\.\./g, "$1."), "latin1") };
      if (to.startsWith("late-no")) return say("554 5.6.0 not this one");
      this.taken.push(mail);
      for (const { count, tell } of this.#wanted) if (this.taken.length >= count) tell();
      // Taken, and never told.
      if (to.startsWith("dropped")) return socket.destroy();
      if (!to.startsWith("silent")) say(`250 2.0.0 taken as ${this.taken.length}`);
    };
    const command = (line: string): void => {
      const [word = ""] = line.toUpperCase().split(" ");
      this.commands.push(word === "AUTH" ? "AUTH" : line);
      const { tls, user } = this.#options;
      if (word === "EHLO") {
        const offers = ["there", "PIPELINING", "8BITMIME", ...(tls && !secure ? ["STARTTLS"] : []), ...(user ? ["AUTH PLAIN"] : [])];
        for (const [at, offer] of offers.entries()) say(`250${at === offers.length - 1 ? " " : "-"}${offer}`);
      } else if (word === "STARTTLS" && tls) {
        say("220 go ahead");
        socket.removeAllListeners("data");
        const safe = new TLSSocket(socket, { isServer: true, ...tls });
        this.#talk(safe, true);
      } else if (word === "AUTH" && user) {
        const right = Buffer.from(`\0${user.name}\0${user.password}`).toString("base64");
        say(line.split(" ")[2] === right ? "235 2.7.0 welcome" : "535 5.7.8 wrong");
      } else if (word === "MAIL") {
        const { each } = this.#options;
        from = /<(.*)>/.exec(line)?.[1] ?? "";
        to = "";
        carried += 1;
        if (each && carried > each.messages) {
          if (each.says) say("421 4.7.0 too many messages in this connection");
          socket.end();
        } else say(this.refusing ?? "250 2.1.0 ok");
      } else if (word === "RCPT") {
        const mailbox = /<(.*)>/.exec(line)?.[1] ?? "";
        const refused = refusals[mailbox.split(/[-@]/)[0] ?? ""];
        if (refused === undefined) to = mailbox;
        say(refused ?? "250 2.1.5 ok");
        if (refused?.startsWith("421")) socket.end();
      } else if (word === "DATA") {
        if (to === "" || this.refusing !== undefined) return void say("503 5.5.1 no recipient");
        if (to.startsWith("cut")) return void socket.destroy();
        content = true;
        say("354 go on");
      } else if (word === "RSET") {
        to = "";
        say("250 2.0.0 ok");
      } else if (word === "QUIT") {
        say("221 2.0.0 bye");
        socket.end();
      } else {
        say("500 5.5.2 what?");
      }
    };
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const end = pending.indexOf(content ? "\r\n.\r\n" : "\r\n");
        if (end < 0) break;
        const piece = pending.subarray(0, content ? end + 2 : end);
        pending = pending.subarray(end + (content ? 5 : 2));
        if (content) {
          content = false;
          whole(piece);
        } else {
          command(piece.toString("latin1"));
        }
      }
    });
  }
}
