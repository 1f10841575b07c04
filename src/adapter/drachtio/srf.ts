import type { EventEmitter } from "node:events";
import DrachtioSrf from "drachtio-srf";
import "./mended.ts";

/*
 * drachtio-srf's own declarations leave out what we need most (transaction and dialog ids, the callback form of
 * createUAC, request options), so the parts we use are declared here and the library is cast once, in `newSrf`.
 */

export interface SipMessage {
  readonly body: string;
  get(name: string): string | undefined;
  has(name: string): boolean;
  getParsedHeader(name: string): { readonly params?: Readonly<Record<string, string>> };
}

export interface SipRequest extends SipMessage {
  /** drachtio's id of the transaction. */
  readonly stackTxnId: string;
  /** `application` for one that we, or drachtio-server itself, sent. */
  readonly source?: string;
  readonly method: string;
  readonly uri: string;
  cancel(options: { headers?: Record<string, string> }, callback: (error: Error | null) => void): void;
  on(event: "response", listener: (response: SipResponse) => void): void;
  /** The same INVITE was sent again with credentials: from now on that one is the call. */
  on(event: "authenticate", listener: (request: SipRequest) => void): void;
}

/** A request that came from the network. */
export interface SipIncoming extends SipMessage {
  readonly stackTxnId: string;
  readonly source?: string;
  readonly method: string;
  readonly uri: string;
  readonly source_address?: string;
  readonly source_port?: number;
  readonly protocol?: string;
  /** The CANCEL of this INVITE. */
  on(event: "cancel", listener: (cancel: SipMessage) => void): void;
}

export interface SipResponse extends SipMessage {
  readonly status: number;
  readonly reason: string;
  /** Empty when drachtio-server made the response up. */
  readonly source_address?: string;
  readonly source_port?: number;
  readonly protocol?: string;
}

export interface SipResponder {
  send(status: number, reason?: string | object): void;
  send(status: number, reason: string | undefined, options: { headers?: Readonly<Record<string, string>>; body?: string }): void;
}

/** The error createUAC gives for a final response of 300 or more. */
export interface SipFailure extends Error {
  readonly status?: number;
  readonly reason?: string;
  readonly res?: SipResponse;
}

export interface SipDialog extends EventEmitter {
  readonly id: string;
  readonly connected: boolean;
  readonly sip: { readonly callId: string; readonly remoteTag: string };
  readonly remote: { readonly sdp: string };
  readonly local: { sdp: string; readonly contact: string };
  readonly type: "uac" | "uas";
  /** What answered our INVITE; of a call from outside what we answered. */
  readonly res?: SipResponse;
  destroy(options: { headers?: Record<string, string> }, callback: (error: Error | null) => void): void;
  modify(sdp: string): Promise<string>;
  request(options: { readonly method: "OPTIONS" }, callback: (error: Error | null, response?: SipResponse) => void): void;
}

export interface UacOptions {
  readonly localSdp: string;
  readonly headers: Record<string, string>;
  readonly auth?: { username: string; password: string };
  readonly proxy?: string;
}

export interface RequestOptions {
  readonly method: "ACK" | "BYE" | "CANCEL" | "OPTIONS" | "REGISTER";
  readonly stackDialogId?: string;
  readonly stackTxnId?: string;
  /** With one of those ids drachtio-server fills in the real one; it must only be there. */
  readonly uri: string;
  /** Where to send it, instead of to the host in `uri`. */
  readonly proxy?: string;
  readonly headers: Record<string, string>;
  /** Answers one 401 or 407. */
  readonly auth?: { username: string; password: string };
}

export interface Srf extends EventEmitter {
  connect(options: { host: string; port: number; secret: string; reconnect?: { retryMaxDelay: number } }): void;
  disconnect(): void;
  createUAC(
    uri: string,
    options: UacOptions,
    progress: { cbRequest(error: Error | null, request?: SipRequest): void; cbProvisional(response: SipResponse): void },
    callback: (error: SipFailure | null, dialog?: SipDialog) => void,
  ): void;
  request(options: RequestOptions, callback: (error: Error | null, request?: SipRequest) => void): void;
  options(handler: (request: SipRequest, response: SipResponder) => void): void;
  invite(handler: (request: SipIncoming, response: SipResponder) => void): void;
  register(handler: (request: SipIncoming, response: SipResponder) => void): void;
  createUAS(
    request: SipIncoming,
    response: SipResponder,
    options: { readonly localSdp: string; readonly headers?: Readonly<Record<string, string>> },
    callback: (error: Error | null, dialog?: SipDialog) => void,
  ): void;
}

export function newSrf(): Srf {
  return new DrachtioSrf() as unknown as Srf;
}

const Library = DrachtioSrf as unknown as { readonly SipMessage: new (text: string) => SipMessage };

/** Reads a SIP message with the library's parser; undefined when it cannot be read. */
export function readSip(text: string): SipMessage | undefined {
  try {
    return new Library.SipMessage(text);
  } catch {
    return undefined;
  }
}
