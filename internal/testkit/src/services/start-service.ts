import { startComposeService } from '../compose/compose-service.ts'
import { fetchDebianPrograms } from '../programs/debian-packages.ts'
import { fetchEmbeddedPostgres } from '../programs/embedded-postgres.ts'
import { findInstalledPrograms } from '../programs/installed-programs.ts'
import { areProgramsNamed, findNamedPrograms } from '../programs/named-programs.ts'
import type { Programs } from '../programs/programs.ts'
import type { PrivateServer } from '../server/private-server.ts'
import { startPrivateServer } from '../server/private-server.ts'
import type { StartedService, Way } from '../service.ts'
import type { FailedWay } from '../service-error.ts'
import { reasonOf, ServiceUnavailableError } from '../service-error.ts'
import type { StartPlan } from '../start-plan.ts'
import { allowedWays } from './allowed-ways.ts'

/** Starts a service of our own by the first way that works; throws {@link ServiceUnavailableError} when none does. */
export async function startService(plan: StartPlan): Promise<StartedService> {
  const allowed = allowedWays()
  const failed: FailedWay[] = []
  for (const { way, start } of waysToStart(plan)) {
    if (!allowed.has(way)) continue
    try {
      return await start()
    } catch (error) {
      failed.push({ way, reason: reasonOf(error) })
    }
  }
  throw new ServiceUnavailableError(plan.name, failed)
}

interface WayToStart {
  readonly way: Way
  start(): Promise<StartedService>
}

function waysToStart(plan: StartPlan): readonly WayToStart[] {
  const { name, major, needsRecipe = false } = plan
  // A wanted version is another matter than which server the tests get.
  if (major === undefined && areProgramsNamed(name)) {
    return [{ way: 'named', start: () => startPrograms(plan, findNamedPrograms(name)) }]
  }
  const embedded: WayToStart = { way: 'npm', start: () => startPrograms(plan, fetchEmbeddedPostgres(major)) }
  const compose: WayToStart = { way: 'compose', start: () => startComposeService(plan) }
  return [
    ...(needsRecipe ? [] : [compose]),
    { way: 'installed', start: () => startPrograms(plan, findInstalledPrograms(name, major)) },
    { way: 'debian', start: () => startPrograms(plan, fetchDebianPrograms(name, major)) },
    ...(name === 'postgres' ? [embedded] : []),
  ]
}

async function startPrograms(plan: StartPlan, finding: Promise<Programs>): Promise<StartedService> {
  const programs = await finding
  const server: PrivateServer = await startPrivateServer(plan.recipe(programs))
  return {
    name: plan.name,
    address: plan.address(server.port),
    version: server.version,
    how: programs.how,
    stop: server.stop,
    kill: server.kill,
    restart: server.restart,
  }
}
