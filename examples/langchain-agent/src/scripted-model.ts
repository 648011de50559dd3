import { AIMessage, type StandardMessageStructure } from '@langchain/core/messages'
import { fakeModel } from '@langchain/core/testing'

const usage_metadata = { input_tokens: 80, output_tokens: 20, total_tokens: 100 }

/** A model that calls these tools one after another, and then says `answer`; each time it tells of 100 tokens. */
export function scriptedModel(calls: readonly (readonly [name: string, args: object])[], answer: string) {
  const model = fakeModel()
  for (const [at, [name, args]] of calls.entries()) {
    const tool_calls = [{ id: `call-${at}`, name, args: { ...args } }]
    model.respond(new AIMessage<StandardMessageStructure>({ content: '', tool_calls, usage_metadata }))
  }
  return model.respond(new AIMessage<StandardMessageStructure>({ content: answer, usage_metadata }))
}
