import { verifyAudit } from "../access/audit-engine.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";

interface ListOptions extends CommonOptions {
  readonly actor?: string;
  readonly target?: string;
  readonly after?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Lines of the audit log, the oldest first. */
export async function listAudit({ actor, target, after, limit = 100, json, ...options }: ListOptions): Promise<string> {
  const filter = { ...(actor !== undefined && { actor }), ...(target !== undefined && { target }) };
  const page = { limit, ...(after !== undefined && { afterId: String(after) }) };
  const records = await withStores(options, (stores) => stores.audit.page(filter, page));
  if (json) return JSON.stringify(records);
  const rows = records.map((each) => [each.id, timeCell(each.at), `${each.actorKind} ${each.actor}`, each.origin, each.action, each.target]);
  return tableText(["LINE", "AT", "WHO", "FROM", "WHAT", "WHICH"], rows);
}

/** Says whether the log is whole. @returns the exit code */
export async function verifyAuditLog(options: CommonOptions): Promise<number> {
  const { records, hash, broken } = await withStores(options, (stores) => verifyAudit((afterId, limit) => stores.audit.chain(afterId, limit)));
  if (broken !== undefined) {
    console.log(`The audit log is not whole: ${broken}. The ${records} lines before it are.`);
    return 1;
  }
  console.log(`The audit log is whole: ${records} lines, the last with hash ${hash}. Note both where nobody can change them.`);
  return 0;
}
