/*
 * A speech engine for the benchmark: for a text with "lasts N" in it a WAV file (8 kHz, 16 bits, one channel) with a tone
 * of N ms that is loud from its first sample; half a second for any other text.
 *
 *     node tone.ts TEXT_FILE OUT_FILE
 */
import { readFileSync, writeFileSync } from "node:fs";
import { writeWav } from "../../src/adapter/tts/wav.ts";

const [textFile = "", outFile = ""] = process.argv.slice(2);
const durationMs = Number(/lasts (\d+)/.exec(readFileSync(textFile, "utf8"))?.[1] ?? 500);
const samples = Int16Array.from({ length: durationMs * 8 }, (_, at) => Math.round(9000 * Math.cos((2 * Math.PI * 440 * at) / 8000)));
writeFileSync(outFile, writeWav(samples));
