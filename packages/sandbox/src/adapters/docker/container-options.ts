import { PROXY_ENVIRONMENT } from '../../egress/relay-place.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { interpreterCommand } from '../../program/interpreter-command.ts'
import type { SandboxRules } from '../../program/sandbox-rules.ts'
import type { ResolvedSandboxImage } from './docker-backend-options.ts'
import type { ContainerOptions } from './docker-client.ts'
import type { DockerRuntime } from './docker-runtime.ts'
import { SECCOMP_PROFILE } from './seccomp-profile.ts'

/** What one container is for. */
export interface ContainerPurpose {
  readonly language: SandboxLanguage
  readonly image: ResolvedSandboxImage
  readonly runtime: DockerRuntime
  readonly rules: SandboxRules
  readonly memoryLimitBytes: number
  readonly stackLimitBytes: number
  /** Whether a proxy listens in the container. */
  readonly hasEgress: boolean
  readonly labels: Readonly<Record<string, string>>
}

/**
 * A container without network, capabilities, new privileges, writable root, shared memory, host mounts or logs, run as nobody,
 * with `/tmp` in memory as the only place to write, from which nothing can be executed.
 */
export function containerOptions(purpose: ContainerPurpose): ContainerOptions {
  const { image, runtime, rules, memoryLimitBytes, stackLimitBytes } = purpose
  const { diskLimitBytes, inodeLimit, openFilesLimit, pidsLimit, cpus } = rules
  // Older gVisor refuses a mount with an option that it does not know.
  const inodes = runtime === 'runc' ? `,nr_inodes=${inodeLimit}` : ''
  return {
    Image: image.image,
    Entrypoint: [...interpreterCommand(purpose.language, image.interpreter, memoryLimitBytes)],
    Cmd: [],
    Env: [
      'PATH=/usr/bin:/bin',
      'HOME=/tmp/work',
      'LANG=C.UTF-8',
      ...(purpose.hasEgress ? PROXY_ENVIRONMENT : []),
    ],
    User: '65534:65534',
    Hostname: 'sandbox',
    WorkingDir: '/',
    NetworkDisabled: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    StopTimeout: 0,
    Labels: { ...purpose.labels },
    HostConfig: {
      Runtime: runtime,
      NetworkMode: 'none',
      IpcMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', `seccomp=${SECCOMP_PROFILE}`],
      PidsLimit: pidsLimit,
      Memory: memoryLimitBytes,
      MemorySwap: memoryLimitBytes,
      NanoCpus: Math.round(cpus * 1e9),
      Ulimits: [
        { Name: 'nofile', Soft: openFilesLimit, Hard: openFilesLimit },
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'stack', Soft: stackLimitBytes, Hard: stackLimitBytes },
        { Name: 'memlock', Soft: 65_536, Hard: 65_536 },
      ],
      Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,size=${diskLimitBytes},mode=1777${inodes}` },
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}
