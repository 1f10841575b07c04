declare module "pg-copy-streams" {
  import type { Readable, Writable } from "node:stream";
  import type { Submittable } from "pg";

  /** COPY … FROM STDIN: what is written to it becomes rows; `finish` when the server has taken them. */
  export function from(statement: string): Writable & Submittable & { readonly rowCount: number };

  /** COPY … TO STDOUT: what is read from it are rows. */
  export function to(statement: string): AsyncIterable<Buffer> & Readable & Submittable;
}
