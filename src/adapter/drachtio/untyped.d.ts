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
