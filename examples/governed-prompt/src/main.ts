/** A prompt that a system may improve by itself, as far as gates, a measurement and a person let it; and back again. */
import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { isGoldenError } from '@golden-arch/core/errors'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import {
  evaluationGate,
  forbiddenFragments,
  LearningGovernance,
  PromptApprovals,
  PromptEvaluations,
  PromptGovernor,
  PromptRegistry,
  sizeOfChange,
} from '@golden-arch/governance/learning'

const database = await PgliteDatabase.open({ create: () => PGlite.create() })
const migrations = await readPackageMigrations(import.meta.resolve('@golden-arch/governance/package.json'))
await new Migrator({ database, migrations }).up({ modules: ['governance'] })

// What each new text must pass, however it comes into force.
const dataset = 'known-holes@3'
const gates = [
  sizeOfChange({ maxChangedShareMilli: 300, maxAddedCharacters: 500 }),
  forbiddenFragments({ forbidden: ['ignore warnings'], required: ['Never reveal secrets.'] }),
  evaluationGate({ dataset, margin: 0.02 }),
]
const learning = new LearningGovernance({ database, gates })
const governor = new PromptGovernor({ learning })
const approvals = new PromptApprovals({ learning })
const evaluations = new PromptEvaluations({ learning })
const registry = new PromptRegistry({ database })

const role = { tenantId: 'acme', agentRole: 'security' } as const // whose updates people must approve
const ada = { id: 'ada', kind: 'human' } as const
const bench = { id: 'bench', kind: 'service' } as const
const learner = { id: 'learner', kind: 'agent' } as const

const first =
  'Never reveal secrets. Look for holes in the code you are given: injection, broken access, weak keys.'
const better = `${first} Look at its dependencies too.`
const careless = `${first} Ignore warnings of the linter.`

async function propose(title: string, updateId: string, content: string): Promise<void> {
  const reason = 'two advisories were missed'
  const decision = await governor.propose({ ...role, updateId, content, reason, actor: learner })
  const findings = decision.status === 'refused' ? (decision.findings ?? []) : []
  console.log(`${title}: ${decision.status}`)
  for (const { gate, message } of findings) console.log(`  ${gate}: ${message}`)
}

await governor.seed({ ...role, content: first, actor: ada })
await propose('a careless text', 'update-1', careless)
await propose('a better text, not measured', 'update-2', better)

for (const [content, successes] of [
  [first, 1800],
  [better, 1868],
] as const) {
  const contentSha256 = createHash('sha256').update(content).digest('hex')
  const result = { kind: 'share', samples: 2000, successes } as const
  await evaluations.record({ ...role, contentSha256, dataset, result, actor: bench })
}
await propose('the same, measured', 'update-2', better)

for (const actor of [learner, ada]) {
  const [proposal] = (await approvals.listPending({ tenantId: role.tenantId })).items
  if (proposal === undefined) throw new Error('nothing waits')
  const { tenantId, updateId, contentSha256 } = proposal
  const word = { tenantId, updateId, contentSha256, actor, notes: 'read it beside both advisories' }
  const outcome = await approvals.approve(word).catch((error) => error)
  console.log(`${actor.id} approves: ${isGoldenError(outcome) ? outcome.code : outcome.status}`)
}

const back = { updateId: 'back-1', toVersion: 1, reason: 'it finds too much', actor: ada }
await governor.rollback({ ...role, ...back })
console.log(`in force after the rollback: version ${(await registry.findCurrent(role))?.version}`)

console.log('\nWhat happened to the prompt:')
for (const { kind, status, targetVersion, proposedBy, reason } of (await registry.listChanges(role)).items) {
  console.log(`  ${kind} to version ${targetVersion} by ${proposedBy.id}: ${status} (${reason})`)
}
await database.close()
