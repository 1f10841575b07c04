import { type AddressInfo, createServer, type Server } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { SipStack, type WireMessage } from "../sip/stack.ts";
import type { TlsOptions } from "../sip/tcp.ts";
import type { TransportName } from "../sip/transport.ts";
import { AppConnection, type AppFrame } from "./app-connection.ts";
import { readAppMessage } from "./app-message.ts";
import { Capture, type CaptureTarget } from "./capture.ts";
import { DialogRequests } from "./dialog-requests.ts";
import { DialogTable } from "./drachtio-dialog.ts";
import { NetworkRequests } from "./network-requests.ts";
import { OutsideRequests } from "./outside-requests.ts";
import { Routes } from "./routes.ts";
import { ServerCore } from "./server-core.ts";

export interface LabDrachtioOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** IPv4 address of both ports. */
  readonly host: string;
  /** 0: any free port. */
  readonly adminPort: number;
  /** 0: any free port; UDP and TCP share it. */
  readonly sipPort: number;
  /** What apps must say in `authenticate`. */
  readonly secret: string;
  /** Default UDP and TCP. */
  readonly transports?: readonly TransportName[];
  /** Wanted for the transport tls: certificate, and whom it trusts (nobody is asked for anything by default, as on the real one); port 0: any free one. */
  readonly tls?: TlsOptions & { readonly port: number };
  /** T1 of RFC 3261, 500 ms when left out. */
  readonly timers?: { readonly t1Ms?: number };
  readonly onWire?: (wire: WireMessage) => void;
  /** Is sent a copy of every SIP message. */
  readonly capture?: CaptureTarget;
}

/** The version whose behaviour was measured (reference/wire); srf reads the numbers. */
const version = "v0.9.10-lab";

/**
 * drachtio-server's far side of the admin protocol, on the lab's own SIP stack, so that the real drachtio-srf drives it. Source: transcripts of v0.9.10
 * (reference/wire 01 to 04, 08) and that server's client.cpp, client-controller.cpp and sip-dialog-controller.cpp.
 */
export class LabDrachtio {
  private readonly options: LabDrachtioOptions;
  private readonly stack: SipStack;
  private readonly dialogs = new DialogTable();
  private readonly routes = new Routes();
  private readonly outside: OutsideRequests;
  private readonly inside: DialogRequests;
  private readonly network: NetworkRequests;
  private readonly capture: Capture | undefined;
  private server: Server | undefined;

  constructor(options: LabDrachtioOptions) {
    this.options = options;
    const t1Ms = options.timers?.t1Ms ?? 500;
    const { onWire } = options;
    const capture = options.capture && new Capture(options.capture, () => ({ host: options.host, port: this.sipPort }));
    this.capture = capture;
    const wire = capture && {
      onWire: (message: WireMessage) => {
        onWire?.(message);
        capture.copy(message);
      },
    };
    this.stack = new SipStack(
      { ...options, ...wire, port: options.sipPort, alwaysRport: true, timers: { t1Ms, inviteResendMs: t1Ms * 2 } },
      {
        request: (transaction) => this.network.receive(transaction),
        ack: (request, peer) => this.network.acknowledged(request, peer),
      },
    );
    const core = new ServerCore(this.stack, this.dialogs, options.log);
    this.outside = new OutsideRequests(core);
    this.dialogs.onRemoved = (dialog) => this.outside.settled(dialog.inviteTransactionId);
    this.inside = new DialogRequests(core, this.outside);
    this.network = new NetworkRequests(core, this.routes);
  }

  get adminPort(): number {
    const address = this.server?.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  get sipPort(): number {
    return this.stack.port;
  }

  get tlsPort(): number {
    return this.stack.portOf("tls");
  }

  /** What is still open, for leak checks. */
  get counts() {
    const { dialogs, outside, network, routes } = this;
    return { apps: routes.all.length, dialogs: dialogs.size, invites: outside.size, pending: network.size, ...this.stack.counts };
  }

  /** Opens both ports. Rejects with the system's error (EADDRINUSE) when one is taken. */
  async listen(): Promise<void> {
    await this.stack.listen();
    this.capture?.open();
    const server = createServer((socket) => {
      const app = new AppConnection(socket, this.options.random, {
        frame: (from, frame) => this.receive(from, frame),
        closed: (from) => this.routes.remove(from),
      });
      this.routes.add(app);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.options.adminPort, this.options.host, resolve);
    }).catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
  }

  /** Closes everything at once, as a killed server would: no BYE, no CANCEL. */
  async close(): Promise<void> {
    for (const app of this.routes.all) app.destroy();
    this.dialogs.clear();
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
    await this.stack.close();
    await this.capture?.close();
  }

  private receive(app: AppConnection, frame: AppFrame): void {
    const { id, words } = frame;
    switch (frame.command) {
      case "authenticate":
        this.authenticate(app, id, words[0] ?? "");
        break;
      // Without `authenticate` too: the server lets it (transcript 01, D1). Any verb will do, even none.
      case "route":
        app.verbs.add((words[0] ?? "").toLowerCase());
        app.reply(id, "OK");
        break;
      case "remove_route":
        app.verbs.delete((words[0] ?? "").toLowerCase());
        app.reply(id, "OK");
        break;
      case "ping":
        app.reply(id, "OK", "pong");
        break;
      case "sip":
        this.receiveSip(app, frame);
        break;
      default:
        app.refuse(id, frame.command === "" ? "Invalid message format" : "Unknown message type");
    }
  }

  private authenticate(app: AppConnection, id: string, secret: string): void {
    if (secret !== this.options.secret) {
      app.refuse(id, "incorrect secret");
      return;
    }
    const names = this.options.transports ?? ["tcp", "udp"];
    const contacts = names.map((name) => `${name}/${this.options.host}:${this.stack.portOf(name)}`).join(",");
    app.reply(id, "OK", `${contacts}|${version}|${contacts}`);
  }

  private receiveSip(app: AppConnection, frame: AppFrame): void {
    const [transactionId = "", dialogId = "", proxy = ""] = frame.words;
    if (frame.sip === undefined || frame.words.length < 2) {
      app.refuse(frame.id, "Invalid message format");
      return;
    }
    const message = readAppMessage(frame.sip);
    if (message.startLine.startsWith("SIP/")) {
      if (transactionId === "") app.refuse(frame.id, "transaction id missing");
      else this.network.respond(app, frame.id, transactionId, message);
    } else if (dialogId !== "") this.inside.send(app, frame.id, dialogId, message);
    else if (transactionId !== "") this.outside.cancel(app, frame.id, transactionId, message);
    else this.outside.send(app, frame.id, message, proxy === "" ? undefined : proxy);
  }
}
