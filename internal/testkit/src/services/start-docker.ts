import type { StartedService } from '../service.ts'
import { askDockerVersion, type DockerSocket, dockerAddress, dockerRecipe } from './docker-recipe.ts'
import { startService } from './start-service.ts'

/**
 * Starts a Docker engine of our own, at least 20.10, with the runtimes `runc` and `runsc` and without a network; never
 * the machine's own, nor the one of `DOCKER_HOST`. Needs root and Linux. Stop it in the end; should this process die
 * first, the engine dies with it. Throws `ServiceUnavailableError`.
 */
export function startDocker(): Promise<StartedService> {
  const socket: DockerSocket = { path: '' }
  return startService({
    name: 'docker',
    password: '',
    needsRecipe: true,
    recipe: (programs) => dockerRecipe(programs, socket),
    address: () => dockerAddress(socket),
    askVersion: askDockerVersion,
  })
}
