import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FAULTS, FaultPlan } from './fault-plan.ts'
import { Recording } from './recording.ts'
import { startScriptedModel } from './scripted-model-server.ts'

const HELP = `Usage: node src/scripted-model/main.ts [options]

Starts the scripted model as a process of its own, on loopback: recorded answers over an OpenAI-compatible API.
When it is ready it prints one line of JSON: { "base_url", "api_key", "pid" }. It stops at SIGTERM or SIGINT.

  --recording <folder>  where answers-*.jsonl are (default demo)
  --port <n>            default: any that is free
  --faults <rates>      such as cut=0.1,overloaded=0.05, of ${FAULTS.join(', ')}
  --seed <text>         another seed gives other calls the faults (default 1)
  --slow-ms <n>         by how much a slow answer is late (default 500)

SCRIPTED_MODEL_API_KEY is the key it asks for (default: one of its own making). GET /_scripted/bill, with the key, tells
what was charged, call by call.`

try {
  const { values } = parseArgs({
    options: {
      recording: { type: 'string', default: join(import.meta.dirname, '..', '..', 'demo') },
      port: { type: 'string', default: '0' },
      faults: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
      'slow-ms': { type: 'string', default: '500' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else await start(values)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function start(values: {
  readonly recording: string
  readonly port: string
  readonly faults: string
  readonly seed: string
  readonly 'slow-ms': string
}): Promise<void> {
  const apiKey = process.env.SCRIPTED_MODEL_API_KEY
  const model = await startScriptedModel(Recording.read(values.recording), {
    port: wholeNumber('--port', values.port, 65_535),
    slowMs: wholeNumber('--slow-ms', values['slow-ms'], 600_000),
    faults: FaultPlan.parse(values.faults, { seed: values.seed }),
    ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
  })
  const stop = (): void => {
    model.stop().catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  console.log(JSON.stringify({ base_url: model.baseUrl, api_key: model.apiKey, pid: process.pid }))
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= max)) throw new Error(`${option} must be a whole number from 0 to ${max}`)
  return value
}
