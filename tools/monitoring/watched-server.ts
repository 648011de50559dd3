import { silentLogger } from '@golden-arch/core/observability'
import { sleep } from '@golden-arch/core/time'
import { temporaryFolder } from '@golden-arch/testkit'
import { readConfiguration } from '../../examples/reference-server/src/configuration.ts'
import { serve } from '../../examples/reference-server/src/serve.ts'
import { addingTask, RIGHT } from '../../examples/reference-server/src/stories/testing/adding.ts'
import { allApprove, says } from '../../examples/reference-server/src/stories/testing/model-lines.ts'
import { personAt } from '../../examples/reference-server/src/stories/testing/person.ts'
import type { Person } from '../../examples/reference-server/src/stories/testing/story.ts'
import { startStoryModels } from '../../examples/reference-server/src/stories/testing/story-models.ts'
import { openTogether } from '../../examples/reference-server/src/testing/open-together.ts'

const ADMIN = { username: 'ada', password: 'a lantern for seven otters' }
/** More tasks than any run of the test posts. */
const MAX_TASKS = 500
const PROJECT = 'coding-tasks'
const PAUSE_MS = 100

/** A server under a small load, until it is stopped. */
export interface WatchedServer {
  /** Where its metrics are. */
  readonly metricsUrl: string
  stop(): Promise<void>
}

/** Starts a server, embedded but for a Redis of its own, and has it do a little of all that it does, over and over. */
export async function startWatchedServer(redisUrl: string): Promise<WatchedServer> {
  return await openTogether(async (closeLater) => {
    const ids = Array.from({ length: MAX_TASKS }, (_, index) => `watched-${index}`)
    const lines = ids.flatMap((id) => [says(id, 'generate', 1, RIGHT), ...allApprove(id, 1)])
    const models = await startStoryModels([{ title: 'a small load', lines, tell: async () => undefined }])
    closeLater(() => models.stop())
    const folder = await temporaryFolder('watched')
    closeLater(() => folder.remove())
    const configuration = readConfiguration({
      ...models.environment,
      MODEL_PRICES: 'USD,first=0.15/0.60,reserve=0.15/0.60',
      DATA_DIR: folder.path,
      REDIS_URL: redisUrl,
      PORT: '0',
      METRICS_PORT: '0',
      ADMIN_USERNAME: ADMIN.username,
      ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMITS: 'admin=100000,anonymous=100000',
    })
    const server = await serve(configuration, silentLogger)
    closeLater(() => server.stop())
    const ending = new AbortController()
    const load = keepBusy(await personAt(String(server.address), ADMIN), ids, ending.signal)
    closeLater(async () => {
      ending.abort()
      await load
    })
    return { metricsUrl: String(server.watchAddress) }
  })
}

/** Round after round; a call that is lost is made good by the next round. */
async function keepBusy(ada: Person, ids: readonly string[], signal: AbortSignal): Promise<void> {
  for (const id of ids) {
    if (signal.aborted) return
    await workOn(id, ada, signal).catch(() => undefined)
  }
}

/** A task, a call for budget, a look around, and somebody who gets the password wrong. */
async function workOn(id: string, ada: Person, signal: AbortSignal): Promise<void> {
  await ada.post('/api/v1/tasks', addingTask(id))
  const call = { project_id: PROJECT, request_id: id, tokens: 100 }
  for (const _again of ['asked', 'asked again']) await ada.post('/api/v1/budget/request', call)
  await ada.post('/api/v1/budget/commit', { ...call, usage: { total_tokens: 50 } })
  await ada.get('/stats')
  await ada.post('/api/v1/auth/login', { username: 'nobody', password: 'not the right one' })
  while (!signal.aborted && (await ada.get(`/api/v1/tasks/${id}`)).body?.status !== 'completed') {
    await sleep(PAUSE_MS)
  }
}
