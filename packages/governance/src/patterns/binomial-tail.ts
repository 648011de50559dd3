/**
 * How likely at least `least` of `tries` independent tries succeed, each with the chance `chance`, which lies strictly
 * between 0 and 1.
 */
export function binomialTail(tries: number, least: number, chance: number): number {
  if (least <= 0) return 1
  if (least > tries) return 0
  const odds = chance / (1 - chance)
  let logTerm = tries * Math.log(1 - chance)
  let sum = 0
  for (let count = 0; count <= tries; count++) {
    if (count >= least) sum += Math.exp(logTerm)
    logTerm += Math.log(((tries - count) / (count + 1)) * odds)
  }
  return Math.min(1, sum)
}
