import { McpToolError } from '@golden-arch/core/mcp'

/** What a form holds, as the client sent it. */
export type FormContent = Readonly<Record<string, unknown>>

/** The choice made in a form. @throws McpToolError `MCP_ANSWER_INVALID`. */
export function choiceOf<const Choice extends string>(
  content: FormContent,
  field: string,
  choices: readonly Choice[],
): Choice {
  const chosen = choices.find((choice) => choice === content[field])
  if (chosen === undefined) throw invalid(field)
  return chosen
}

/** The text of a form; undefined where there is none. @throws McpToolError `MCP_ANSWER_INVALID`. */
export function wordsOf(content: FormContent, field: string): string | undefined {
  const words = content[field]
  if (words === undefined || words === '') return undefined
  if (typeof words !== 'string' || words.length > 4000) throw invalid(field)
  return words
}

function invalid(field: string): McpToolError {
  return new McpToolError({
    code: 'MCP_ANSWER_INVALID',
    message: `the field ${field} is not filled in as the form asks`,
    details: { field },
  })
}
