/** A chat whose calls are paid from a budget: whatever becomes of a call, what it used is charged once, to the token. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { PGlite } from '@electric-sql/pglite'
import { BudgetController } from '@golden-arch/budget'
import { budgetMiddleware } from '@golden-arch/budget/ai-sdk'
import { isGoldenError } from '@golden-arch/core/errors'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import { cutStream, reply, startScriptedModel, stream, tooManyRequests } from './scripted-model.ts'

const server = await startScriptedModel([
  reply('Hello Ada.', { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 }),
  stream(['Once ', 'upon a time.'], { prompt_tokens: 13, completion_tokens: 6, total_tokens: 19 }),
  tooManyRequests(),
  reply('Seven.', { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 }),
  cutStream(['There ', 'was ']),
])

// The budget: PostgreSQL in this process. On a server: new PgDatabase({ pool }).
const scope = { tenantId: 'acme', projectId: 'chat' }
const database = await PgliteDatabase.open({ create: () => PGlite.create() })
const migrations = await readPackageMigrations(import.meta.resolve('@golden-arch/budget/package.json'))
await new Migrator({ database, migrations }).up({ modules: ['budget'] })
const budget = new BudgetController({ database })
await budget.setLimit({ scope, limitTokens: 500, actor: { id: 'ada', kind: 'human' } })

// The chat: any model of the AI SDK, wrapped once.
const provider = createOpenAICompatible({ name: 'scripted', baseURL: server.url, includeUsage: true })
const middleware = budgetMiddleware({ budget, scope })
const model = wrapLanguageModel({ model: provider('small'), middleware })

async function ask(prompt: string, maxOutputTokens = 40): Promise<string> {
  return (await generateText({ model, prompt, maxOutputTokens })).text
}

async function tell(prompt: string): Promise<string> {
  let text = ''
  try {
    for await (const words of streamText({ model, prompt, maxOutputTokens: 40 }).textStream) text += words
  } catch {
    text += '… and broke off'
  }
  return text
}

// What the budget says of each call.
let movements: string[] = []
const charged = { actual: 0, estimate: 0 }
budget.on('budget.released', ({ reservation }) => movements.push(`held ${reservation.tokens}, returned`))
budget.on('budget.committed', ({ reservation: { tokens, usedTokens, usageBasis } }) => {
  movements.push(`held ${tokens}, charged ${usedTokens}`)
  charged[usageBasis] += usedTokens
})

const WIDTHS = [22, 26, 10, 41]
function print(...cells: readonly (string | number | null)[]): void {
  console.log(cells.map((cell, column) => String(cell).padEnd(WIDTHS[column] ?? 0)).join(''))
}
async function show(title: string, call: Promise<string>): Promise<void> {
  const before = server.requests()
  const said = await call.catch((error) => (isGoldenError(error) ? error.code : String(error)))
  const { availableTokens } = await budget.state(scope)
  print(title, said, server.requests() - before, movements.join('; ') || 'nothing', availableTokens)
  movements = []
}

print('call', 'what the user sees', 'requests', 'what the budget did', 'left')
await show('an answer', ask('Say hello to Ada.'))
await show('a stream', tell('Tell me a story.'))
await show('429, then an answer', ask('How many days has a week?'))
await show('a stream that is cut', tell('Tell me another one.'))
await show('more than is left', ask('Write a novel.', 4000))

const { isConsistent } = await budget.verify({ tenantId: 'acme' })
console.log(
  `\nCharged ${charged.actual} as the provider counted, ${charged.estimate} as held where it told nothing.`,
)
console.log(`The ledger ${isConsistent ? 'adds up' : 'does not add up'}.`)

await database.close()
server.close()
