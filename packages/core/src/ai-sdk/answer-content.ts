import type { AiSdkOutputPart, AiSdkOutputResult } from './ai-sdk-model.ts'
import type { HeldAnswer } from './ask-for-output.ts'

interface TextPart extends AiSdkOutputPart {
  readonly text: string
}

/** What is read of an answer in one piece, the text as `Output` of the AI SDK would find it. */
export function readContent(result: AiSdkOutputResult): HeldAnswer {
  const { content, structuredOutputText, finishReason, usage } = result
  const text = content.filter(isText).map((part) => part.text)
  return {
    text: structuredOutputText ?? text.join(''),
    finishReason: finishReason.unified,
    isToolCall: finishReason.unified === 'tool-calls' || waitsForTool(content),
    usage,
  }
}

/** The answer with this JSON in the place of what was read. */
export function withJson<Result extends AiSdkOutputResult>(result: Result, json: string): Result {
  if (result.structuredOutputText !== undefined) return { ...result, structuredOutputText: json }
  const first = result.content.findIndex(isText)
  const content = result.content.flatMap((part, index) => {
    if (!isText(part)) return [part]
    return index === first ? [{ ...part, text: json }] : []
  })
  return { ...result, content }
}

/**
 * Whether an answer waits for a tool: for the result of a call, or to be allowed one. A tool that the provider has run
 * itself belongs to the answer.
 */
export function waitsForTool(parts: readonly AiSdkOutputPart[]): boolean {
  const results = new Set(parts.filter((part) => part.type === 'tool-result').map(callOf))
  return parts.some(
    (part) =>
      part.type === 'tool-approval-request' || (part.type === 'tool-call' && !results.has(callOf(part))),
  )
}

function callOf(part: AiSdkOutputPart): unknown {
  return 'toolCallId' in part ? part.toolCallId : undefined
}

function isText(part: AiSdkOutputPart): part is TextPart {
  return part.type === 'text'
}
