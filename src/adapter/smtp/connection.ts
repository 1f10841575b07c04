import type { Socket } from "node:net";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { MailPoolOptions } from "../../email/options.ts";
import type { Mail, MailEnd } from "../../email/ports.ts";
import { Dialogue } from "./dialogue.ts";
import { oneLine } from "./replies.ts";

/** What the library listens to on a socket. */
const events = ["data", "timeout", "close", "end", "error"] as const;

/** One connection to a mail server, logged in, that carries a message at a time. The library opens it: TLS, and every kind of log-in. */
export class Connection {
  readonly #dialogue: Dialogue;
  #sent = 0;

  /** By `connect` only. */
  private constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /** Rejects with an Error that says in one line why there is no connection. */
  static async connect(options: MailPoolOptions): Promise<Connection> {
    const connection = await opened(options);
    const dialogue = new Dialogue(takenFrom(connection), options.answerTimeoutMs);
    try {
      await dialogue.greet(connection.name);
    } catch (error) {
      dialogue.close();
      throw error;
    }
    return new Connection(dialogue);
  }

  /** Whether another message may go over it. */
  get usable(): boolean {
    return this.#dialogue.usable;
  }

  /** How many messages it has carried. */
  get sent(): number {
    return this.#sent;
  }

  async send(mail: Mail): Promise<MailEnd> {
    this.#sent += 1;
    const end = await this.#dialogue.send(mail);
    if (end.end === "unknown" || end.end === "unsent") this.#dialogue.close();
    return end;
  }

  /** Says goodbye. */
  quit(): void {
    this.#dialogue.quit();
  }

  close(): void {
    this.#dialogue.close();
  }
}

function opened(options: MailPoolOptions): Promise<SMTPConnection> {
  return new Promise((resolve, reject) => {
    const connection = new SMTPConnection(optionsOf(options));
    const fail = (error: Error) => {
      connection.close();
      reject(new Error(oneLine(error.message)));
    };
    connection.on("error", fail);
    // The error, where there is one, is told after the end.
    connection.once("end", () => setImmediate(fail, new Error("the server closed the connection")));
    connection.connect((error) => {
      if (error) return fail(error);
      const { user, password = "" } = options;
      if (user === undefined) return resolve(connection);
      connection.login({ user, pass: password, credentials: { user, pass: password } }, (refused) => {
        if (refused) fail(refused);
        else resolve(connection);
      });
    });
  });
}

/** The socket without the library: it lets go of what it listens to, all of which are properties of its own. */
function takenFrom(connection: SMTPConnection): Socket {
  const socket = connection._socket;
  if (!socket) throw new Error("the server closed the connection");
  const own = new Set<unknown>(Object.values(connection));
  for (const event of events)
    for (const listener of socket.listeners(event)) if (own.has(listener)) socket.removeListener(event, listener as () => void);
  return socket;
}

function optionsOf(options: MailPoolOptions): ConstructorParameters<typeof SMTPConnection>[0] {
  const { host, port, tls, ca, servername, localName, connectTimeoutMs, answerTimeoutMs } = options;
  return {
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "required",
    opportunisticTLS: tls === "opportunistic",
    ignoreTLS: tls === "none",
    ...(servername !== undefined && { servername }),
    ...(localName !== undefined && { name: localName }),
    allowInternalNetworkInterfaces: true,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    dnsTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
    maxResponseSize: 64 * 1024,
    // Whoever takes STARTTLS as it comes has no name to check it against (RFC 7435).
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: tls !== "opportunistic", ...(ca !== undefined && { ca }) },
  };
}
