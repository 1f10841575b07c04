import { Fault } from "../kernel/fault.ts";
import type { GroupReader } from "./ports.ts";

/** @throws Fault `group-unknown` when one of the groups is not there */
export async function checkGroups(groups: GroupReader, groupIds: readonly string[] | undefined): Promise<void> {
  if (groupIds === undefined) return;
  const known = await groups.known(groupIds);
  const unknown = groupIds.find((id) => !known.has(id));
  if (unknown !== undefined) throw new Fault("group-unknown", `There is no group ${unknown}.`);
}
