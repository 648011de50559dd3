import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'

const MIB = 1_048_576

/** Rules of every sandbox of a backend that runs whole programs, beyond the limits that one execution may ask for. */
export interface SandboxRules {
  /** Processors, 0.1 to 64. Default 1. */
  readonly cpus: number
  /** Processes and threads, 8 to 4096. Default 64, and 256 with gVisor, which counts its own. */
  readonly pidsLimit: number
  /** Bytes of `/tmp`, which holds the work folder, 1 MiB to 4 GiB. Default 64 MiB. They count as memory, too. */
  readonly diskLimitBytes: number
  /** Files and folders below `/tmp`, 64 to 1000000. Default 4096. gVisor does not enforce it: memory is its bound. */
  readonly inodeLimit: number
  /** Open files of a process, 32 to 65536. Default 256. */
  readonly openFilesLimit: number
  /** Bytes of all files that come back, 0 to 256 MiB. Default 20 MiB. */
  readonly filesLimitBytes: number
  /** Files that come back, 0 to 10000. Default 256. */
  readonly maxFiles: number
}

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveSandboxRules(rules: Partial<SandboxRules> = {}, defaultPidsLimit = 64): SandboxRules {
  const cpus = rules.cpus ?? 1
  if (typeof cpus !== 'number' || !(cpus >= 0.1 && cpus <= 64)) {
    throw new InvalidOptionError('rules.cpus', 'a number from 0.1 to 64', cpus)
  }
  const integer = (name: keyof SandboxRules, value: number, min: number, max: number): number =>
    requireInteger(`rules.${name}`, rules[name] ?? value, { min, max })
  return {
    cpus,
    pidsLimit: integer('pidsLimit', defaultPidsLimit, 8, 4096),
    diskLimitBytes: integer('diskLimitBytes', 64 * MIB, MIB, 4096 * MIB),
    inodeLimit: integer('inodeLimit', 4096, 64, 1_000_000),
    openFilesLimit: integer('openFilesLimit', 256, 32, 65_536),
    filesLimitBytes: integer('filesLimitBytes', 20 * MIB, 0, 256 * MIB),
    maxFiles: integer('maxFiles', 256, 0, 10_000),
  }
}
