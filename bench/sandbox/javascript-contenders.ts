import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { hello, overshoot } from './backend-runs.ts'
import { type Contender, OVERSHOOT_LIMIT_MS, timed } from './contender.ts'

const run = promisify(execFile)
const MEMORY_LIMIT_MEBIBYTES = 32

/** QuickJS, warm and cold, and a bare Node process. */
export async function quickJsContenders(): Promise<readonly Contender[]> {
  const backend = new QuickJsBackend({ maxConcurrent: 2 })
  await backend.prepare()
  return [
    {
      name: 'QuickJS backend, warm',
      once: () => hello(backend, 'javascript'),
      overshoot: () => overshoot(backend, 'javascript'),
      close: () => backend.close(),
    },
    {
      name: 'QuickJS backend, cold',
      once: async () => {
        const cold = new QuickJsBackend({ maxConcurrent: 1 })
        const elapsedMs = await hello(cold, 'javascript')
        await cold.close()
        return elapsedMs
      },
    },
    {
      name: 'a bare Node process',
      once: () => timed(() => run(process.execPath, ['-e', 'console.log(1)'])),
    },
  ]
}

/** isolated-vm, in a new isolate and in a new context of one that is there; none where it has no binary for this machine. */
export async function isolatedVmContenders(): Promise<readonly Contender[]> {
  const ivm = await import('isolated-vm').then(
    (module) => module.default,
    (cause: unknown) => console.log(`isolated-vm does not load here: ${String(cause)}`),
  )
  if (ivm === undefined) return []
  const isolateOf = (): InstanceType<typeof ivm.Isolate> =>
    new ivm.Isolate({ memoryLimit: MEMORY_LIMIT_MEBIBYTES })
  const runIn = async (
    isolate: InstanceType<typeof ivm.Isolate>,
    code: string,
    timeout: number,
  ): Promise<unknown> => {
    const context = await isolate.createContext()
    const result: unknown = await context.eval(code, { timeout })
    context.release()
    return result
  }
  const shared = isolateOf()
  return [
    { name: 'isolated-vm, new context', once: () => timed(() => runIn(shared, '1', 60_000)) },
    {
      name: 'isolated-vm, new isolate',
      once: async () => {
        const isolate = isolateOf()
        const elapsedMs = await timed(() => runIn(isolate, '1', 60_000))
        isolate.dispose()
        return elapsedMs
      },
      overshoot: async () => {
        const isolate = isolateOf()
        const elapsedMs = await timed(() => runIn(isolate, 'for (;;);', OVERSHOOT_LIMIT_MS).catch(() => {}))
        isolate.dispose()
        return elapsedMs - OVERSHOOT_LIMIT_MS
      },
      close: async () => shared.dispose(),
    },
  ]
}
