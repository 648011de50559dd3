import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { SandboxError } from '../../sandbox-error.ts'
import { type WasmModule, wasmEngine } from './wasm-engine.ts'

/**
 * Reads and compiles the interpreter; its machine code is then shared by every worker it is sent to.
 * @throws SandboxError `SANDBOX_INFRA` where the file is missing or cannot be compiled.
 */
export async function loadInterpreter(): Promise<WasmModule> {
  try {
    const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
    return await wasmEngine.compile(await readFile(path))
  } catch (cause) {
    throw SandboxError.infra('the QuickJS interpreter could not be loaded', cause)
  }
}
