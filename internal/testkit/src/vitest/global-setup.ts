import type { TestProject } from 'vitest/node'
import { makeRunFolder } from '../run-folder.ts'
import type { ServiceName } from '../service.ts'
import { SERVICE_NAMES } from '../service.ts'
import { reasonOf } from '../service-error.ts'
import { provideService } from '../services/provide-service.ts'
import { neededServices } from './needed-services.ts'
import type { ProvidedAnswer, ProvidedServices } from './provided-services.ts'

/**
 * Starts the services that the selected test files ask for, tells the files where they are, and stops them after the run.
 * The folder that the files share is there as long.
 */
export default async function setUpServices(project: TestProject): Promise<() => Promise<void>> {
  const needed = neededServices(project.vitest.state.getPaths())
  const releases: (() => Promise<void>)[] = [await makeRunFolder()]
  const answerFor = async (name: ServiceName): Promise<ProvidedAnswer> => {
    if (!needed.has(name)) return { state: 'not asked' }
    try {
      const { service, release } = await provideService(name)
      releases.push(release)
      return { state: 'running', address: service.address, version: service.version, how: service.how }
    } catch (error) {
      return { state: 'unavailable', reason: reasonOf(error) }
    }
  }
  const answers = await Promise.all(SERVICE_NAMES.map(async (name) => [name, await answerFor(name)] as const))
  // One entry was made for each name above.
  project.provide('services', Object.fromEntries(answers) as ProvidedServices)
  return async () => {
    await Promise.all(releases.map((release) => release()))
  }
}
