import type { SandboxBackendName } from '../surroundings/configuration.ts'
import { type Finding, ok, skipped, wrong } from './finding.ts'
import { versionFinding } from './version-finding.ts'

const DOCKER_VERSIONS = { least: [20, 10] }
const BUBBLEWRAP_VERSIONS = { least: [0, 5] }

/** What this machine has for running code of models. */
export interface SandboxFacts {
  /** Version and runtimes of the Docker engine, or why it does not answer. */
  readonly docker:
    | { readonly version: string; readonly runtimes: readonly string[] }
    | { readonly absent: string }
  /** Version of bubblewrap; undefined where it is not there. */
  readonly bubblewrap: string | undefined
}

/** Judges what the machine has by what is asked of it; where nothing is asked, what is not there is no fault. */
export function sandboxFindings(
  facts: SandboxFacts,
  backend: SandboxBackendName | undefined,
): readonly Finding[] {
  switch (backend) {
    case 'quickjs':
      return [ok('sandbox.quickjs', 'QuickJS needs nothing of this machine')]
    case 'bubblewrap':
      return [bubblewrapFinding(facts)]
    default:
      return dockerFindings(facts, backend)
  }
}

function bubblewrapFinding({ bubblewrap }: SandboxFacts): Finding {
  if (bubblewrap === undefined) {
    const fix = 'apt-get install bubblewrap, or the like of your system'
    return wrong('error', 'sandbox.bubblewrap', 'bubblewrap is not installed', fix)
  }
  return versionFinding('sandbox.bubblewrap', 'bubblewrap', bubblewrap, BUBBLEWRAP_VERSIONS)
}

function dockerFindings(
  { docker }: SandboxFacts,
  backend: SandboxBackendName | undefined,
): readonly Finding[] {
  if ('absent' in docker) {
    if (backend === undefined) return [skipped('sandbox.docker', `no Docker here (${docker.absent})`)]
    const fix = 'start Docker, let DOCKER_HOST name it, or choose another sandboxBackend'
    return [wrong('unreachable', 'sandbox.docker', `Docker does not answer: ${docker.absent}`, fix)]
  }
  const found = versionFinding('sandbox.docker', 'Docker', docker.version, DOCKER_VERSIONS)
  if (docker.runtimes.includes('runsc')) return [found, ok('sandbox.gvisor', 'gVisor is there (runsc)')]
  const message = 'gVisor is not there: no runtime is named runsc'
  const fix =
    'install gVisor (https://gvisor.dev/docs/user_guide/install/), then runsc install and restart Docker'
  if (backend === undefined) return [found, skipped('sandbox.gvisor', message)]
  return [found, wrong(backend === 'docker-gvisor' ? 'error' : 'warning', 'sandbox.gvisor', message, fix)]
}
