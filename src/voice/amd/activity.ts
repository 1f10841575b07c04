import { bandCount, frameMs, type Look, quietestDb } from "./spectrum.ts";

/* Whether anybody makes a sound: each band against the noise on the line (voice activity detection). */

/** The noise is taken from so much of the past. */
const memoryMs = 3000;
const memoryFrames = memoryMs / frameMs;
/** The quietest 15 of 100 frames are noise, whoever speaks. */
const quietShare = 0.15;
/** A line without comfort noise has a floor all the same, or the faintest echo would be speech. */
const lowestFloorDb = -68;

export interface Activity {
  /** Ring of the last 3 s, a row for each band and one for the whole. */
  readonly past: Float64Array[];
  readonly floorsDb: Float64Array;
  /** Level of the noise, all bands together. */
  floorDb: number;
  frames: number;
  /** Loudest the foreground has been, dB of full scale. */
  peakDb: number;
}

export function newActivity(): Activity {
  return {
    past: Array.from({ length: bandCount + 1 }, () => new Float64Array(memoryFrames)),
    floorsDb: new Float64Array(bandCount).fill(lowestFloorDb),
    floorDb: lowestFloorDb,
    frames: 0,
    peakDb: quietestDb,
  };
}

const scratch = new Float64Array(memoryFrames);

/**
 * How far this frame stands out of the noise: the mean of its three best bands.
 * @returns dB, 0 and more
 */
export function prominence(activity: Activity, look: Look): number {
  const { past, floorsDb } = activity;
  const slot = activity.frames % memoryFrames;
  activity.frames++;
  const known = Math.min(activity.frames, memoryFrames);
  // The floor moves slowly, so it need not be found again in every frame.
  const due = activity.frames <= 25 || activity.frames % 5 === 0;
  const floorOf = (row: Float64Array | undefined, level: number): number => {
    if (!row) return quietestDb;
    row[slot] = level;
    if (!due) return quietestDb;
    for (let at = 0; at < known; at++) scratch[at] = row[at] ?? 0;
    return smallest(scratch, known, Math.floor(quietShare * (known - 1)));
  };
  const floor = floorOf(past[bandCount], look.levelDb);
  if (due) activity.floorDb = Math.max(lowestFloorDb, floor);
  let [one, two, three] = [0, 0, 0];
  for (let band = 0; band < bandCount; band++) {
    const level = look.bandsDb[band] ?? quietestDb;
    const bandFloor = floorOf(past[band], level);
    if (due) floorsDb[band] = Math.max(lowestFloorDb - 8, bandFloor);
    const above = level - (floorsDb[band] ?? 0);
    if (above > one) [one, two, three] = [above, one, two];
    else if (above > two) [two, three] = [above, two];
    else if (above > three) three = above;
  }
  return (one + two + three) / 3;
}

/**
 * The value that would stand at `rank` were the first `count` sorted; puts them in another order (Hoare's selection).
 * @param rank 0 .. count - 1
 */
function smallest(values: Float64Array, count: number, rank: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = swapped;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank] ?? quietestDb;
}
