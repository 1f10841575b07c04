import { randomBytes } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { TrunkAnswer, TrunkQuestion, TrunkRequests } from "../../voice/trunk-ports.ts";
import type { DrachtioConnection } from "./connection.ts";
import { noTransport } from "./failure.ts";
import type { RequestOptions, SipResponse } from "./srf.ts";

/** `TrunkRequests` over drachtio-srf, which answers a challenge by itself. */
export class DrachtioTrunkRequests implements TrunkRequests {
  readonly #connection: DrachtioConnection;
  readonly #clock: Clock;

  constructor(connection: DrachtioConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  get ready(): boolean {
    return this.#connection.ready;
  }

  ask({ method, uri, from, headers, auth, timeoutMs }: TrunkQuestion): Promise<TrunkAnswer | undefined> {
    return new Promise((resolve) => {
      const silent: TrunkAnswer = { status: 408, phrase: "Request Timeout", madeUp: true };
      const timer = this.#clock.after(timeoutMs, () => resolve(this.ready ? silent : undefined));
      const done = (answer: TrunkAnswer | undefined) => {
        timer.cancel();
        resolve(answer);
      };
      const to = method === "REGISTER" ? from : uri.replace(/;.*$/, "");
      const options: RequestOptions = {
        method,
        uri,
        headers: {
          ...headers,
          // Spelled as drachtio-srf spells them itself when it repeats a request with credentials: else they would stand there twice.
          From: `<${from}>;tag=${randomBytes(9).toString("hex")}`,
          To: `<${to}>`,
          "call-id": randomBytes(12).toString("hex"),
        },
        ...(auth && { auth: { ...auth } }),
      };
      try {
        this.#connection.srf.request(options, (error, request) => {
          const note = noTransport(error);
          if (note !== undefined) return done({ status: 503, phrase: "Service Unavailable", madeUp: true, note });
          if (error || !request) return done(undefined);
          request.on("response", (response) => {
            if (response.status >= 200) done(answerOf(response));
          });
        });
      } catch {
        // drachtio-srf asserts on a socket while it is reconnecting.
        done(undefined);
      }
    });
  }
}

function answerOf(response: SipResponse): TrunkAnswer {
  const { status, reason } = response;
  const expiresS = shortest(response.get("Contact")) ?? seconds(response.get("Expires"));
  const minExpiresS = seconds(response.get("Min-Expires"));
  return {
    status,
    phrase: reason ?? "",
    madeUp: !response.source_address,
    ...(expiresS !== undefined && { expiresS }),
    ...(minExpiresS !== undefined && { minExpiresS }),
  };
}

/** A registrar lists every binding of the user, other nodes' too; to go by the one that ends first is never too late. */
function shortest(contacts: string | undefined): number | undefined {
  const all = [...(contacts ?? "").matchAll(/;\s*expires\s*=\s*"?(\d{1,9})/gi)].map(([, text]) => Number(text));
  return all.length > 0 ? Math.min(...all) : undefined;
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}
