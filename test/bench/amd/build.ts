import { corpus } from "./corpus.ts";

/*
 *     node test/bench/amd/build.ts [SEED] [FOLDER]
 *
 * Builds the corpus of labelled calls on which answering-machine detection is tuned and measured, and says what is in it.
 */
export const defaultSeed = 20_261_123;
export const defaultFolder = ".carillon/amd";

if (process.argv[1] === import.meta.filename) {
  const { dir, samples } = corpus(process.argv[3] ?? defaultFolder, Number(process.argv[2] ?? defaultSeed), (text) => console.log(text));
  const share = samples.filter(({ real }) => real).length / samples.length;
  for (const half of ["tuning", "test"]) {
    const labels = Map.groupBy(
      samples.filter((sample) => sample.half === half),
      ({ label }) => label,
    );
    console.log(`${half}: ${[...labels].map(([label, all]) => `${all.length} ${label}`).join(", ")}`);
  }
  console.log(`${samples.length} samples in ${dir}, ${Math.round(share * 100)} % recordings of people or music`);
}
