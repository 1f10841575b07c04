import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { MailPoolOptions } from "../../email/options.ts";
import type { Mail, MailEnd } from "../../email/ports.ts";
import { oneLine, transact } from "./transaction.ts";

/** One connection to a mail server, logged in, that carries a message at a time. */
export class Connection {
  readonly #connection: SMTPConnection;
  #sent = 0;
  #usable = true;

  /** By `connect` only. */
  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
    connection.once("end", () => {
      this.#usable = false;
    });
  }

  /** Rejects with an Error that says in one line why there is no connection. */
  static connect(options: MailPoolOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new SMTPConnection(optionsOf(options));
      const fail = (error: Error) => {
        connection.close();
        reject(new Error(oneLine(error.message)));
      };
      // For as long as it lives: an idle connection that breaks must not end the process.
      connection.on("error", fail);
      // The error, where there is one, is told after the end.
      connection.once("end", () => setImmediate(fail, new Error("the server closed the connection")));
      connection.connect((error) => {
        if (error) return fail(error);
        const { user, password = "" } = options;
        if (user === undefined) return resolve(new Connection(connection));
        connection.login({ user, pass: password, credentials: { user, pass: password } }, (refused) => {
          if (refused) fail(refused);
          else resolve(new Connection(connection));
        });
      });
    });
  }

  /** Whether another message may go over it. */
  get usable(): boolean {
    return this.#usable && !this.#connection.destroyed;
  }

  /** How many messages it has carried. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether the connection is encrypted. */
  get secure(): boolean {
    return this.#connection.secure;
  }

  async send(mail: Mail): Promise<MailEnd> {
    this.#sent += 1;
    const end = await transact(this.#connection, mail);
    if (end.end === "refused" && end.code !== 421 && this.usable) await this.#reset();
    else if (end.end !== "accepted") this.close();
    return end;
  }

  /** What a refused transaction has left behind is forgotten (RSET): the next message begins anew. */
  #reset(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.once("end", resolve);
      this.#connection.reset((error) => {
        this.#connection.removeListener("end", resolve);
        if (error) this.close();
        resolve();
      });
    });
  }

  /** Says goodbye. */
  quit(): void {
    if (this.usable) this.#connection.quit();
    this.#usable = false;
  }

  close(): void {
    this.#usable = false;
    this.#connection.close();
  }
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
