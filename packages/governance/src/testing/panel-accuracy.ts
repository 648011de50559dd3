/**
 * How often a weighted majority of independent voters is right, by looking at all 2^n patterns of who is. A tie is right
 * half the time.
 */
export function panelAccuracy(accuracies: readonly number[], weights: readonly number[]): number {
  let accuracy = 0
  for (let pattern = 0; pattern < 2 ** accuracies.length; pattern++) {
    let probability = 1
    let margin = 0
    for (const [voter, own] of accuracies.entries()) {
      const isRight = ((pattern >> voter) & 1) === 1
      probability *= isRight ? own : 1 - own
      margin += isRight ? (weights[voter] ?? 0) : -(weights[voter] ?? 0)
    }
    accuracy += margin > 0 ? probability : margin === 0 ? probability / 2 : 0
  }
  return accuracy
}
