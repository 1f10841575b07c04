import { Readable } from "node:stream";
import { Fault, toFault } from "../kernel/fault.ts";
import { importContacts } from "./import-engine.ts";
import type { ContactStore, Rejection } from "./ports.ts";
import type { NewImport, StagedImport, StagedImportStore, StagedReport } from "./staged-ports.ts";

/** Rejections kept with a report, at most; the counts are always whole. */
const maxRejectionsKept = 1000;

export interface StagedParts {
  readonly contacts: ContactStore;
  readonly staged: StagedImportStore;
  /** Of numbers that are written without one. */
  readonly defaultCountry: string;
}

/**
 * Imports in two steps: a file is sent in and looked at, and goes into its list when somebody says so who has read the report. It is kept in the database
 * in between, so that any node can carry out the second step.
 */
export class StagedImports {
  readonly #parts: StagedParts;

  constructor(parts: StagedParts) {
    this.#parts = parts;
  }

  /** Takes a file in and finds out what would become of it. Faults as `importContacts`; the file is then not kept. */
  async send(wanted: NewImport, file: AsyncIterable<Uint8Array>): Promise<StagedImport> {
    const { staged } = this.#parts;
    const id = await staged.begin(wanted);
    try {
      await staged.fill(id, file);
      const report = await this.#run(id, wanted, true);
      await staged.settle(id, "arriving", "checked", { report });
    } catch (error) {
      const fault = toFault(error, "import-failed");
      await staged.settle(id, "arriving", "failed", { fault: fault.message }).catch(() => false);
      throw fault;
    }
    return await this.find(id);
  }

  /**
   * Brings the file into its list; the report says then what has become of it. Faults as `importContacts`, after which it can be tried again where the fault is retryable; `import-unknown`;
   * `import-state` when it is not waiting for that.
   */
  async commit(id: string): Promise<StagedImport> {
    const { staged } = this.#parts;
    const waiting = await this.find(id);
    const report = await staged.alone(id, async () => {
      try {
        const done = await this.#run(id, waiting, false);
        await staged.settle(id, "committing", "committed", { report: done });
        return done;
      } catch (error) {
        const fault = toFault(error, "import-failed");
        await staged
          .settle(id, "committing", fault.retryable ? "checked" : "failed", fault.retryable ? {} : { fault: fault.message })
          .catch(() => false);
        throw fault;
      }
    });
    if (report === undefined) throw stateFault(await this.find(id));
    return await this.find(id);
  }

  /** Forgets the file. Faults `import-unknown`, `import-state`. */
  async drop(id: string): Promise<StagedImport> {
    const known = await this.find(id);
    if (known.state !== "dropped" && !(await this.#parts.staged.settle(id, "checked", "dropped"))) throw stateFault(await this.find(id));
    return await this.find(id);
  }

  /** @throws Fault `import-unknown` */
  async find(id: string): Promise<StagedImport> {
    const found = await this.#parts.staged.find(id);
    if (found === undefined) throw new Fault("import-unknown", `There is no import ${id}; GET /api/v1/imports has them.`);
    return found;
  }

  async #run(id: string, { listName: name, wishes }: NewImport, dry: boolean): Promise<StagedReport> {
    const { contacts: store, staged, defaultCountry } = this.#parts;
    const rejections: Omit<Rejection, "raw">[] = [];
    const rejected = ({ row, line, column, reason }: Rejection) => {
      if (rejections.length < maxRejectionsKept) rejections.push({ row, line, column, reason });
    };
    const { listId, ...report } = await importContacts({
      store,
      name,
      dry,
      ...wishes,
      csv: Readable.from(staged.read(id)),
      defaultCountry,
      rejected,
    });
    return { ...report, ...(listId !== "" && { listId }), rejections };
  }
}

function stateFault({ id, state }: StagedImport): Fault {
  return new Fault("import-state", `Import ${id} is ${state}; only one that is checked waits to be committed or dropped.`);
}
