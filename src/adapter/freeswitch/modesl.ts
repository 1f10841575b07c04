import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import esl from "drachtio-modesl";
import { parseHeaders, readEvent } from "./event.ts";

/*
 * The one ESL library in the tree (drachtio-fsmrf uses the same copy), typed as far as we use it and mended in this one
 * place. What is mended, and why:
 *  - a header such as "-ERR 50% off" is not valid percent-encoding and threw a URIError out of the socket handler,
 *    which ended the process; so did a JSON event that is not JSON;
 *  - a command was written in two or more pieces on a socket with Nagle's algorithm on, which cost 40 ms each; now all
 *    commands of one turn of the event loop are one write;
 *  - the end of the headers was looked for byte by byte in JavaScript, and every header of an event (a channel has some
 *    180) was compared with all before it: that was a fifth of the CPU a call costs (see event.ts);
 *  - fsmrf subscribes every channel to events that nobody here reads;
 *  - whatever a peer sent was kept until an end of headers or the announced length came, without limit, and every peer
 *    was listened to.
 */

/** The headers of one message. A channel's own, with every variable it has, take some 12 KB. */
const maxHeaderBytes = 64 << 10;
/** The body of one message: on a connection that we opened it may list some 50,000 channels, else it is one event. */
const maxBodyBytes = 64 << 20;
const maxOutboundBodyBytes = 1 << 20;

export interface EslEvent {
  getHeader(name: string): string | undefined;
  getBody(): string;
}

/** Of the events fsmrf wants for every channel we need only the ends of applications; the rest are some 180 headers each. */
const unneededEvents: ReadonlySet<string> = new Set([
  "CHANNEL_EXECUTE",
  "CHANNEL_PROGRESS_MEDIA",
  "CHANNEL_CALLSTATE",
  "CHANNEL_ANSWER",
  "DTMF",
  "DETECTED_TONE",
  "SWITCH_EVENT_PLAYBACK_START",
  "SWITCH_EVENT_PLAYBACK_STOP",
  "CUSTOM",
  "conference::maintenance",
]);

export interface EslConnection extends EventEmitter {
  readonly socket: Socket | null;
  api(command: string, callback: (response: EslEvent) => void): void;
  /** On a channel's own connection. The callback is given the event with which the application ended. */
  execute(application: string, argument: string, callback: (event: EslEvent) => void): void;
  sendRecv(command: string, callback: (reply: EslEvent) => void): void;
  subscribe(events: readonly string[]): void;
  disconnect(): void;
}

interface Esl {
  readonly Connection: (new (
    host: string,
    port: number,
    password: string,
    ready: () => void,
  ) => EslConnection) & {
    prototype: {
      send(this: { socket: Socket | null; emit(event: string, error: Error): void }, command: string, args?: Record<string, unknown>): void;
      subscribe(this: unknown, events: string | readonly string[], callback?: () => void): void;
      _onConnect(this: { readonly parser: ParserState; readonly _inbound: boolean }): void;
    };
  };
  readonly Server: {
    prototype: {
      _onConnection(this: EslServer, socket: Socket): void;
    };
  };
  readonly Parser: {
    prototype: {
      _onData(this: ParserState, chunk: Buffer): unknown;
      _indexOfHeaderEnd(this: ParserState): number;
      _parseHeaderText(this: ParserState, text: string): unknown;
      _parseEvent(this: ParserState, headers: Record<string, unknown>, body?: string): void;
    };
  };
}

/** The listener for the connections that FreeSWITCH opens to us. */
export interface EslServer {
  /** Who may connect; without it everybody may. */
  accepts?: (socket: Socket) => boolean;
}

interface ParserState {
  buffer: Buffer;
  /** What is left to come of the body; 0 while headers are read. */
  readonly bodyLen: number;
  maxBodyBytes?: number;
  readonly socket?: Socket;
  emit(event: string, ...values: unknown[]): void;
}

const library = esl as unknown as Esl;

mend(library);

function mend({ Connection, Parser, Server }: Esl): void {
  Parser.prototype._parseHeaderText = function (text) {
    const headers = parseHeaders(text);
    const length = headers["Content-Length"];
    const { maxBodyBytes: limit = maxOutboundBodyBytes } = this;
    if (typeof length === "number" && (length < 0 || length > limit)) throw new Error(`a body of ${length} bytes is announced`);
    return headers;
  };
  Parser.prototype._indexOfHeaderEnd = function () {
    return this.buffer.indexOf("\n\n");
  };
  const parseEvent = Parser.prototype._parseEvent;
  Parser.prototype._parseEvent = function (headers, body) {
    const event = readEvent(headers, body);
    if (event) this.emit("esl::event", event, headers, body);
    else parseEvent.call(this, headers, body);
  };
  const onData = Parser.prototype._onData;
  Parser.prototype._onData = function (chunk) {
    try {
      const result = onData.call(this, chunk);
      if (this.bodyLen === 0 && this.buffer.length > maxHeaderBytes) throw new Error(`headers of more than ${maxHeaderBytes} bytes`);
      return result;
    } catch (error) {
      // Nothing that follows on this stream can be trusted to be framed right.
      this.buffer = Buffer.alloc(0);
      this.socket?.destroy(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
  Connection.prototype.send = function (command, args) {
    const lines = Object.entries(args ?? {}).map(([name, value]) => `${name}: ${value}\n`);
    if (!this.socket) {
      this.emit("error", new Error("event socket is closed"));
      return;
    }
    const { socket } = this;
    if (socket.writableCorked === 0) {
      socket.setNoDelay(true);
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(`${command}\n${lines.join("")}\n`);
  };
  const onConnect = Connection.prototype._onConnect;
  Connection.prototype._onConnect = function () {
    onConnect.call(this);
    this.parser.maxBodyBytes = this._inbound ? maxBodyBytes : maxOutboundBodyBytes;
  };
  const onConnection = Server.prototype._onConnection;
  Server.prototype._onConnection = function (socket) {
    if (this.accepts?.(socket) === false) socket.destroy();
    else onConnection.call(this, socket);
  };
  const subscribe = Connection.prototype.subscribe;
  Connection.prototype.subscribe = function (events, callback) {
    const wanted = typeof events === "string" ? events.split(" ") : events;
    const needed = wanted.filter((event) => !unneededEvents.has(event));
    subscribe.call(this, needed, callback);
  };
}

export const Connection = library.Connection;

interface Reconnecting {
  closing?: boolean;
  readonly reconnectVars?: { readonly retryTimer?: NodeJS.Timeout | null };
}

/**
 * Keeps a connection from coming back by itself, which nobody would ever close: after an error on its socket (a reset, say) the library has set about it
 * before anybody hears of the end.
 */
export function stayAway(connection: EslConnection & Reconnecting): void {
  clearTimeout(connection.reconnectVars?.retryTimer ?? undefined);
  connection.closing = true;
}

/** Ends a connection for good. What was sent still leaves, but nobody waits for the far side to close too: it may be dead. */
export function disconnect(connection: EslConnection): void {
  const { socket } = connection;
  stayAway(connection);
  try {
    connection.disconnect();
  } catch {
    // The socket was never there.
  }
  socket?.destroySoon();
}
