import type { Clock } from '@golden-arch/core/time'
import { processStart } from '../../program/process-start.ts'
import { type ContainerOwner, isOrphan, SANDBOX_LABEL } from './container-owner.ts'
import type { DockerClient } from './docker-client.ts'
import type { EngineCalls } from './engine-calls.ts'
import { removeContainer } from './guest-container.ts'

/** What a look for orphans needs. */
export interface OrphanSearch {
  readonly docker: DockerClient
  readonly engine: EngineCalls
  readonly clock: Clock
  readonly self: ContainerOwner
  readonly graceMs: number
  /** Whether a container of this backend is in use, or being removed already. */
  readonly isKnown: (id: string) => boolean
}

/**
 * Removes the containers of owners that are gone, and returns how many. One that cannot be removed does not keep the
 * others.
 * @throws SandboxError `SANDBOX_INFRA` where the engine does not list containers, or some could not be removed.
 */
export async function reapOrphans(search: OrphanSearch): Promise<number> {
  const { docker, engine, clock, self, graceMs, isKnown } = search
  const listed = await engine.ask('list containers', () =>
    docker.listContainers({ all: true, filters: { label: [SANDBOX_LABEL] } }),
  )
  const nowMs = clock.now().getTime()
  const orphans = listed.filter(({ Id, Labels }) =>
    isOrphan(Labels, { self, nowMs, isKnown: isKnown(Id), graceMs, processStart }),
  )
  const removals = await Promise.allSettled(
    orphans.map(({ Id }) => removeContainer(docker.getContainer(Id), engine, clock)),
  )
  for (const removal of removals) if (removal.status === 'rejected') throw removal.reason
  return orphans.length
}
