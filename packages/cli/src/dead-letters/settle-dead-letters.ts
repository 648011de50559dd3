import { isGoldenError } from '@golden-arch/core/errors'
import type { DeadLetterQueue, RedriveRequest, ResolutionRequest, TenantScope } from '@golden-arch/messaging'
import { CliError } from '../cli-error.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { actorOf, filterOf, type GivenSelection, SELECTION, scopeOf } from './dlq-options.ts'
import { brokerNamed, withDeadLetters } from './open-dead-letters.ts'

/** Outcomes after which nothing is left to do. */
const GOOD: ReadonlySet<string> = new Set(['redriven', 'would-redrive', 'resolved', 'unchanged'])

/** What became of one dead letter. */
interface Outcome {
  readonly dlqId: string
  readonly outcome: string
  readonly error?: string
}

/** `dlq redrive`: publishes dead letters again. */
export async function redriveLetters(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    ...SELECTION,
    all: { type: 'boolean' },
    to: { type: 'string' },
    limit: { type: 'string' },
    rate: { type: 'string' },
    broker: { type: 'string' },
    actor: { type: 'string' },
    'dry-run': { type: 'boolean' },
  })
  const limit = readInteger('--limit', values.limit)
  const ratePerSecond = readInteger('--rate', values.rate)
  const request: RedriveRequest & TenantScope = {
    actor: actorOf(values.actor, context),
    select: selectOf(positionals, values, values.all === true),
    ...scopeOf(values),
    ...(values.to === undefined ? {} : { to: values.to }),
    ...(limit === undefined ? {} : { limit }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    isDryRun: values['dry-run'] === true,
    signal: context.signal,
  }
  const broker = await brokerNamed(values.broker, context)
  // A dry run publishes nothing and needs no broker that could.
  const needed = request.isDryRun === true ? 'sql' : broker
  const { report, isAudited } = await withDeadLetters(
    context,
    async ({ queue, audit }) => {
      context.terminal.progress('redriving')
      return { report: await queue.redrive(request), isAudited: audit !== undefined }
    },
    needed,
  )
  sayOutcomes(context, report.results)
  if (report.hasMore) context.terminal.say('more fit: call again, or raise --limit')
  const isStopped = context.signal.aborted
  return {
    exitCode: isStopped ? EXIT_CODES.interrupted : exitCodeOfOutcomes(report.results),
    result: { broker, isDryRun: request.isDryRun, isAudited, ...report },
  }
}

/** `dlq discard`: settles dead letters for good; they stay, as resolved. */
export async function discardLetters(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals: dlqIds } = readWords(words, {
    tenant: SELECTION.tenant,
    fingerprint: SELECTION.fingerprint,
    limit: { type: 'string' },
    note: { type: 'string' },
    actor: { type: 'string' },
  })
  const { fingerprint, note } = values
  if ((fingerprint === undefined) === (dlqIds.length === 0)) {
    throw CliError.usage('discard needs ids, or a --fingerprint')
  }
  const limit = readInteger('--limit', values.limit)
  if (limit !== undefined && fingerprint === undefined)
    throw CliError.usage('--limit belongs to --fingerprint')
  const request: ResolutionRequest & TenantScope = {
    actor: actorOf(values.actor, context),
    ...scopeOf(values),
    ...(note === undefined ? {} : { note }),
  }
  return withDeadLetters(context, async ({ queue, audit }) => {
    const isAudited = audit !== undefined
    if (fingerprint !== undefined) {
      const bound = limit === undefined ? {} : { limit }
      const { resolved, hasMore } = await queue.resolveGroup({ ...request, fingerprint, ...bound })
      context.terminal.say(`${resolved} resolved`)
      if (hasMore) context.terminal.say('more are open: call again')
      return { exitCode: EXIT_CODES.ok, result: { isAudited, resolved, hasMore } }
    }
    const results: Outcome[] = []
    for (const dlqId of dlqIds) results.push(await discard(queue, { ...request, dlqId }))
    sayOutcomes(context, results)
    return { exitCode: exitCodeOfOutcomes(results), result: { isAudited, results } }
  })
}

async function discard(
  queue: DeadLetterQueue,
  request: { readonly dlqId: string } & ResolutionRequest & TenantScope,
): Promise<Outcome> {
  const { dlqId } = request
  try {
    return { dlqId, ...(await queue.resolve(request)) }
  } catch (error) {
    if (isGoldenError(error, 'DEAD_LETTER_NOT_FOUND')) return { dlqId, outcome: 'not-found' }
    if (isGoldenError(error, 'DEAD_LETTER_REDRIVING')) return { dlqId, outcome: 'busy' }
    throw error
  }
}

function selectOf(
  dlqIds: readonly string[],
  given: GivenSelection,
  isAll: boolean,
): RedriveRequest['select'] {
  const filter = filterOf(given)
  const isNarrowed = Object.keys(filter).length > 0
  if (dlqIds.length > 0) {
    if (isNarrowed || isAll) refuseWords(dlqIds)
    return { dlqIds }
  }
  if (isNarrowed === isAll) {
    throw CliError.usage('redrive needs ids; or --fingerprint, --stream, --consumer or --subject; or --all')
  }
  return filter
}

function sayOutcomes({ terminal }: CommandContext, outcomes: readonly Outcome[]): void {
  for (const { dlqId, outcome, error } of outcomes) {
    const colour = GOOD.has(outcome) ? 'green' : 'red'
    terminal.say(`${terminal.paint(colour, outcome)} ${dlqId}${error === undefined ? '' : `: ${error}`}`)
  }
  terminal.say(`${outcomes.length} dead letters`)
}

function exitCodeOfOutcomes(outcomes: readonly Outcome[]): 0 | 1 {
  return outcomes.every(({ outcome }) => GOOD.has(outcome)) ? EXIT_CODES.ok : EXIT_CODES.failed
}
