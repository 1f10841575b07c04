import { placedFault } from "./problem.ts";

/**
 * A time that a caller gave, in epoch ms.
 * @param text of the form of `givenTimeSchema`
 * @throws Fault `request-invalid` when there is no such time, such as a thirtieth of February
 */
export function momentOf(text: string, pointer: string): number {
  const at = Date.parse(text);
  const day = Number(text.slice(8, 10));
  const exists = Number.isFinite(at) && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
  if (!exists) throw placedFault("request-invalid", `${pointer} ${text} is no time`, [{ pointer, message: "is no time" }]);
  return at;
}
