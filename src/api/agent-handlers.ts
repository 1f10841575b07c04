import type { Reply, RequestBody, RequestType } from "./schema/agent-message.ts";

/** An agent whose program has logged in. */
export interface LoggedIn {
  readonly id: string;
  readonly name: string;
  readonly session: string;
}

/** What the server does with each message. @throws Fault with what is wrong */
export type Handlers<Types extends RequestType> = { readonly [Type in Types]: (agent: LoggedIn, body: RequestBody<Type>) => Promise<Reply> };
