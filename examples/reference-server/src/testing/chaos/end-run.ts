import type { Finding } from '../../demo/check-bill.ts'
import { type Expectation, readExpectations } from '../../demo/corpus.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { type ChaosServices, untilNothingWaits } from './chaos-services.ts'
import { checkChaos } from './check-chaos.ts'
import { DEMO_FOLDER } from './demo-tasks.ts'
import { whatWaits } from './drained-messages.ts'
import type { ServerFleet } from './server-fleet.ts'

/** What a system was given to do. */
export interface EndedWork {
  readonly tasks: readonly CodingTask[]
  /** How each must end, by id. Default as the demo says. */
  readonly expectations?: ReadonlyMap<string, Expectation>
  /** Ends the wait for what does not come to rest. */
  readonly signal: AbortSignal
}

/** Waits until nothing moves any more, ends the processes in good order, and holds what is left against a calm run. */
export async function endRun(
  services: ChaosServices,
  fleets: readonly ServerFleet[],
  { tasks, expectations = readExpectations(DEMO_FOLDER), signal }: EndedWork,
): Promise<Finding> {
  const waiting = await untilNothingWaits(() => whatWaits(services), signal)
  const unordered = await Promise.all(fleets.map((fleet) => fleet.stop()))
  const found = await checkChaos(services, { tasks, expectations })
  const failedStarts = fleets.flatMap((fleet) => [...fleet.failedStarts.values()])
  return {
    figures: {
      'starts that came to nothing': failedStarts.reduce((sum, count) => sum + count, 0),
      ...found.figures,
    },
    problems: [
      ...waiting.map((one) => `in the end there waited ${one}`),
      ...fleets
        .flatMap((fleet) => [...fleet.unaskedEnds])
        .map(([role, { count, words }]) => `${role} ended by itself, ${count} times, first saying: ${words}`),
      ...unordered.flat(),
      ...found.problems,
    ],
  }
}
