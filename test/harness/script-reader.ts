import type { ScriptReader } from "../../src/ivr/reader-ports.ts";
import { scriptWork } from "../../src/ivr/script-work.ts";

/** The work on scripts without a thread, where another one would only cost time; what goes over is cloned all the same. */
export const ownThread: ScriptReader = {
  outline: async (work) => structuredClone(scriptWork.outline(structuredClone(work))),
  load: async (work) => structuredClone(scriptWork.load(structuredClone(work))),
  check: async (work) => structuredClone(scriptWork.check(structuredClone(work))),
  test: async (work) => structuredClone(scriptWork.test(structuredClone(work))),
  compare: async (work) => scriptWork.compare(structuredClone(work)),
};
