/** An agent of LangChain whose model is paid for, whose tools are guarded, whose code is caged and whose answer is checked. */
import { PGlite } from '@electric-sql/pglite'
import { BudgetController } from '@golden-arch/budget'
import { budgetMiddleware } from '@golden-arch/budget/langchain'
import { isGoldenError } from '@golden-arch/core/errors'
import { toolMiddleware } from '@golden-arch/core/langchain'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { CircuitBreakerRegistry, compose, timeout } from '@golden-arch/core/resilience'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { LlmValidator } from '@golden-arch/core/validation'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { sandboxTool } from '@golden-arch/sandbox/langchain'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { AIMessage, createAgent, createMiddleware, ToolMessage, tool } from 'langchain'
import { z } from 'zod'
import { scriptedModel } from './scripted-model.ts'

// The budget of the model.
const scope = { tenantId: 'acme', projectId: 'agent' }
const database = await PgliteDatabase.open({ create: () => PGlite.create() })
const migrations = await readPackageMigrations(import.meta.resolve('@golden-arch/budget/package.json'))
await new Migrator({ database, migrations }).up({ modules: ['budget'] })
const budget = new BudgetController({ database })
await budget.setLimit({ scope, limitTokens: 2000, actor: { id: 'ada', kind: 'human' } })
const pays = createMiddleware(budgetMiddleware({ budget, scope, maxOutputTokens: 100 }))

// A breaker for each tool, and a time limit for each call; the model is told of what they refuse.
const breakers = new CircuitBreakerRegistry({ failureThreshold: 1 })
const policy = compose(breakers.keyed('tool'), timeout({ timeoutMs: 3000 }))
const guards = createMiddleware(toolMiddleware({ policy, ToolMessage }))

// A tool that runs the model's code in WebAssembly, and one whose service never answers.
const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({ backend, minimumIsolation: 'wasm' })
const runCode = tool(...sandboxTool({ sandbox, tenantId: 'acme', limits: { timeoutMs: 1000 } }))
const population = tool(() => new Promise<string>(() => {}), {
  name: 'population',
  description: 'How many people live in a city.',
  schema: z.object({ city: z.string() }),
})

// What is made of the answer: a value of this schema, or nothing.
const validator = new LlmValidator({ schema: z.object({ sum: z.number().int() }), coercion: 'safe' })

const model = scriptedModel(
  [
    ['population', { city: 'Bern' }],
    ['population', { city: 'Basel' }],
    ['run_code', { code: 'while (true) {}' }],
    ['run_code', { code: '[133798, 173863].reduce((a, b) => a + b)' }],
  ],
  'From what I remember of them:\n```json\n{sum: "307661",}\n```',
)
const agent = createAgent({ model, tools: [population, runCode], middleware: [guards, pays] })

async function ask(content: string): Promise<void> {
  console.log(content.slice(0, 40))
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content }] })
  for (const message of messages) {
    // How long to wait differs from run to run.
    const text = message.text.replace(/("retry_after_ms":)\d+/, '$1…')
    if (ToolMessage.isInstance(message)) console.log(`  is told ${text}`)
    if (!AIMessage.isInstance(message)) continue
    for (const { name, args } of message.tool_calls ?? [])
      console.log(`  calls ${name} ${JSON.stringify(args)}`)
    if (text !== '') console.log(`  says ${JSON.stringify(text)}`)
  }
  const outcome = validator.parse(messages.at(-1)?.text ?? '')
  console.log(outcome.ok ? JSON.stringify(outcome.value) : `refused: ${outcome.code}`)
}

await ask('How many people live in Bern and Basel?')
console.log()
await ask(`Sum up this report: ${'more and more people, '.repeat(500)}`).catch((error) => {
  console.log(`refused: ${isGoldenError(error.cause) ? error.cause.code : error}`)
})
const { usedTokens, reservedTokens } = await budget.state(scope)
console.log(`\nThe model told of 500 tokens; ${usedTokens} are charged, ${reservedTokens} held.`)

await sandbox.close()
await backend.close()
await database.close()
