import type { Stores } from "../adapter/postgres/stores.ts";
import { RecordingDirectory } from "../adapter/system/recording-files.ts";
import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { RetentionEngine } from "../privacy/retention-engine.ts";

type PrivacyStores = Pick<Stores, "privacy">;
type RetentionConfig = Pick<Config, "retention" | "voice">;

/** What is older than it may be is taken away, and recordings of people who were forgotten. @returns the function that ends it */
export function openRetention(stores: PrivacyStores, config: RetentionConfig, clock: Clock, log: Log): () => Promise<void> {
  const engine = retentionOf(stores, config, clock, log);
  engine.start();
  return () => engine.close();
}

/** The same for who wants it done once. */
export function retentionOf({ privacy }: PrivacyStores, config: RetentionConfig, clock: Clock, log: Log): RetentionEngine {
  const files = new RecordingDirectory(config.voice.recordingsDir);
  return new RetentionEngine({ store: privacy.retention, recordings: privacy, files, options: config.retention, clock, log });
}

/** What the API says of what is kept of people, and whom it shows what. */
export function privacyApi(
  { privacy }: PrivacyStores,
  { retention: retentionOptions, masking }: Pick<Config, "retention" | "masking">,
): Pick<ApiParts, "privacy" | "masking"> {
  return { privacy: { people: privacy, retention: privacy.retention, retentionOptions }, masking };
}
