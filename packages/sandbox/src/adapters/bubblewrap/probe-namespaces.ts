import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome } from '../../execution-result.ts'
import { openInterfaces } from '../../program/open-interfaces.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { GUEST_USER_ID } from './bubblewrap-arguments.ts'

/** Begins the part that tells of the network. */
const NETWORK_HEAD = 'Inter-|'
const WRITABLE = 'the root is writable'
const PATHS = ['/proc/self/status', '/proc/net/dev'] as const

/** Programs that show where they run, one for each language that the backend knows. */
export const PROBES: Readonly<Partial<Record<SandboxLanguage, string>>> = {
  python: [
    `try: print(open('/probe', 'w') and '${WRITABLE}')`,
    'except OSError: pass',
    ...PATHS.map((path) => `print(open('${path}').read())`),
  ].join('\n'),
  javascript: [
    `try { require('fs').writeFileSync('/probe', ''); console.log('${WRITABLE}') } catch {}`,
    ...PATHS.map((path) => `console.log(require('fs').readFileSync('${path}', 'utf8'))`),
  ].join('\n'),
  shell: `(: > /probe) 2> /dev/null && echo '${WRITABLE}'\ncat ${PATHS.join(' ')}`,
}

/**
 * Checks what a probe saw: that it ran, as nobody, without capabilities, under a filter of system calls, without a way to get
 * privileges, a root to write to or a network.
 * @throws SandboxError `SANDBOX_INFRA` where one of them does not hold.
 */
export function checkProbe(
  { status, stdout, stderr }: Pick<GuestOutcome, 'status' | 'stdout' | 'stderr'>,
  language: SandboxLanguage,
): void {
  const refuse = (what: string): never => {
    throw SandboxError.infra(`the probe in ${language} ${what}`)
  }
  if (status !== 'completed') refuse(`ended with ${status}: ${stderr.trim().slice(-300)}`)
  if (stdout.includes(WRITABLE)) refuse('could write to the root')
  const [facts = '', network] = stdout.split(NETWORK_HEAD)
  const fact = (name: string): string => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(facts)?.[1] ?? ''
  const users = new Set([...fact('Uid').split(/\s+/), ...fact('Gid').split(/\s+/)])
  if (users.size !== 1 || !users.has(String(GUEST_USER_ID))) refuse(`ran as ${[...users].join(', ')}`)
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
    if (!/^0+$/.test(fact(set))) refuse(`had capabilities: ${set} ${fact(set)}`)
  }
  if (fact('NoNewPrivs') !== '1') refuse('could have got privileges')
  if (fact('Seccomp') !== '2') refuse('ran without a filter of system calls')
  if (network === undefined) refuse('did not see its network')
  const open = openInterfaces(network ?? '')
  if (open.length > 0) refuse(`has a network: ${open.join(', ')}`)
}
