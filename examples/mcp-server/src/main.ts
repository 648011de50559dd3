/** A client that starts the server and calls its tools, with a person at hand who answers its forms. */
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const info = { name: 'walk-through', version: '1.0.0' }
const server = {
  command: process.execPath,
  args: [...process.execArgv, join(import.meta.dirname, 'server.ts')],
}

const client = new Client(info, { capabilities: { elicitation: { form: {} } } })
const answers = [
  { action: 'decline' },
  { action: 'accept', content: { decision: 'approve', notes: 'read it' } },
] as const
let asked = 0
client.setRequestHandler('elicitation/create', async ({ params }) => {
  if (asked === 0) console.log(`\nThe person is asked:\n${params.message}\n`)
  return { ...(answers[asked++] ?? { action: 'cancel' }) }
})
await client.connect(new StdioClientTransport(server))

const { tools } = await client.listTools()
console.log(`tools: ${tools.map(({ name }) => name).join(', ')}`)

await show('run_code', { code: 'const squares = [1, 2, 3].map((n) => n * n); squares' })
await show('run_code', { code: 'while (true) {}' })
await show('run_code', { script: 'ls' })
await show('budget_state', { project_id: 'assistant' }, ['limit_tokens', 'held_tokens', 'available_tokens'])
const update = await show('show_prompt_update', { update_id: 'pattern-17' }, ['status', 'difference'])
const question = { update_id: 'pattern-17', content_sha256: update.content_sha256 }
await show('decide_prompt_update', question, ['outcome'])
await show('decide_prompt_update', question, ['outcome'])
await client.close()

/** Calls a tool, and prints what came of it, or these fields of it. */
async function show(
  name: string,
  input: Record<string, unknown>,
  fields?: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: input })
  const [part] = content
  if (isError === true || part?.type !== 'text') {
    console.log(`${name}, an error: ${part?.type === 'text' ? part.text : ''}`)
    return {}
  }
  const output = { ...Object(structuredContent) } as Record<string, unknown>
  const shown = fields === undefined ? output : Object.fromEntries(fields.map((key) => [key, output[key]]))
  console.log(`${name}: ${JSON.stringify(shown)}`)
  return output
}
