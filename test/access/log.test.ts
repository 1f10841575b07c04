import t from "tap";
import { openLog } from "../../src/adapter/system/log.ts";
import { Fault } from "../../src/kernel/fault.ts";

t.test("a line of the log is one line of JSON, in UTC and without secrets, whatever is in it", async (t) => {
  const lines: string[] = [];
  const log = openLog("info", { write: (line) => lines.push(line) });
  const forged = 'ann\n{"level":"error","msg":"forged"}\r\n\u0085\u2028\u001b[2J\u0000';
  log.warn({ caller: forged, [forged]: 1, nested: { deep: [forged] } }, `a request was refused ${forged}`);
  log.child({ node: forged }).info({ password: "hunter2", connection: { password: "hunter2", secret: "hunter2" }, key: "carillon_x" }, "told");
  // As the database gives it: with the whole connection and the values of a row on it.
  const broken = Object.assign(new Error("relation is gone"), { code: "42P01", client: { password: "hunter2" }, detail: "(phone)=(+15550100)" });
  log.error({ err: broken }, "broken");
  log.error({ err: new Fault("database-away", "It is away.", { cause: broken }) }, "away");
  log.debug({}, "not wanted");
  t.equal(lines.length, 4);
  for (const line of lines) {
    t.match(line, /^\{"level":"(info|warn|error)","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",[^\n]*\}\n$/);
    t.notOk(
      Array.from(line.trimEnd()).some((character) => character < " "),
      "no control character",
    );
    t.type(JSON.parse(line), "object");
    t.notMatch(line, /hunter2|carillon_x|15550100/);
  }
  t.match(JSON.parse(lines[0] ?? ""), { level: "warn", caller: forged, msg: `a request was refused ${forged}` }, "and says what it was");
});
