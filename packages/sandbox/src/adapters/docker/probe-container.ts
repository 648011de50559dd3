import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome } from '../../execution-result.ts'
import { openInterfaces } from '../../program/open-interfaces.ts'
import { SandboxError } from '../../sandbox-error.ts'
import type { DockerRuntime } from './docker-runtime.ts'

/** What gVisor says of itself in /proc/version, in every release. */
const GVISOR_BUILD = 'Sun Jan 10 15:06:54 PST 2016'

const PATHS = ['/proc/version', '/proc/net/dev'] as const

/** Programs that show where they run, one for each language that has images. */
export const PROBES: Readonly<Partial<Record<SandboxLanguage, string>>> = {
  python: PATHS.map((path) => `print(open('${path}').read())`).join('\n'),
  javascript: PATHS.map((path) => `console.log(require('fs').readFileSync('${path}', 'utf8'))`).join('\n'),
  shell: `cat ${PATHS.join(' ')}`,
}

/**
 * Checks what a probe saw: that it ran, in gVisor where that was asked for, and without a network.
 * @throws SandboxError `SANDBOX_INFRA` where it did not run or has a network; IsolationUnavailableError
 * `SANDBOX_ISOLATION_UNAVAILABLE` where it did not run in gVisor.
 */
export function checkProbe(
  outcome: Pick<GuestOutcome, 'status' | 'stdout' | 'stderr'>,
  runtime: DockerRuntime,
  language: SandboxLanguage,
  backend: string,
): void {
  const { status, stdout, stderr } = outcome
  if (status !== 'completed') {
    throw SandboxError.infra(`the probe in ${language} ended with ${status}: ${stderr.slice(-300)}`)
  }
  if (runtime === 'runsc' && !stdout.includes(GVISOR_BUILD)) {
    throw SandboxError.isolationUnavailable('gvisor', 'container', backend)
  }
  const open = openInterfaces(stdout)
  if (open.length > 0) throw SandboxError.infra(`the probe in ${language} has a network: ${open.join(', ')}`)
}
