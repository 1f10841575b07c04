import { defineEntity, p } from "@mikro-orm/core";
import { importStates } from "../../../contact/staged-ports.ts";
import { identity } from "./identity.ts";

/** A file that was sent in to be looked at before it goes into a list. `wishes` and `report` as contact/staged-ports.ts has them. */
export const ImportEntity = defineEntity({
  name: "Import",
  tableName: "import",
  properties: {
    id: identity(),
    listName: p.text(),
    wishes: p.json(),
    state: p.enum(importStates),
    report: p.json().nullable(),
    /** Why it failed, for people. */
    fault: p.text().nullable(),
    bytes: p.bigint("string"),
    createdBy: p.text(),
    createdAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
  },
});

/** The file of such an import, until it has gone in or was dropped. */
export const ImportPieceEntity = defineEntity({
  name: "ImportPiece",
  tableName: "import_piece",
  properties: {
    importId: p.bigint("string").primary(),
    position: p.integer().primary(),
    content: p.blob(),
  },
});

/** Which column is what, by name, for files that come again in the same form (contact/mapping.ts). */
export const ImportMappingEntity = defineEntity({
  name: "ImportMapping",
  tableName: "import_mapping",
  properties: {
    name: p.text().primary(),
    mapping: p.json(),
    changedBy: p.text(),
    changedAt: p.datetime(3),
  },
});
