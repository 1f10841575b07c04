import type { RecordingPlace } from "../adapter/freeswitch/recording.ts";
import type { Config } from "../config/schema.ts";
import { makeFolder } from "../kernel/folder.ts";
import type { Log } from "../kernel/log.ts";

/** The directory in which the media servers keep what people say; made if it is not there. Without it everything but recording works. */
export async function openRecordings({ voice }: Pick<Config, "voice">, log: Log): Promise<RecordingPlace> {
  const { recordingsDir: dir, recordingsMediaDir: mediaDir = dir } = voice;
  await makeFolder(dir).catch((error: unknown) => log.warn({ err: error, dir }, "the directory of recordings cannot be made"));
  return { dir, mediaDir };
}
