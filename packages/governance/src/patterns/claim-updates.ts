import { InvalidOptionError } from '@golden-arch/core/errors'
import type { PromptRole } from '../learning/prompt-role.ts'
import { type Detection, judgeFixes, type SuggestedPattern } from './detect-patterns.ts'
import { digestOf } from './failure-kind.ts'
import { selectCounts } from './failure-rows.ts'
import { askInForce } from './governed-calls.ts'
import { holdPattern, selectKnown } from './learnt-pattern-rows.ts'
import type { PatternToTeach } from './learnt-section.ts'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'
import type { OpenUpdate } from './pattern-update.ts'
import { insertClaim, isRoleBusy } from './pattern-update-rows.ts'

/** What the failures teach now, beside what was learnt before. */
export interface NewPatterns {
  /** By how often each was given back before. */
  readonly generations: ReadonlyMap<string, number>
  /** What may be proposed, the best first. */
  readonly suggestions: readonly SuggestedPattern[]
  /** What works, yet lets an agent do more than before. */
  readonly needPerson: readonly SuggestedPattern[]
  readonly expectedByChance: number
}

/**
 * Finds what may be proposed: by registered fixes only, none that is blocked, and none for a kind of failure against
 * which a pattern is applied or proposed.
 */
export async function findNewPatterns(parts: PatternSupervisorParts, tenantId: string): Promise<NewPatterns> {
  const { database, detection, fixes } = parts
  const judge = async (widensAccess: boolean): Promise<Detection> => {
    const asked = [...fixes.values()].filter((fix) => (fix.widensAccess ?? false) === widensAccess)
    const fixIds = asked.map(({ fixId }) => fixId)
    const { minTasks, maxCandidates } = detection
    return judgeFixes(await selectCounts(database, tenantId, minTasks, maxCandidates + 1, fixIds), detection)
  }
  const { suggestions, expectedByChance } = await judge(false)
  const known = await selectKnown(
    database,
    tenantId,
    suggestions.map(({ patternId }) => patternId),
  )
  return {
    generations: new Map(known.map(({ patternId, generation }) => [patternId, generation])),
    suggestions,
    needPerson: (await judge(true)).suggestions,
    expectedByChance,
  }
}

/** Patterns taught in one update. */
const MAX_PATTERNS_PER_UPDATE = 5

/**
 * Makes an update for a role that has something to learn, and claims it: of two supervisors one does. A role without a
 * prompt, with an open update, or refused lately is left alone.
 */
export async function claimUpdate(
  parts: PatternSupervisorParts,
  role: PromptRole,
  { suggestions, generations }: NewPatterns,
  signal: AbortSignal | undefined,
): Promise<OpenUpdate | undefined> {
  const ofRole = suggestions.filter((one) => one.agentRole === role.agentRole)
  if (ofRole.length === 0) return undefined
  const current = await askInForce(parts, role, signal)
  if (current === undefined || (await isRoleBusy(parts.database, role, current.version))) return undefined
  const taught = firstNotTaught(parts, current.content, ofRole)
  if (taught.length === 0) return undefined
  const content = requireRendered(parts.renderPrompt(current.content, taught.map(toTeach(parts))))
  if (content === current.content) return undefined
  const update: OpenUpdate = {
    ...role,
    updateId: updateIdOf(role, current.version, taught, generations),
    baseVersion: current.version,
    status: 'proposing',
    content,
    reason: reasonOf(taught, parts.detection.z),
  }
  return (await claim(parts, update, taught)) ? update : undefined
}

/** The first suggestions that the prompt does not teach already, as many as go into one update: none is rendered after these. */
function firstNotTaught(
  parts: PatternSupervisorParts,
  current: string,
  suggestions: readonly SuggestedPattern[],
): SuggestedPattern[] {
  const found: SuggestedPattern[] = []
  for (const one of suggestions) {
    if (parts.renderPrompt(current, [one].map(toTeach(parts))) !== current) found.push(one)
    if (found.length === MAX_PATTERNS_PER_UPDATE) break
  }
  return found
}

/** Follows from the patterns, from how often each was given back, and from the version: made again it is the same. */
function updateIdOf(
  { tenantId, agentRole }: PromptRole,
  baseVersion: number,
  taught: readonly SuggestedPattern[],
  generations: ReadonlyMap<string, number>,
): string {
  const ids = taught.map(({ patternId }) => `${patternId} ${generations.get(patternId) ?? 0}`).sort()
  return `pattern-${digestOf([tenantId, agentRole, baseVersion, ids])}`
}

async function claim(
  { database }: PatternSupervisorParts,
  update: OpenUpdate,
  patterns: readonly SuggestedPattern[],
): Promise<boolean> {
  try {
    return await database.transaction(async (tx) => {
      if (!(await insertClaim(tx, update))) return false
      for (const pattern of patterns) {
        if (!(await holdPattern(tx, update.tenantId, update.updateId, pattern))) throw new LostClaim()
      }
      return true
    })
  } catch (error) {
    if (error instanceof LostClaim) return false
    throw error
  }
}

/** Rolls a claim back whose patterns another supervisor has claimed since they were read. */
class LostClaim extends Error {}

function toTeach({ fixes }: PatternSupervisorParts): (pattern: SuggestedPattern) => PatternToTeach {
  return (pattern) => {
    const fix = fixes.get(pattern.fixId)
    if (fix === undefined) throw new Error(`the fix ${pattern.fixId} is not registered`)
    return { ...pattern, instruction: fix.instruction }
  }
}

function requireRendered(content: unknown): string {
  const isText = typeof content === 'string' && content.length >= 1 && content.length <= 1_000_000
  if (isText && content.isWellFormed() && !content.includes('\0')) return content
  const received = typeof content === 'string' ? `${content.length} characters` : content
  throw new InvalidOptionError(
    'renderPrompt',
    'a function that gives well-formed text of 1 to 1000000 characters without NUL',
    received,
  )
}

/** Why, in numbers and registered ids alone: a person who approves reads this. `z` is what the bound goes by. */
function reasonOf(patterns: readonly SuggestedPattern[], z: number): string {
  const lines = patterns.map(({ fixId, tasks, succeeded, lowerBound }) => {
    const bound = `in at least ${Math.floor(lowerBound * 100)} %, by the lower bound of Wilson's interval with z = ${z}`
    return `the fix ${fixId} helped in ${succeeded} of ${tasks} tasks (${bound})`
  })
  return `Learnt from failures: ${lines.join('; ')}.`
}
