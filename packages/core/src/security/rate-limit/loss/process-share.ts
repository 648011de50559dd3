/**
 * The calls that one of `instances` processes may admit alone, so that all together never exceed `limit`: as many as go
 * into it evenly, and one more for each process whose number is below the rest. Without a number the rest is left
 * unused; with fewer calls than processes some or all have none.
 */
export function processShare(limit: number, instances: number, instanceIndex?: number): number {
  const share = Math.floor(limit / instances)
  return instanceIndex !== undefined && instanceIndex < limit % instances ? share + 1 : share
}
