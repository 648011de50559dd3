import type { SuggestedPattern } from './detect-patterns.ts'

/** A pattern that is about to become part of a prompt. */
export interface PatternToTeach extends SuggestedPattern {
  /** The words that the application registered for the fix. */
  readonly instruction: string
}

/**
 * Makes the new prompt of a role from the one in force and what is to be taught; the same text where nothing is to change.
 * A pattern that alone gives the same text is taught already, and takes no place in an update.
 */
export type RenderPrompt = (current: string, patterns: readonly PatternToTeach[]) => string

const HEADING = '## Learnt from past failures'
const MAX_LINES = 20

/**
 * Adds a line for each pattern to the section "Learnt from past failures" at the end of a prompt, and the section where
 * there is none. A line holds the registered instruction and the fix's id, and nothing that was recorded; a line that is
 * there is not added again, and none beyond the twentieth.
 */
export const appendLearntSection: RenderPrompt = (current, patterns) => {
  const lines = current.split('\n')
  const heading = lines.lastIndexOf(HEADING)
  let end = heading + 1
  if (heading !== -1) while (lines[end] === '' || lines[end]?.startsWith('- ') === true) end++
  const standing = heading === -1 ? [] : lines.slice(heading + 1, end).filter((line) => line !== '')
  const added = patterns
    .map(({ instruction, fixId }) => `- ${instruction} (${fixId})`)
    .filter((line, index, all) => !standing.includes(line) && all.indexOf(line) === index)
    .slice(0, Math.max(0, MAX_LINES - standing.length))
  if (added.length === 0) return current
  const section = [HEADING, '', ...standing, ...added, '']
  if (heading === -1) return [current.trimEnd(), '', ...section].join('\n')
  return [...lines.slice(0, heading), ...section, ...lines.slice(end)].join('\n')
}
