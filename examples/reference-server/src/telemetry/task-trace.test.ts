import { temporaryFolder } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { callServer, demoTask, signInAt } from '../testing/server-client.ts'
import { startServerProcess } from '../testing/server-process.ts'
import { expectTaskTrace, problemsOfTrace } from './testing/check-task-trace.ts'
import { startTraceCollector } from './testing/trace-collector.ts'

/** What a process may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 300_000
const MODEL = 'a-model'
const PASSWORD = 'a lantern for seven otters'

it('one trace tells of a task from its request over messages and steps to model and sandbox', {
  timeout: SLOW_MS,
}, async () => {
  const collector = await startTraceCollector()
  const folder = await temporaryFolder('traces')
  const server = startServerProcess({
    ...collector.environment,
    DATA_DIR: folder.path,
    MODEL_NAME: MODEL,
    LOG_LEVEL: 'debug',
    ADMIN_PASSWORD: PASSWORD,
    RATE_LIMITS: 'admin=100000,anonymous=100000',
  })
  try {
    const address = await server.said(/listens on (\S+)/)
    const token = await signInAt(address, 'admin', PASSWORD)
    const body = demoTask('line-diff')
    expect((await callServer(address, 'POST', '/api/v1/tasks', { token, body })).status).toBe(202)
    const statusOf = async (): Promise<unknown> =>
      (await callServer(address, 'GET', '/api/v1/tasks/line-diff', { token })).body?.status
    await expect.poll(statusOf, { timeout: SLOW_MS, interval: 200 }).toBe('completed')
    await expect.poll(() => problemsOfTrace(collector.spans), { timeout: SLOW_MS, interval: 200 }).toEqual([])
    server.child.kill('SIGTERM')
    expect(await server.exit, server.output()).toEqual({ code: 0, signal: null })
    const trace = expectTaskTrace(collector.spans, MODEL)
    expect(new Set(trace.map(({ service }) => service))).toEqual(new Set(['golden-architecture']))
    const [post] = trace.filter(({ parentSpanId }) => parentSpanId === '')
    expect(linesOf(server.output())).toContainEqual(
      expect.objectContaining({
        msg: 'request answered',
        method: 'POST',
        route: '/api/v1/tasks',
        tenant_id: 'default',
        request_id: post?.attributes['golden_arch.request_id'],
        trace_id: post?.traceId,
        span_id: post?.spanId,
      }),
    )
  } finally {
    server.child.kill('SIGKILL')
    await server.exit
    await folder.remove()
    await collector.stop()
  }
})

/** The lines of the log in what a server has said: nothing else is said once it listens. */
function linesOf(output: string): readonly unknown[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.map((line): unknown => JSON.parse(line))
}
