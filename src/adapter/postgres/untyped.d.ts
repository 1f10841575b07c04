declare module "pg-copy-streams" {
  import type { Writable } from "node:stream";
  import type { Submittable } from "pg";

  /** COPY … FROM STDIN: what is written to it becomes rows; `finish` when the server has taken them. */
  export function from(statement: string): Writable & Submittable;
}
