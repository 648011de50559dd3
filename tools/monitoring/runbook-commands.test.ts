import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { LearningGovernance, PromptApprovals } from '@golden-arch/governance/learning'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setScene } from '../../examples/reference-server/src/testing/api-walk/set-scene.ts'
import {
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../examples/reference-server/src/testing/assembled-server.ts'
import { MONITORING_FOLDER } from './rule-file.ts'

const DOCS = join(MONITORING_FOLDER, '..', '..', 'docs')
const FOLDER = join(DOCS, 'runbooks')
/** What is given to a page's commands beside the address and the token. */
const GIVEN = {
  PROJECT: 'coding-tasks',
  TASK: 'walked-1',
  AGENT: 'developer-1',
  LIMIT: '2000000',
  KIND: 'walked-2',
  NAME: 'models.example.org/small',
  REASON: 'stuck-open',
  ROLE: 'tester',
  VERSION: '2',
}

const ADA = { id: 'ada', kind: 'human' } as const

const run = promisify(execFile)
const hasJq = await run('jq', ['--version']).then(
  () => true,
  () => false,
)

/** What a page says to the API, in its order: the lines that begin with curl, and loops around it. */
function callsOf(page: string): readonly string[] {
  return page
    .replaceAll(/ \\\n +/g, ' ')
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => /^(curl|while read) /.test(line))
    .filter((line) => hasJq || !(line.includes('jq ') || line.includes('escalations.txt')))
}

const PAGES = [
  ...readdirSync(FOLDER).map((name) => join(FOLDER, name)),
  join(DOCS, 'operate', 'incidents.md'),
]
  .map((path) => [basename(path), callsOf(readFileSync(path, 'utf8'))] as const)
  .filter(([, calls]) => calls.length > 0)

describe('the commands of a runbook, as they are printed', () => {
  let server: AssembledServer
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    server = await startAssembledServer()
    await setScene(server)
    server.system.breakers.get(GIVEN.NAME)
    const approvals = new PromptApprovals({
      learning: new LearningGovernance({ database: server.system.database }),
    })
    const prompt = { tenantId: 'acme', agentRole: 'tester', actor: ADA, reason: 'to have two' } as const
    for (const updateId of ['one', 'two'])
      await approvals.breakGlass({ ...prompt, updateId, content: `You test, ${updateId}.` })
    folder = await temporaryFolder('runbooks')
    // So that curl, word for word as printed, fails where it is refused.
    writeFileSync(join(folder.path, '.curlrc'), 'fail-with-body\n')
  }, SLOW_START_MS)
  afterAll(async () => {
    await server?.stop()
    await folder?.remove()
  })

  it.each(PAGES)(
    '%s: are answered',
    async (_name, calls) => {
      const given = { ...GIVEN, BASE: server.address, TOKEN: await server.tokenOf('admin') }
      for (const call of calls) {
        const { stdout } = await run('bash', ['-eu', '-o', 'pipefail', '-c', call], {
          cwd: folder.path,
          env: { ...process.env, ...given, CURL_HOME: folder.path },
        })
        expect(stdout, call).not.toMatch(/(^|\})\{"error_code"/)
      }
    },
    SLOW_START_MS,
  )
})
