import { MockLanguageModelV3 } from 'ai/test'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

/** A model that has the tool `run_code` run these programs one after another, and then says `answer`. */
export function codingModel(programs: readonly string[], answer: string): MockLanguageModelV3 {
  const calls = programs.map((code, at) => ({
    content: [
      {
        type: 'tool-call',
        toolCallId: `call-${at}`,
        toolName: 'run_code',
        input: JSON.stringify({ code }),
      } as const,
    ],
    finishReason: { unified: 'tool-calls', raw: undefined } as const,
    usage,
    warnings: [],
  }))
  const end = {
    content: [{ type: 'text', text: answer } as const],
    finishReason: { unified: 'stop', raw: undefined } as const,
    usage,
    warnings: [],
  }
  return new MockLanguageModelV3({ doGenerate: [...calls, end] })
}
