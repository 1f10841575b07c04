import { type TSchema, Type } from "typebox";

// 18 digits stay below 2^63, so that an id that is too large is refused here and not by the database.
export const idPattern = "^[1-9]\\d{0,17}$";
export const idSchema = Type.String({ pattern: idPattern, description: "An id: digits, as text.", examples: ["42"] });

export const idParams = Type.Object({ id: idSchema }, { additionalProperties: false });

export const timeSchema = Type.String({ description: "RFC 3339, UTC.", examples: ["2026-03-02T15:04:05.000Z"] });

/** Query parameters of every paged route. */
export const pageFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: "Items per page; 100 if not given." })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "`next` of the previous page; none for the first." })),
};

export const pageQuery = Type.Object(pageFields, { additionalProperties: false });

export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: "Cursor of the next page; absent on the last." })),
  });
}

export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "Stable; what programs look at." }),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }))),
  },
  { description: "A problem document (RFC 9457)." },
);

/** Entries for the `response` of a route that can fail in these ways. */
export function problemResponses<Status extends number>(...statuses: readonly Status[]) {
  const entry = { description: "A problem document (RFC 9457).", content: { "application/problem+json": { schema: problemSchema } } };
  return Object.fromEntries(statuses.map((status) => [status, entry])) as Record<Status, typeof entry>;
}

const dayMs = 86_400_000;
const two = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
let day = Number.NaN;
let dayText = "";

/** Epoch ms as the API shows it. A page has hundreds of them, mostly of the same day, whose text is made once. */
export function timeText(at: number): string {
  const ms = Math.trunc(at);
  const on = Math.floor(ms / dayMs);
  if (on !== day) {
    dayText = new Date(ms).toISOString().slice(0, -13);
    day = on;
  }
  const rest = ms - on * dayMs;
  const seconds = Math.floor(rest / 1000);
  const part = (of: number) => two[of % 60] ?? "";
  return `${dayText}${two[Math.floor(seconds / 3600)]}:${part(Math.floor(seconds / 60))}:${part(seconds)}.${String(rest % 1000).padStart(3, "0")}Z`;
}
