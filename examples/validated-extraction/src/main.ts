/** Values out of model answers: repaired where that cannot change their meaning, asked for again where it could. */
import { LlmValidator } from '@golden-arch/core/validation'
import { z } from 'zod'
import { DOCUMENTS, modelFor } from './scripted-model.ts'

const schema = z.strictObject({
  vendor: z.string().min(1),
  total: z.number().positive(),
  currency: z.enum(['EUR', 'USD']),
  paid: z.boolean(),
})
// `safe`: "12.50" for a number and eur for EUR are taken; "about forty" is not.
const validator = new LlmValidator({ schema, coercion: 'safe' })

for (const document of DOCUMENTS) {
  const answer = modelFor(document)
  const told: (string | undefined)[] = []
  const outcome = await validator.ask(
    (call) => {
      told[call.attempt - 1] = call.feedback // in an app it goes into the prompt
      return answer(call)
    },
    { maxAttempts: 3 },
  )
  console.log(`\n${document}`)
  for (const { attempt, code } of outcome.attempts) {
    console.log(`  answer ${attempt}: ${code ?? 'taken'}`)
    // What the model hears of it: places and rules, never its own words.
    const feedback = told[attempt]
    if (feedback !== undefined) console.log(feedback.replace(/^/gm, '    > '))
  }
  if (!outcome.ok) {
    console.log(`  no value: ${outcome.stop}`)
    continue
  }
  const fixes = new Set(outcome.fixes.map(({ name }) => name))
  if (fixes.size > 0) console.log(`  repaired: ${[...fixes].join(', ')}`)
  console.log(`  value: ${JSON.stringify(outcome.value)}`)
}
