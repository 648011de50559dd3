import { fetchDebianPrograms } from '../programs/debian-packages.ts'
import { findInstalledPrograms } from '../programs/installed-programs.ts'
import { areProgramsNamed, findNamedPrograms } from '../programs/named-programs.ts'
import type { Programs } from '../programs/programs.ts'
import type { ServiceName } from '../service.ts'
import { type FailedWay, reasonOf, ServiceUnavailableError } from '../service-error.ts'
import { allowedWays } from './allowed-ways.ts'

/**
 * Finds the programs of a service that is no server, those that the environment names, else on this machine or in Debian
 * packages, and gives what `use` makes of the first that it does not throw for. Throws `ServiceUnavailableError`.
 */
export async function findPrograms<T>(
  name: ServiceName,
  use: (programs: Programs) => Promise<T>,
): Promise<T> {
  const allowed = allowedWays()
  const failed: FailedWay[] = []
  const ways = areProgramsNamed(name)
    ? ([['named', findNamedPrograms]] as const)
    : ([
        ['installed', findInstalledPrograms],
        ['debian', fetchDebianPrograms],
      ] as const)
  for (const [way, find] of ways) {
    if (!allowed.has(way)) continue
    try {
      return await use(await find(name))
    } catch (error) {
      failed.push({ way, reason: reasonOf(error) })
    }
  }
  throw new ServiceUnavailableError(name, failed)
}
