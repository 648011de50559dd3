import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IsolationLevel, SandboxExecutor } from '@golden-arch/sandbox'
import { z } from 'zod'
import { testProgram, testResultOf } from './test-program.ts'

/** What gVisor says of itself in /proc/version, in every release. */
const GVISOR_KERNEL = 'Sun Jan 10 15:06:54 PST 2016'
/** What a host has and an interpreter in WebAssembly has not. */
const HOST_NAMES = ['process', 'require', 'WebAssembly', 'fetch', 'importScripts', 'Deno', 'Bun']
/** Variables that the server has and no guest is given. */
const SERVER_VARIABLES = /^(DATABASE|REDIS|NATS|JWT|MODEL|ADMIN|KEY_ENCRYPTION|AUDIT|ALERT)_/
const TIMEOUT_MS = 60_000

const sightSchema = z.strictObject({
  returned: z.strictObject({
    /** Names of the host that an interpreter without one sees. */
    names: z.array(z.string()),
    /** What it read where the host has laid its bait. */
    bait: z.string().nullable(),
    variables: z.array(z.string()),
    interfaces: z.array(z.string()),
    kernel: z.string(),
  }),
})

/** The text of a program that looks for ways out of where it runs and tells what it sees. */
function lookout(baitPath: string): string {
  return `
    const names = (look) => look.filter((name) => {
      try { return Function('return typeof ' + name)() !== 'undefined' } catch { return false }
    })
    const seen = { names: names(${JSON.stringify(HOST_NAMES)}), bait: null, variables: [], interfaces: [], kernel: '' }
    // A function that the host has put there may lead into the host's own realm.
    for (const key of Object.getOwnPropertyNames(globalThis)) {
      try {
        if (globalThis[key].constructor('return typeof process')() !== 'undefined') seen.names.push(key)
      } catch {}
    }
    if (typeof require !== 'function') return seen
    const fs = require('fs')
    try { seen.bait = fs.readFileSync(${JSON.stringify(baitPath)}, 'utf8') } catch {}
    try { seen.kernel = fs.readFileSync('/proc/version', 'utf8') } catch {}
    seen.variables = Object.keys(process.env)
    // Where even asking is forbidden, what has carried a byte is told all the same.
    try {
      for (const [name, addresses] of Object.entries(require('os').networkInterfaces())) {
        if (addresses.some(({ internal }) => !internal)) seen.interfaces.push(name)
      }
    } catch {
      for (const [, name, counts] of fs.readFileSync('/proc/net/dev', 'utf8').matchAll(/^ *([^ :]+):(.*)$/gm)) {
        if (name !== 'lo' && /[1-9]/.test(counts)) seen.interfaces.push(name)
      }
    }
    return seen`
}

/**
 * Runs a program that looks for ways out of the sandbox and names those that it found; none is as it must be. It sees what
 * has changed beside the sandbox, such as an engine that gives guests a network, and no flaw that nobody knows of.
 * @throws SandboxError by code, and Error, where the program could not run: then nothing is proven.
 */
export async function findWaysOut(
  sandbox: Pick<SandboxExecutor, 'execute'>,
  isolation: IsolationLevel,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'golden-arch-bait-'))
  try {
    const path = join(folder, 'bait')
    const bait = randomUUID()
    await writeFile(path, bait)
    const result = await sandbox.execute(
      {
        executionId: randomUUID(),
        tenantId: 'isolation-proof',
        priority: 'high',
        language: 'javascript',
        code: testProgram('', lookout(path)),
        limits: { timeoutMs: TIMEOUT_MS },
      },
      { signal },
    )
    const seen = result.status === 'completed' ? sightSchema.safeParse(testResultOf(result)) : undefined
    if (seen?.success !== true) throw new Error(`the proof of isolation ended with ${result.status}`)
    const { names, variables, interfaces, kernel, ...read } = seen.data.returned
    const isProcess = isolation !== 'wasm' && isolation !== 'best-effort'
    return [
      ...(isProcess ? [] : names.map((name) => `the host's ${name}`)),
      ...(read.bait === bait ? ['a file of the host'] : []),
      ...variables.filter((name) => SERVER_VARIABLES.test(name)).map((name) => `the variable ${name}`),
      ...interfaces.map((name) => `the network ${name}`),
      ...(isolation === 'gvisor' && !kernel.includes(GVISOR_KERNEL) ? ['a kernel that is not gVisor'] : []),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
