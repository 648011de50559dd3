import { setTimeout as delay } from 'node:timers/promises'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { silentLogger } from '@golden-arch/core/observability'
import { type HumanRole, hashPassword, SqlUserStore } from '@golden-arch/core/security'
import { temporaryFolder } from '@golden-arch/testkit'
import { readConfiguration } from '../../../configuration.ts'
import { type OpenedContext, openServerContext } from '../../../open-server-context.ts'
import { serve, serveWith } from '../../../serve.ts'
import { addingTask } from '../../../stories/testing/adding.ts'
import { personAt } from '../../../stories/testing/person.ts'
import type { ModelLine, Person } from '../../../stories/testing/story.ts'
import { startStoryModels } from '../../../stories/testing/story-models.ts'
import { type OpenedTogether, openTogether } from '../../../testing/open-together.ts'
import { SCENE_TASKS, type SceneTask } from './scene-lines.ts'

/** A running server with something to see on each page of the console. */
export interface ConsoleScene {
  readonly address: string
  /** The password of all: the administrators `ada` and `olga`, and one person of each other role by its name. */
  readonly password: string
  readonly ada: Person
  readonly olga: Person
  /** Puts a message into a stream that no handler can read. */
  readonly poison: (name: string) => Promise<void>
  /** Posts a task and waits until it rests. */
  readonly work: (task: SceneTask) => Promise<void>
}

const PASSWORD = 'a lantern for seven otters'
const OTHER_ROLES: readonly HumanRole[] = ['operator', 'developer', 'observer']
const ASK_AGAIN_MS = 100
const PROMPT = '/api/v1/governance/prompts/architect'

/** Sets it: an embedded server with a scripted model. `furtherTasks` are those that are posted later. */
export function setConsoleScene(
  furtherTasks: readonly SceneTask[] = [],
): Promise<OpenedTogether<ConsoleScene>> {
  return openTogether(async (closeLater) => {
    const folder = await temporaryFolder('console')
    closeLater(() => folder.remove())
    const models = await startStoryModels([
      { title: 'scene', lines: linesOf([...SCENE_TASKS, ...furtherTasks]), tell: async () => undefined },
    ])
    closeLater(() => models.stop())
    const told = {
      ...models.environment,
      MODEL_PRICES: 'USD,first=3/15,reserve=1/5',
      DATA_DIR: folder.path,
      PORT: '0',
      ADMIN_PASSWORD: PASSWORD,
      RATE_LIMITS: ['admin', 'anonymous', ...OTHER_ROLES].map((role) => `${role}=100000`).join(','),
    }
    // A start makes its administrator: two of them make two.
    const before = await serve(readConfiguration({ ...told, ADMIN_USERNAME: 'olga' }), silentLogger)
    await before.stop()
    const configuration = readConfiguration({ ...told, ADMIN_USERNAME: 'ada' })
    const opened = await openServerContext(configuration, silentLogger)
    const server = await serveWith(opened, configuration)
    closeLater(() => server.stop())
    await addPeople(opened)
    const address = String(server.address)
    const ada = await personAt(address, { username: 'ada', password: PASSWORD })
    const olga = await personAt(address, { username: 'olga', password: PASSWORD })
    const scene: ConsoleScene = {
      address,
      password: PASSWORD,
      ada,
      olga,
      poison: async (name) => {
        const payload = new TextEncoder().encode(JSON.stringify(poisonOf(name)))
        await opened.context.broker.publish({ subject: 'task.created', messageId: name, payload })
      },
      work: (task) => work(ada, task),
    }
    await fill(scene)
    return scene
  })
}

function linesOf(tasks: readonly SceneTask[]): readonly ModelLine[] {
  return tasks.flatMap(({ lines }) => lines)
}

async function addPeople({ context: { database } }: OpenedContext): Promise<void> {
  const users = new SqlUserStore({ database, audit: new SqlAuditLog() })
  const passwordHash = await hashPassword(PASSWORD)
  for (const role of OTHER_ROLES) {
    const user = { tenantId: 'default', userId: role, name: role, role, passwordHash }
    await users.create(user, { id: 'scene', kind: 'service' })
  }
}

async function fill(scene: ConsoleScene): Promise<void> {
  const { ada, olga } = scene
  for (const task of SCENE_TASKS) await scene.work(task)
  for (const name of ['poison-1', 'poison-2', 'poison-3']) await scene.poison(name)
  await until(
    async () => (await ada.get('/stats')).body,
    ({ dlq }) => (dlq as { unresolved: number }).unresolved === 3,
  )
  const before = (await ada.get(PROMPT)).body ?? {}
  const content = `${String(before.content)}\nName what may go wrong, and who would notice.`
  await answered(
    olga.post('/api/v1/governance/proposals', {
      agent_role: 'architect',
      content,
      reason: 'plans forget what may go wrong',
    }),
  )
}

async function work(person: Person, { id, title, rests }: SceneTask): Promise<void> {
  await answered(person.post('/api/v1/tasks', { ...addingTask(id), title }))
  await until(
    async () => (await person.get(`/api/v1/tasks/${id}`)).body,
    ({ status }) => status === rests,
  )
}

/** An envelope as it must be, around data that no handler can read. */
function poisonOf(name: string): object {
  return {
    specversion: '1.0',
    id: name,
    source: '/scene',
    type: 'task.created',
    time: '2026-01-01T00:00:00Z',
    tenantid: 'default',
    subject: name,
    data: { parentTaskId: 42 },
  }
}

async function answered(calling: ReturnType<Person['post']>): Promise<void> {
  const { status, text } = await calling
  if (status >= 300) throw new Error(`answered ${status}: ${text}`)
}

/** Asks until it is as wanted: a test that waits for it in vain ends at its own limit. */
async function until(
  ask: () => Promise<Record<string, unknown> | undefined>,
  isAsWanted: (body: Record<string, unknown>) => boolean,
): Promise<void> {
  for (;;) {
    const body = await ask()
    if (body !== undefined && isAsWanted(body)) return
    await delay(ASK_AGAIN_MS)
  }
}
