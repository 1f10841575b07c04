import { randomBytes } from "node:crypto";
import type { Test } from "tap";
import { type World, world } from "./world.ts";

export const password = "four words in a row";

export interface Person {
  readonly cookie: string;
  readonly csrf: string;
  readonly setCookie: string;
}

/** Somebody with a password, as the API makes them. */
export async function invite({ ask, app }: World, name: string, role: string, more: object = {}) {
  const made = await ask("POST", "/api/v1/users", { name, role, ...more });
  const answer = await app.inject({ method: "POST", url: "/api/v1/invitations", payload: { invitation: made.body["invitation"], password } });
  return { made, id: String(made.body["id"]), status: answer.statusCode };
}

export async function login({ app }: World, name: string, more: { readonly password?: string; readonly code?: string } = {}) {
  const answer = await app.inject({ method: "POST", url: "/api/v1/session", payload: { name, password, ...more } });
  const setCookie = String(answer.headers["set-cookie"] ?? "");
  const body = answer.json<Record<string, unknown>>();
  const person: Person = { setCookie, cookie: setCookie.split(";")[0] ?? "", csrf: String(body["csrfToken"]) };
  return { ...person, status: answer.statusCode, body };
}

/** A request as a page of ours sends it. */
export async function as(
  { app }: World,
  { cookie, csrf }: Person,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  url: string,
  payload?: object,
) {
  const answer = await app.inject({ method, url, headers: { cookie, "x-csrf-token": csrf }, ...(payload && { payload }) });
  const body: Record<string, unknown> = answer.body === "" ? {} : answer.json();
  return { status: answer.statusCode, body, headers: answer.headers };
}

export const settings = { "secret.key": randomBytes(32).toString("base64") };
export const worldOf = (t: Test) => world(t, {}, settings);
