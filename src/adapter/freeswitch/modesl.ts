import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import esl from "drachtio-modesl";

/*
 * The one ESL library in the tree (drachtio-fsmrf uses the same copy), typed as far as we use it and mended in this one
 * place. What is mended, and why:
 *  - a header such as "-ERR 50% off" is not valid percent-encoding and threw a URIError out of the socket handler,
 *    which ended the process; so did a JSON event that is not JSON;
 *  - a command was written in two or more pieces on a socket with Nagle's algorithm on, which cost 40 ms each;
 *  - the end of the headers was looked for byte by byte in JavaScript.
 */

export interface EslEvent {
  getHeader(name: string): string | undefined;
  getBody(): string;
}

export interface EslConnection extends EventEmitter {
  readonly socket: Socket | null;
  api(command: string, callback: (response: EslEvent) => void): void;
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
    };
  };
  readonly Parser: {
    prototype: {
      _onData(this: ParserState, chunk: Buffer): unknown;
      _indexOfHeaderEnd(this: ParserState): number;
      _parseHeaderText(text: string): unknown;
    };
  };
}

interface ParserState {
  buffer: Buffer;
  readonly socket?: Socket;
  emit(event: string, error: Error): void;
}

const library = esl as unknown as Esl;

mend(library);

function mend({ Connection, Parser }: Esl): void {
  const parseHeaderText = Parser.prototype._parseHeaderText;
  Parser.prototype._parseHeaderText = function (text) {
    try {
      return parseHeaderText.call(this, text);
    } catch {
      return parseHeaderText.call(this, text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25").replace(/%[89A-Fa-f][0-9A-Fa-f]/g, "%EF%BF%BD"));
    }
  };
  Parser.prototype._indexOfHeaderEnd = function () {
    return this.buffer.indexOf("\n\n");
  };
  const onData = Parser.prototype._onData;
  Parser.prototype._onData = function (chunk) {
    try {
      return onData.call(this, chunk);
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
    this.socket.setNoDelay(true);
    this.socket.write(`${command}\n${lines.join("")}\n`);
  };
}

export const Connection = library.Connection;
