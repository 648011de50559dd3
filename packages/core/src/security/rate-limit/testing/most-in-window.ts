/** The most of the times, which ascend, that lie in any window of that length, its first instant included and its last not. */
export function mostInWindow(times: readonly number[], windowLength: number): number {
  let most = 0
  let first = 0
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? time) >= windowLength) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}
