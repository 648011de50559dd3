import type { SandboxLanguage } from '../execution-request.ts'
import { NODE_SHIM } from './shims/node-shim.ts'
import { PYTHON_SHIM } from './shims/python-shim.ts'
import { SHELL_SHIM } from './shims/shell-shim.ts'

const MIB = 1_048_576

/** The command that starts an interpreter with its shim, waiting for a program. */
export function interpreterCommand(
  language: SandboxLanguage,
  interpreter: string,
  memoryLimitBytes: number,
): readonly string[] {
  if (language === 'python') return [interpreter, '-I', '-S', '-B', '-c', PYTHON_SHIM]
  if (language === 'shell') return [interpreter, '-c', SHELL_SHIM]
  // The control group ends the process before the engine's own heap limit does, so that the cause can be told.
  return [interpreter, `--max-old-space-size=${Math.ceil(memoryLimitBytes / MIB)}`, '-e', NODE_SHIM]
}
