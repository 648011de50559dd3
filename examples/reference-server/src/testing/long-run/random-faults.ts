import { setTimeout as delay } from 'node:timers/promises'
import { type ChaosServices, restartAfter } from '../chaos/chaos-services.ts'
import type { SeededChoice } from '../chaos/seeded-choice.ts'
import type { ServerFleet } from '../chaos/server-fleet.ts'

/** Does one fault and mends it; resolves with its kind. */
export type RandomFault = (say: (line: string) => void) => Promise<string>

const DOWN_MS = [300, 3000] as const
const FROZEN_MS = [1000, 10_000] as const
/** Of ten faults. */
const KINDS = [
  ...Array<'kill'>(5).fill('kill'),
  ...Array<'freeze'>(2).fill('freeze'),
  ...Array<'restart'>(2).fill('restart'),
  'hold' as const,
]

/** Faults, one at a time, of the processes of `shaken`, of the servers, and of the model. */
export function randomFaults(
  services: ChaosServices,
  shaken: ServerFleet,
  choice: SeededChoice,
): RandomFault {
  const kinds = {
    kill: async (say: (line: string) => void) => {
      const role = one(shaken.roles, choice)
      say(`${role} is killed`)
      await shaken.kill(role)
      return 'processes killed'
    },
    freeze: async (say: (line: string) => void) => {
      const role = one(shaken.roles, choice)
      const forMs = choice.between(...FROZEN_MS)
      say(`${role} is frozen for ${forMs} ms`)
      const { pid } = (await shaken.whenRuns(role)).child
      await freeze(pid, () => delay(forMs))
      return 'processes frozen'
    },
    restart: async (say: (line: string) => void) => {
      const server = one(services.servers, choice)
      const downMs = choice.between(...DOWN_MS)
      say(`${server.name} is killed, for ${downMs} ms`)
      await restartAfter(server, downMs)
      return `${server.name} killed and restarted`
    },
    hold: async (say: (line: string) => void) => {
      const forMs = choice.between(...FROZEN_MS)
      say(`the model answers nobody for ${forMs} ms`)
      await freeze(services.model.pid, () => delay(forMs))
      return 'times the model hung'
    },
  }
  return (say) => kinds[one(KINDS, choice)](say)
}

/** Stops a process until `meanwhile` has ended. One that ends meanwhile, as where its server is killed, is no fault of the run. */
export async function freeze(pid: number | undefined, meanwhile: () => Promise<void>): Promise<void> {
  if (pid === undefined) return
  signalTo(pid, 'SIGSTOP')
  await meanwhile()
  signalTo(pid, 'SIGCONT')
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Anything but "no such process" is told.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function one<Item>(items: readonly Item[], choice: SeededChoice): Item {
  const item = items[choice.between(0, items.length - 1)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}
