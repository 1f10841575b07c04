declare module "drachtio-srf/lib/drachtio-agent.js" {
  const Agent: {
    readonly prototype: {
      _onMsg(
        this: {
          readonly mapServer: ReadonlyMap<
            import("node:net").Socket,
            { readonly pendingSipAuthRequests: Map<string, unknown>; readonly pendingRequests: ReadonlyMap<string, unknown> }
          >;
          emit(event: string, error: unknown): boolean;
        },
        socket: import("node:net").Socket,
        message: string,
      ): void;
    };
  };
  export default Agent;
}

declare module "drachtio-srf/lib/sip-parser/parser.js" {
  const parser: {
    /** @returns undefined for what is no SIP message; may throw, too */
    parseSipMessage(text: string, lazy: boolean): object | undefined;
  };
  export default parser;
}

declare module "drachtio-srf/lib/wire-protocol.js" {
  const WireProtocol: { readonly prototype: { _onData(this: unknown, socket: import("node:net").Socket, chunk: Buffer): void } };
  export default WireProtocol;
}

declare module "drachtio-srf/lib/digest-client.js" {
  interface Challenged {
    readonly req: { readonly _originalParams: { readonly options: { readonly method: string; readonly uri: string; readonly auth?: unknown } } };
    readonly res: { readonly statusCode: number; get(name: string): unknown };
  }
  const DigestClient: {
    readonly prototype: {
      authenticate(this: Challenged, callback: (error: Error | null, request?: unknown) => void): void;
      _parseChallenge(this: Challenged, header: unknown): Readonly<Record<string, string | undefined>>;
      _compileParams(this: Challenged, parameters: unknown): string;
    };
  };
  export default DigestClient;
}
