import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import fc from 'fast-check'
import type { DecisionCommand } from '../learning/approvals/person-word.ts'
import {
  type ApprovalRecord,
  ApprovalScene,
  person,
  timelessRecord,
  withLearningRules,
} from './approval-scene.ts'

/** What happens to a tenant's proposals: something in the surroundings, then a person's word. */
export interface ApprovalStep {
  readonly before: 'nothing' | 'expiry' | 'label moved' | 'limit closed' | 'limit opened' | 'more wanted'
  readonly act: 'approve' | 'reject'
  readonly who: string
  /** Which of two proposals, or one that nobody made. */
  readonly proposal: 'u-0' | 'u-1' | 'u-none'
  readonly content: 'right' | 'wrong' | 'unsaid'
  readonly notes: string | null
}

/** A tenant's story. */
export interface ApprovalStory {
  readonly role: 'architect' | 'security'
  readonly requiredApprovals: number
  readonly requiresNotes: boolean
  readonly steps: readonly ApprovalStep[]
}

/** Random stories, in which most words are sound enough to lead somewhere. */
export const approvalStories: fc.Arbitrary<ApprovalStory> = fc.record({
  role: fc.constantFrom('architect' as const, 'security' as const),
  requiredApprovals: fc.constantFrom(1, 2, 2, 3),
  requiresNotes: fc.boolean(),
  steps: fc.array(
    fc.record<ApprovalStep>({
      before: fc.oneof(
        { weight: 6, arbitrary: fc.constant('nothing' as const) },
        {
          weight: 2,
          arbitrary: fc.constantFrom('expiry', 'label moved', 'limit closed', 'limit opened', 'more wanted'),
        },
      ),
      act: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'reject'),
      who: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('ada', 'bob', 'carl') },
        {
          weight: 3,
          arbitrary: fc.constantFrom('Ada', '\u0430da', 'supervisor', 'ada ', 'a\u200bda', '李雷'),
        },
      ),
      proposal: fc.constantFrom('u-0', 'u-0', 'u-0', 'u-0', 'u-0', 'u-1', 'u-none'),
      content: fc.constantFrom('right', 'right', 'right', 'right', 'unsaid', 'unsaid', 'wrong'),
      notes: fc.constantFrom(
        'reads well',
        'reads\nwell',
        'ok',
        null,
        '',
        ' \t\r\n',
        '\u2003\u200b\u3000',
        '\u{e0041}',
      ),
    }),
    { minLength: 1, maxLength: 6 },
  ),
})

/** What a story came to: the answer to each word, and the rows in the end. */
export interface ApprovalEnding {
  readonly answers: readonly string[]
  readonly record: ApprovalRecord
}

interface SqlAnswer {
  readonly outcome: string
  readonly code: string | null
}

const SURROUNDINGS: Readonly<Record<ApprovalStep['before'], string | null>> = {
  nothing: null,
  expiry: `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
            WHERE tenant_id = $1 AND status = 'pending'`,
  'label moved': `UPDATE prompt_labels SET version = 2 WHERE tenant_id = $1`,
  'limit closed': 'UPDATE learning_governance SET max_updates_per_day = 0 WHERE $1::text IS NOT NULL',
  'limit opened': 'UPDATE learning_governance SET max_updates_per_day = 3 WHERE $1::text IS NOT NULL',
  'more wanted': 'UPDATE learning_governance SET required_approvals = 2 WHERE $1::text IS NOT NULL',
}

/** Tells a story to the classes, and the same one to the functions in SQL and the loop that applies what they counted. */
export async function tellTwice(
  database: SqlDatabase,
  story: ApprovalStory,
): Promise<{ readonly classes: ApprovalEnding; readonly functions: ApprovalEnding }> {
  const rules = `required_approvals = ${story.requiredApprovals}, requires_notes = ${story.requiresNotes}`
  const tell = (takeWord: typeof byClasses): Promise<ApprovalEnding> =>
    withLearningRules(database, rules, async () => {
      const scene = await new ApprovalScene(database, story.role).seed()
      const hashes = new Map<string, string>()
      for (const id of ['u-0', 'u-1']) hashes.set(id, (await scene.propose(id)).contentSha256)
      const answers: string[] = []
      for (const step of story.steps) {
        const surroundings = SURROUNDINGS[step.before]
        if (surroundings !== null) await scene.tamper(surroundings)
        const right = hashes.get(step.proposal)
        const said = step.content === 'wrong' || right === undefined ? 'b'.repeat(64) : right
        answers.push(await takeWord(database, scene, step, said))
        await scene.approvals.applyDue()
      }
      return { answers, record: timelessRecord(await scene.record()) }
    })
  return { classes: await tell(byClasses), functions: await tell(bySql) }
}

async function byClasses(
  _database: SqlDatabase,
  scene: ApprovalScene,
  step: ApprovalStep,
  said: string,
): Promise<string> {
  const word: DecisionCommand = {
    tenantId: scene.tenantId,
    updateId: step.proposal,
    actor: person(step.who),
    contentSha256: said,
    ...(step.notes === null ? {} : { notes: step.notes }),
  }
  try {
    const { status } = await scene.approvals[step.act](word)
    // A function in SQL only counts: applied or held is what the loop makes of it.
    return status === 'held' || status === 'applied' ? 'approved' : status
  } catch (error) {
    if (isGoldenError(error)) return error.code
    throw error
  }
}

async function bySql(
  database: SqlDatabase,
  scene: ApprovalScene,
  step: ApprovalStep,
  said: string,
): Promise<string> {
  // Nothing said stands for what the row holds, which an unknown proposal has none of.
  const hash = step.content === 'unsaid' && step.proposal !== 'u-none' ? null : said
  const { rows } = await database.query<SqlAnswer>(
    `SELECT outcome, code FROM ${step.act}_prompt_update($1, $2, $3, $4, $5)`,
    [step.proposal, step.who, step.notes, scene.tenantId, hash],
  )
  const { outcome, code } = rows[0] ?? { outcome: 'no answer', code: null }
  return code ?? (outcome === 'applied' ? 'approved' : outcome)
}
