import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/*
 * As much of an IMAP server (RFC 3501, RFC 2177, RFC 6851) as a reader of one folder uses, so that the reader can be tried where no Dovecot is. It answers what it does not know with BAD.
 */

interface Stored {
  readonly uid: number;
  readonly raw: string;
  readonly flags: Set<string>;
}

export class ImapServer {
  readonly folders = new Map<string, Stored[]>([["INBOX", []]]);
  uidValidity = 1;
  /** Commands that fail once. */
  readonly refuses = new Set<"SEARCH" | "MOVE">();
  /** Every command that came, without its tag. */
  readonly commands: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #idle = new Map<Socket, string>();
  readonly #server = createServer((socket) => this.#serve(socket));
  #uid = 0;

  async listen(port = 0): Promise<number> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A mail comes in; whoever idles is told. */
  deliver(raw: string): number {
    const uid = ++this.#uid;
    const inbox = this.folders.get("INBOX") ?? [];
    inbox.push({ uid, raw, flags: new Set() });
    for (const socket of this.#idle.keys()) socket.write(`* ${inbox.length} EXISTS\r\n`);
    return uid;
  }

  flagsOf(uid: number): readonly string[] {
    return [...(this.folders.get("INBOX")?.find((mail) => mail.uid === uid)?.flags ?? [])];
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#idle.delete(socket);
    });
    socket.on("error", () => undefined);
    socket.write("* OK ready\r\n");
    let read = "";
    socket.on("data", (data) => {
      read += data.toString("latin1");
      for (let end = read.indexOf("\r\n"); end >= 0; end = read.indexOf("\r\n")) {
        const line = read.slice(0, end);
        read = read.slice(end + 2);
        this.#command(socket, line);
      }
    });
  }

  #command(socket: Socket, line: string): void {
    const idling = this.#idle.get(socket);
    if (idling !== undefined && line.toUpperCase() === "DONE") {
      this.#idle.delete(socket);
      socket.write(`${idling} OK done\r\n`);
      return;
    }
    const [tag = "*", ...words] = line.split(" ");
    const text = words.join(" ");
    this.commands.push(text.startsWith("LOGIN") ? "LOGIN" : text);
    const say = (lines: readonly string[], end = "OK done") => socket.write([...lines, `${tag} ${end}`, ""].join("\r\n"), "latin1");
    const inbox = this.folders.get("INBOX") ?? [];
    const [verb = "", second = "", third = ""] = words.map((word) => word.toUpperCase());
    switch (verb === "UID" ? `UID ${second}` : verb) {
      case "CAPABILITY":
        return void say(["* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE"]);
      case "LOGIN":
        return void say([], text.includes("right") ? "OK in" : "NO [AUTHENTICATIONFAILED] Authentication failed.");
      case "LIST":
      case "LSUB":
        return void say(text.endsWith('""') ? ['* LIST (\\Noselect) "/" ""'] : ['* LIST () "/" INBOX']);
      case "CREATE":
        this.folders.set(unquoted(words[1]), this.folders.get(unquoted(words[1])) ?? []);
        return void say([]);
      case "SELECT": {
        if (!this.folders.has(unquoted(words[1]))) return void say([], "NO [NONEXISTENT] Mailbox doesn't exist");
        const uidNext = `* OK [UIDNEXT ${this.#uid + 1}] next`;
        return void say(
          ["* FLAGS (\\Seen)", `* ${inbox.length} EXISTS`, `* OK [UIDVALIDITY ${this.uidValidity}] valid`, uidNext],
          "OK [READ-WRITE] selected",
        );
      }
      case "UID SEARCH": {
        const from = Number(/(\d+):\*/.exec(text)?.[1] ?? 1);
        if (this.refuses.delete("SEARCH")) return void say([], "NO [SERVERBUG] not now");
        const uids = inbox.map(({ uid }) => uid);
        // As RFC 3501 §6.4.8 has it: the last one is always named.
        return void say([`* SEARCH ${uids.filter((uid) => uid >= from || uid === uids.at(-1)).join(" ")}`.trimEnd()]);
      }
      case "UID FETCH": {
        const at = inbox.findIndex(({ uid }) => String(uid) === third);
        const mail = inbox[at];
        if (!mail) return void say([]);
        const source = mail.raw.slice(0, Number(/<0\.(\d+)>/.exec(text)?.[1] ?? mail.raw.length));
        return void say([`* ${at + 1} FETCH (UID ${mail.uid} RFC822.SIZE ${mail.raw.length} BODY[]<0> {${source.length}}\r\n${source})`]);
      }
      case "UID STORE":
        inbox.find(({ uid }) => String(uid) === third)?.flags.add("\\Seen");
        return void say([]);
      case "UID MOVE": {
        const at = inbox.findIndex(({ uid }) => String(uid) === third);
        const folder = this.folders.get(unquoted(words[3]));
        if (!folder || this.refuses.delete("MOVE")) return void say([], "NO [TRYCREATE] there is no such folder");
        folder.push(...inbox.splice(at, 1));
        return void say([`* ${at + 1} EXPUNGE`]);
      }
      case "IDLE":
        this.#idle.set(socket, tag);
        return void socket.write("+ idling\r\n");
      case "NOOP":
        return void say([]);
      case "LOGOUT":
        say(["* BYE"]);
        return void socket.end();
      default:
        return void say([], "BAD unknown command");
    }
  }
}

function unquoted(word = ""): string {
  return word.replace(/^"|"$/g, "");
}
