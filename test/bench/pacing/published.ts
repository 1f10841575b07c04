/**
 * Occupancy (%) of the published comparison: progressive dialling by formula, and a policy that knows every distribution ("ideal"), aimed at 2.95 % abandoned. Talk lognormal
 * 120 s (cv 1), wrap-up exponential 20 s, grace 2 s; 15,000 to 60,000 answers a cell, the first half hour not counted; five-seed deviation up to 0.2 points.
 * Source: the project's study of predictive pacing, section 2, "Occupancy %".
 */
export const published: readonly { readonly hitRate: number; readonly agents: number; readonly progressive: number; readonly ideal: number }[] = [
  { hitRate: 0.2, agents: 5, progressive: 60.6, ideal: 76.6 },
  { hitRate: 0.2, agents: 10, progressive: 60.6, ideal: 82.7 },
  { hitRate: 0.2, agents: 25, progressive: 60.6, ideal: 89.2 },
  { hitRate: 0.2, agents: 50, progressive: 60.6, ideal: 93.2 },
  { hitRate: 0.2, agents: 100, progressive: 60.6, ideal: 95.9 },
  { hitRate: 0.2, agents: 300, progressive: 60.6, ideal: 98.5 },
  { hitRate: 0.35, agents: 5, progressive: 74.4, ideal: 81.5 },
  { hitRate: 0.35, agents: 10, progressive: 74.4, ideal: 84.8 },
  { hitRate: 0.35, agents: 25, progressive: 74.4, ideal: 90.3 },
  { hitRate: 0.35, agents: 50, progressive: 74.4, ideal: 93.7 },
  { hitRate: 0.35, agents: 100, progressive: 74.4, ideal: 96.2 },
  { hitRate: 0.35, agents: 300, progressive: 74.4, ideal: 98.6 },
  { hitRate: 0.6, agents: 5, progressive: 85.2, ideal: 87.1 },
  { hitRate: 0.6, agents: 10, progressive: 85.1, ideal: 88.4 },
  { hitRate: 0.6, agents: 25, progressive: 85.2, ideal: 91.7 },
  { hitRate: 0.6, agents: 50, progressive: 85.2, ideal: 94.4 },
  { hitRate: 0.6, agents: 100, progressive: 85.1, ideal: 96.5 },
  { hitRate: 0.6, agents: 300, progressive: 85.0, ideal: 98.7 },
];

/** Least occupancy (%) while the hit rate swings between .15 and .5 within the hour and 40 % of the agents leave without a word. Same source, section 3. */
export const stressed: readonly { readonly agents: number; readonly least: number }[] = [
  { agents: 10, least: 82 },
  { agents: 25, least: 88 },
  { agents: 50, least: 92 },
  { agents: 100, least: 94.5 },
];
