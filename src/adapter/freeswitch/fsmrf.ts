import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import DrachtioFsmrf from "drachtio-fsmrf";
import type { EslConnection, EslEvent } from "./modesl.ts";

/* drachtio-fsmrf has no declarations; these are the parts we use. It is cast once, in `newMrf`. */

/** The SIP dialog between drachtio-server and FreeSWITCH. */
export interface FsmrfDialog extends EventEmitter {
  readonly connected: boolean;
  /** The connection to drachtio-server over which it was made. */
  readonly socket?: Socket;
  modify(sdp: string): Promise<string>;
  destroy(): Promise<unknown>;
}

export interface FsmrfEndpoint extends EventEmitter {
  readonly uuid: string;
  readonly local: { readonly sdp: string };
  readonly conn: EslConnection | null;
  readonly dialog: FsmrfDialog;
  execute(application: string, argument: string): Promise<EslEvent>;
  api(command: string, argument: string): Promise<EslEvent>;
}

export interface FsmrfServer extends EventEmitter {
  readonly conn: EslConnection;
  createEndpoint(options: { headers?: Record<string, string> }): Promise<FsmrfEndpoint>;
  api(command: string): Promise<string>;
  disconnect(): void;
}

export interface FsmrfConnectOptions {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly listenAddress: string;
  readonly listenPort: number;
  readonly advertisedAddress?: string;
  readonly advertisedPort?: number;
  readonly profile?: string;
}

export interface Mrf {
  connect(options: FsmrfConnectOptions): Promise<FsmrfServer>;
}

/** @param srf the process's one Srf, as the composition root built it */
export function newMrf(srf: EventEmitter): Mrf {
  const Constructor = DrachtioFsmrf as unknown as new (srf: EventEmitter) => Mrf;
  return new Constructor(srf);
}
