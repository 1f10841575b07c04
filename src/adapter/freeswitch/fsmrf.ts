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
  /** That drachtio-server, when there are several. */
  readonly via?: { readonly name: string; readonly takesCalls: boolean };
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
  /** @param options with `remoteSdp` its offer is that; otherwise FreeSWITCH makes one */
  createEndpoint(options: { headers?: Record<string, string>; remoteSdp?: string }): Promise<FsmrfEndpoint>;
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

interface DialogMaker extends EventEmitter {
  createUAC(uri: string, options: object): Promise<FsmrfDialog>;
}

/** @param srf the process's one Srf, as the composition root built it */
export function newMrf(srf: EventEmitter): Mrf {
  const Constructor = DrachtioFsmrf as unknown as new (srf: EventEmitter) => Mrf;
  return new Constructor(forgiving(srf as DialogMaker));
}

/**
 * A FreeSWITCH may answer and hang up again before its event socket has come: a real one does when it cannot have its RTP port. fsmrf says BYE to it once
 * more some seconds later and looks at no reply. drachtio-server refuses that one, and a rejection that nobody hears ends the process.
 */
function forgiving(srf: DialogMaker): EventEmitter {
  const createUAC = async (uri: string, options: object): Promise<FsmrfDialog> => {
    const dialog = await srf.createUAC(uri, options);
    const destroy = dialog.destroy.bind(dialog);
    dialog.destroy = () => {
      const end = destroy();
      end.catch(() => {});
      return end;
    };
    return dialog;
  };
  return Object.create(srf, { createUAC: { value: createUAC } });
}
