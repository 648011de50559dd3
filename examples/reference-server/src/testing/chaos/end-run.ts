import type { Finding } from '../../demo/check-bill.ts'
import { readExpectations } from '../../demo/corpus.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { type ChaosServices, untilNothingWaits } from './chaos-services.ts'
import { checkChaos } from './check-chaos.ts'
import { DEMO_FOLDER } from './demo-tasks.ts'
import { whatWaits } from './drained-messages.ts'
import type { ServerFleet } from './server-fleet.ts'

/** Waits until nothing moves any more, ends the processes in good order, and holds what is left against a calm run. */
export async function endRun(
  services: ChaosServices,
  fleet: ServerFleet,
  { tasks, signal }: { readonly tasks: readonly CodingTask[]; readonly signal: AbortSignal },
): Promise<Finding> {
  const waiting = await untilNothingWaits(() => whatWaits(services), signal)
  const unordered = await fleet.stop()
  const found = await checkChaos(services, { tasks, expectations: readExpectations(DEMO_FOLDER) })
  return {
    figures: {
      'starts that came to nothing': [...fleet.failedStarts.values()].reduce((sum, count) => sum + count, 0),
      ...found.figures,
    },
    problems: [
      ...waiting.map((one) => `in the end there waited ${one}`),
      ...[...fleet.unaskedEnds].map(
        ([role, { count, words }]) => `${role} ended by itself, ${count} times, first saying: ${words}`,
      ),
      ...unordered,
      ...found.problems,
    ],
  }
}
