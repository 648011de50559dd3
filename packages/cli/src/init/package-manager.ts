import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from '../cli-error.ts'

const LOCKFILES = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
] as const

/** A program that installs packages. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

const MANAGERS = ['npm', 'pnpm', 'yarn', 'bun'] as const
const INSTALL_TIMEOUT_MS = 600_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/**
 * The package manager of the application in `folder`: by the member `packageManager` of its package.json, by the lockfile
 * that is nearest, by what has called us, or npm.
 */
export function findPackageManager(
  folder: string,
  manifestText: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): PackageManager {
  const stated = /"packageManager"\s*:\s*"(\w+)@/.exec(manifestText ?? '')?.[1]
  const caller = /^(\w+)\//.exec(environment.npm_config_user_agent ?? '')?.[1]
  return named(stated) ?? byLockfile(folder) ?? named(caller) ?? 'npm'
}

/** Where packages are installed, and what ends it. */
export interface InstallSurroundings {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/**
 * Lets the package manager install what package.json names.
 * @throws CliError `INSTALL_FAILED`.
 */
export async function installPackages(
  manager: PackageManager,
  { folder, environment, signal }: InstallSurroundings,
): Promise<void> {
  try {
    await promisify(execFile)(manager, ['install'], {
      cwd: folder,
      env: environment,
      signal,
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      // On Windows package managers are scripts, which need a shell. None of these words is anybody's input.
      shell: process.platform === 'win32',
    })
  } catch (cause) {
    if (signal.aborted) throw cause
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    const reason = output.split('\n').slice(-5).join('\n') || (cause instanceof Error ? cause.message : '')
    throw new CliError({
      code: 'INSTALL_FAILED',
      message: `the files are written, and ${manager} install failed: ${reason}`,
      details: { packageManager: manager },
      cause,
    })
  }
}

function named(name: string | undefined): PackageManager | undefined {
  return MANAGERS.find((one) => one === name)
}

function byLockfile(start: string): PackageManager | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = LOCKFILES.find(([file]) => existsSync(join(folder, file)))
    if (found !== undefined) return found[1]
    if (folder === dirname(folder)) return undefined
  }
}
