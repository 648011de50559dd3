import { isGoldenError } from '@golden-arch/core/errors'
import type { PageOptions } from '@golden-arch/core/storage'
import type {
  DeadLetterQueue,
  GroupResolutionResult,
  RedriveRequest,
  ResolutionRequest,
  TenantScope,
} from '@golden-arch/messaging'
import { CliError } from '../cli-error.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { actorOf, filterOf, type GivenSelection, SELECTION, scopeOf, TENANTS } from './dlq-options.ts'
import { brokerNamed, withDeadLetters } from './open-dead-letters.ts'

/** Outcomes after which nothing is left to do. */
const GOOD: ReadonlySet<string> = new Set([
  'redriven',
  'would-redrive',
  'resolved',
  'would-resolve',
  'unchanged',
  'already-settled',
])

/** The longest page of a list. */
const PAGE_LENGTH = 500

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
    to: values.to,
    limit,
    ratePerSecond,
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

/** `dlq resolve`: settles dead letters for good without publishing them; they stay, as resolved. */
export async function resolveLetters(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals: dlqIds } = readWords(words, {
    ...TENANTS,
    fingerprint: SELECTION.fingerprint,
    limit: { type: 'string' },
    reason: { type: 'string' },
    actor: { type: 'string' },
    'dry-run': { type: 'boolean' },
  })
  const { fingerprint, reason, 'dry-run': isDryRun = false } = values
  if ((fingerprint === undefined) === (dlqIds.length === 0)) {
    throw CliError.usage('resolve needs ids, or a --fingerprint')
  }
  const limit = readInteger('--limit', values.limit)
  if (limit !== undefined && fingerprint === undefined)
    throw CliError.usage('--limit belongs to --fingerprint')
  const request: ResolutionRequest & TenantScope = {
    actor: actorOf(values.actor, context),
    ...scopeOf(values),
    reason,
  }
  return withDeadLetters(context, async ({ queue, audit }) => {
    const isAudited = audit !== undefined
    if (fingerprint !== undefined) {
      const group = { ...request, fingerprint, limit }
      const { resolved, hasMore } = isDryRun
        ? await countGroup(queue, group)
        : await queue.resolveGroup(group)
      context.terminal.say(isDryRun ? `${resolved} would be resolved` : `${resolved} resolved`)
      if (hasMore) context.terminal.say(isDryRun ? 'more are open' : 'more are open: call again')
      return { exitCode: EXIT_CODES.ok, result: { isAudited, isDryRun, resolved, hasMore } }
    }
    const results: Outcome[] = []
    for (const dlqId of dlqIds) results.push(await resolve(queue, { ...request, dlqId }, isDryRun))
    sayOutcomes(context, results)
    return { exitCode: exitCodeOfOutcomes(results), result: { isAudited, isDryRun, results } }
  })
}

async function resolve(
  queue: DeadLetterQueue,
  request: { readonly dlqId: string } & ResolutionRequest & TenantScope,
  isDryRun: boolean,
): Promise<Outcome> {
  const { dlqId } = request
  try {
    if (!isDryRun) return { dlqId, ...(await queue.resolve(request)) }
    const { status } = await queue.get(request)
    if (status === 'redriving' && (await countFree(queue, request, [dlqId])) === 0)
      return { dlqId, outcome: 'busy' }
    return { dlqId, outcome: status === 'open' || status === 'redriving' ? 'would-resolve' : 'unchanged' }
  } catch (error) {
    if (isGoldenError(error, 'DEAD_LETTER_NOT_FOUND')) return { dlqId, outcome: 'not-found' }
    if (isGoldenError(error, 'DEAD_LETTER_REDRIVING')) return { dlqId, outcome: 'busy' }
    throw error
  }
}

/** How many of these, which are `redriving`, no redriver has any longer. */
async function countFree(
  queue: DeadLetterQueue,
  { actor, ...scope }: ResolutionRequest & TenantScope,
  dlqIds: readonly string[],
): Promise<number> {
  if (dlqIds.length === 0) return 0
  const limit = dlqIds.length
  const { results } = await queue.redrive({ ...scope, actor, select: { dlqIds }, limit, isDryRun: true })
  return results.filter(({ outcome }) => outcome !== 'busy').length
}

/** How many `resolveGroup` would settle. */
async function countGroup(
  queue: DeadLetterQueue,
  {
    limit = 500,
    ...group
  }: ResolutionRequest & TenantScope & { readonly fingerprint: string; readonly limit?: number | undefined },
): Promise<GroupResolutionResult> {
  let found = 0
  for (const status of ['open', 'redriving'] as const) {
    let cursor: string | undefined
    do {
      const place: PageOptions = cursor === undefined ? {} : { cursor }
      const { items, nextCursor } = await queue.list({ ...group, ...place, status, limit: PAGE_LENGTH })
      const dlqIds = items.map(({ dlqId }) => dlqId)
      found += status === 'open' ? dlqIds.length : await countFree(queue, group, dlqIds)
      cursor = nextCursor ?? undefined
    } while (cursor !== undefined && found <= limit)
  }
  return { resolved: Math.min(found, limit), hasMore: found > limit }
}

function selectOf(
  dlqIds: readonly string[],
  given: GivenSelection,
  isAll: boolean,
): RedriveRequest['select'] {
  const filter = filterOf(given)
  const isNarrowed = Object.values(filter).some((value) => value !== undefined)
  if (dlqIds.length > 0) {
    if (isNarrowed || isAll) refuseWords(dlqIds)
    return { dlqIds }
  }
  if (isNarrowed === isAll) {
    throw CliError.usage('redrive needs ids; or --fingerprint, --stream, --consumer or --subject; or --all')
  }
  return isAll ? { all: true } : filter
}

function sayOutcomes({ terminal }: CommandContext, outcomes: readonly Outcome[]): void {
  for (const { dlqId, outcome, error } of outcomes) {
    const colour = GOOD.has(outcome) ? 'green' : 'red'
    terminal.say(`${terminal.paint(colour, outcome)} ${dlqId}${error === undefined ? '' : `: ${error}`}`)
  }
  terminal.say(counted(outcomes.length, 'dead letter'))
}

function exitCodeOfOutcomes(outcomes: readonly Outcome[]): 0 | 1 {
  return outcomes.every(({ outcome }) => GOOD.has(outcome)) ? EXIT_CODES.ok : EXIT_CODES.failed
}
