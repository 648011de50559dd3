import { McpToolError } from '@golden-arch/core/mcp'

/** Characters of a question: what a person can still read in a form. */
export const MAX_QUESTION_LENGTH = 20_000

/**
 * The lines of a question, in whole: nobody is asked about what they are not shown.
 * @throws McpToolError `MCP_QUESTION_TOO_LARGE`.
 */
export function questionText(lines: readonly string[]): string {
  const text = lines.join('\n')
  if (text.length <= MAX_QUESTION_LENGTH) return text
  throw new McpToolError({
    code: 'MCP_QUESTION_TOO_LARGE',
    message: `a form shows ${MAX_QUESTION_LENGTH} characters, and this has ${text.length}: decide it elsewhere`,
  })
}
