/** The standard normal density. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) * 0.3989422804014327;
}

/** The standard normal distribution function; absolute error below 8e-8 (Abramowitz & Stegun 26.2.17). */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = normalDensity(z) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/**
 * P(X ≤ 0) of a whole number X by its first three central moments: the normal distribution with its first Edgeworth term, continuity corrected
 * ("refined normal approximation" of the Poisson-binomial distribution; Hong, Comput. Stat. Data Anal. 59 (2013), section 2.3).
 */
export function atMostZero(mean: number, variance: number, third: number): number {
  if (variance < 1e-12) return mean < 0.5 ? 1 : 0;
  const deviation = Math.sqrt(variance);
  const z = (0.5 - mean) / deviation;
  const chance = normalBelow(z) - ((third / (variance * deviation)) * (z * z - 1) * normalDensity(z)) / 6;
  return Math.max(0, Math.min(1, chance));
}

/** E[max(0, −X)] of a normal X. */
export function expectedBelowZero(mean: number, variance: number): number {
  if (variance < 1e-12) return Math.max(0, -mean);
  const deviation = Math.sqrt(variance);
  const z = mean / deviation;
  return deviation * (normalDensity(z) - z * (1 - normalBelow(z)));
}
