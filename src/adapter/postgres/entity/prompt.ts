import { defineEntity, p } from "@mikro-orm/core";
import { soundEncodings } from "../../../ivr/prompt-ports.ts";
import { identity } from "./identity.ts";

/** A version of a recording that was uploaded; the newest of a name is heard. What it is never changes; its sound goes when many have come after it. */
export const PromptVersionEntity = defineEntity({
  name: "PromptVersion",
  tableName: "prompt_version",
  properties: {
    id: identity(),
    /** As scripts name it. */
    name: p.text(),
    version: p.integer(),
    language: p.text().nullable(),
    note: p.text().nullable(),
    /** Of the file as it was sent, hex. */
    sha256: p.text(),
    bytes: p.integer(),
    durationMs: p.integer(),
    encoding: p.enum(soundEncodings),
    sampleRate: p.integer(),
    channels: p.integer(),
    uploadedAt: p.datetime(3),
    uploadedBy: p.text(),
    /** The file as it was sent. */
    sound: p.blob().nullable(),
  },
  uniques: [{ name: "prompt_version_name_version_unique", properties: ["name", "version"] }],
  indexes: [{ name: "prompt_version_sha256_index", properties: ["sha256"] }],
});
