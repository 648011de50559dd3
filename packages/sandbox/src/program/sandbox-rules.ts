import { requireInteger, requireNumber, withDefaults } from '@golden-arch/core/errors'
import { DEFAULT_FILE_BOUNDS, type FileBounds, requireFileBounds } from '../file-bounds.ts'

const MIB = 1_048_576

/** Rules of every sandbox of a backend that runs whole programs, beyond the limits that one execution may ask for. */
export interface SandboxRules extends FileBounds {
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
}

/** Rules as given: what is left out has its default. */
export type SandboxRulesOptions<Rules = SandboxRules> = {
  readonly [Name in keyof Rules]?: Rules[Name] | undefined
}

/** The values used where none are given. */
const DEFAULT_SANDBOX_RULES = Object.freeze({
  ...DEFAULT_FILE_BOUNDS,
  cpus: 1,
  pidsLimit: 64,
  diskLimitBytes: 64 * MIB,
  inodeLimit: 4096,
  openFilesLimit: 256,
})

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveSandboxRules(rules: SandboxRulesOptions = {}, pidsLimit = 64): SandboxRules {
  const resolved = withDefaults(rules, { ...DEFAULT_SANDBOX_RULES, pidsLimit }, 'rules.')
  const integer = (name: keyof SandboxRules, min: number, max: number): number =>
    requireInteger(`rules.${name}`, resolved[name], { min, max })
  requireNumber('rules.cpus', resolved.cpus, { min: 0.1, max: 64 })
  integer('pidsLimit', 8, 4096)
  integer('diskLimitBytes', MIB, 4096 * MIB)
  integer('inodeLimit', 64, 1_000_000)
  integer('openFilesLimit', 32, 65_536)
  requireFileBounds(resolved)
  return resolved
}
