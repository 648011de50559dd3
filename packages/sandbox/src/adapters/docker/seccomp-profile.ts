import { ALLOWED_SYSTEM_CALLS, NAMESPACE_FLAGS, SOCKET_FAMILIES } from '../../program/allowed-system-calls.ts'

/** A rule of a seccomp profile in the engine's format. */
interface SeccompRule {
  readonly names: readonly string[]
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO'
  readonly errnoRet?: number
  readonly args?: readonly {
    readonly index: number
    readonly value: number
    readonly valueTwo?: number
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ'
  }[]
}

const ENOSYS = 38

const allow = (...names: readonly string[]): SeccompRule => ({ names, action: 'SCMP_ACT_ALLOW' })

const RULES: readonly SeccompRule[] = [
  allow(...ALLOWED_SYSTEM_CALLS),
  ...SOCKET_FAMILIES.map(
    (value): SeccompRule => ({ ...allow('socket'), args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] }),
  ),
  {
    ...allow('clone'),
    args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  // Its flags are in memory, where a filter cannot look; told that there is no such call, C libraries take clone.
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
]

/**
 * The system calls of a guest, as an allow-list in JSON: what interpreters use, without namespaces, mounts, tracing, keys, BPF,
 * modules, performance events, user fault handling, System V and POSIX queues, io_uring, and sockets but local and
 * internet ones. gVisor has system calls of its own and takes no notice of it.
 */
export const SECCOMP_PROFILE: string = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
  syscalls: RULES,
})
