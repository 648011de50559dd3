import { METRICS, type Metrics } from '@golden-arch/core/observability'
import { detectThreats, type ThreatContext, type ThreatFinding } from '@golden-arch/core/validation'
import { z } from 'zod'

/** What stands in a task's texts that would be an attack somewhere: it is stored and shown as it is. */
export const taskWarningSchema = z
  .strictObject({
    field: z.enum(['title', 'description']),
    rule: z.string(),
    family: z.string(),
    context: z.string().describe('Where the text would be a threat.'),
    severity: z.enum(['low', 'medium', 'high']),
    evidence: z.string().describe('The place as it was written, 120 characters at most.'),
  })
  .meta({ id: 'TaskWarning', description: 'A text that would be an attack where it is not encoded.' })

/** What stands in a task's texts that would be an attack somewhere. */
export type TaskWarning = z.infer<typeof taskWarningSchema>

type Field = TaskWarning['field']

/** A title goes into pages, logs and tables; a description to a model. */
const CONTEXTS: Readonly<Record<Field, readonly ThreatContext[]>> = {
  title: ['sql-value', 'html', 'shell', 'csv', 'prompt'],
  description: ['sql-value', 'prompt'],
}
const MAX_WARNINGS = 20

/** What a client is warned of; 20 at most, counted by rule where there are metrics. */
export function taskWarnings(task: Readonly<Record<Field, string>>, metrics?: Metrics): TaskWarning[] {
  const found = (['title', 'description'] as const).flatMap((field) =>
    detectThreats(task[field], { contexts: CONTEXTS[field] }).findings.map((one) => warningOf(field, one)),
  )
  found.push(...laterStatements(task.title).map((one) => warningOf('title', one)))
  const told = found.slice(0, MAX_WARNINGS)
  const counter = metrics?.counter(METRICS.llmThreatFindings)
  for (const { rule } of told) counter?.increment({ rule })
  return told
}

/**
 * A second statement that changes something. The first words of any sentence are no query, so a text is a threat as a
 * statement only by what comes behind a semicolon.
 */
function laterStatements(text: string): readonly ThreatFinding[] {
  const { findings } = detectThreats(text, { contexts: ['sql-statement'] })
  const ends = findings.filter(({ ruleId }) => ruleId === 'sql-statement-several').map(({ span }) => span[0])
  const firstEnd = Math.min(...ends)
  return findings.filter(({ ruleId, span }) => ruleId === 'sql-statement-writes' && span[0] > firstEnd)
}

function warningOf(field: Field, finding: ThreatFinding): TaskWarning {
  const { ruleId: rule, family, context, severity, evidence } = finding
  return { field, rule, family, context, severity, evidence }
}
