import { freePort } from '../server/free-port.ts'
import type { StartedService } from '../service.ts'
import { ServiceUnavailableError } from '../service-error.ts'
import { askNatsVersion, natsAddress, natsRecipe } from './nats-recipe.ts'
import { startService } from './start-service.ts'

/** Somebody else may take a port between its choice and its use. */
const TURNS = 4

/**
 * Starts nats-servers of our own that are one cluster, on loopback. They answer when this resolves; who leads their
 * streams they may still be settling. Stop each in the end. Throws `ServiceUnavailableError`.
 */
export async function startNatsCluster(size: 3 | 5): Promise<readonly StartedService[]> {
  for (let turn = 1; ; turn++) {
    const ports = await distinctPorts(size)
    const results = await Promise.allSettled(ports.map((port) => startOne(port, ports)))
    const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (started.length === size) return started
    await Promise.all(started.map((one) => one.stop()))
    const reasons: readonly unknown[] = results.flatMap((one) =>
      one.status === 'rejected' ? [one.reason] : [],
    )
    const isTaken = reasons.every(
      (one) => one instanceof ServiceUnavailableError && /in use/i.test(one.message),
    )
    if (!isTaken || turn === TURNS) throw reasons[0]
  }
}

function startOne(port: number, all: readonly number[]): Promise<StartedService> {
  return startService({
    name: 'nats',
    password: '',
    // The image of compose.yaml is one server, told by its arguments alone.
    needsRecipe: true,
    recipe: (programs) => natsRecipe(programs, false, { routes: { port, all } }),
    address: natsAddress,
    askVersion: askNatsVersion,
  })
}

async function distinctPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
