import { parseArgs } from 'node:util'
import { OPTIONAL_STAGES, type OptionalStage } from './without-stage.ts'

/** What the demo is told on its command line. */
export interface DemoOptions {
  /** A file of tasks in place of the demo's own. */
  readonly tasksFile: string | undefined
  readonly without: OptionalStage | undefined
  readonly folder: string
  /** Start anew, whatever an earlier run left. */
  readonly isFresh: boolean
  readonly concurrency: number
  /** Only say how to call it. */
  readonly isHelp: boolean
}

/** How to call the demo. */
export const DEMO_USAGE = `Usage: npm run demo -- [tasks.jsonl] [options]

  tasks.jsonl        your own tasks in place of the 25, one a line; the recorded model knows only the 25
  --without <stage>  switches a stage off: ${OPTIONAL_STAGES.join(', ')}
  --data-dir <path>  where the database is kept (default .golden-arch/demo)
  --fresh            starts anew, whatever an earlier run left
  --concurrency <n>  tasks at once, 1 to 64 (default 4)

With MODEL_BASE_URL, MODEL_API_KEY and MODEL_NAME set it asks an OpenAI-compatible endpoint.
It ends with 0 if all is as expected, 1 if not, 2 if it could not run, 130 if it was stopped.`

/** Reads the command line. Throws, saying what is wrong, on an argument it does not know. */
export function readDemoOptions(args: readonly string[], defaultFolder: string): DemoOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      without: { type: 'string' },
      'data-dir': { type: 'string' },
      fresh: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '4' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const without = OPTIONAL_STAGES.find((stage) => stage === values.without)
  if (values.without !== undefined && without === undefined)
    throw new Error(`no stage is named ${values.without}; there are: ${OPTIONAL_STAGES.join(', ')}`)
  if (positionals.length > 1) throw new Error('more than one file of tasks')
  const concurrency = Number(values.concurrency)
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
    throw new Error('--concurrency is 1 to 64')
  const suffix = without === undefined ? '' : `-without-${without}`
  return {
    tasksFile: positionals[0],
    without,
    folder: values['data-dir'] ?? `${defaultFolder}${suffix}`,
    isFresh: values.fresh,
    concurrency,
    isHelp: values.help,
  }
}
