import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PromClientMetrics } from '@golden-arch/core/observability'
import { pino } from 'pino'
import promClient from 'prom-client'
import { callerPath } from '../caller-path.ts'
import { readConfiguration } from '../configuration.ts'
import { type OpenedDatabase, openDatabase } from '../open-database.ts'
import { modelPrices } from '../open-model.ts'
import { Recording } from '../scripted-model/recording.ts'
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model-server.ts'
import { answersFromRecording } from '../serving-rules.ts'
import { startFailure } from '../start-failure.ts'
import { readExpectations, readTaskFolder, readTasks } from './corpus.ts'
import { DEMO_USAGE, type DemoOptions, readDemoOptions } from './demo-options.ts'
import { liveProgress, plainProgress } from './progress.ts'
import { runDemo } from './run-demo.ts'
import { summaryOf } from './summary.ts'

const CORPUS = join(import.meta.dirname, '..', '..', 'demo')
const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
const INTERRUPTED_EXIT_CODE = 130

/** Runs the demo and returns the exit code: 0 only if every task ended as expected and every ledger adds up. */
async function main(options: DemoOptions): Promise<number> {
  const configuration = readConfiguration(process.env)
  const folder = callerPath(options.folder, process.env)
  const finishedMark = join(folder, 'finished')
  const databaseFolder = join(folder, 'database')
  const billFile = join(folder, 'bill.jsonl')
  if (options.isFresh || existsSync(finishedMark)) {
    // Only what the demo made: the folder may be any.
    rmSync(databaseFolder, { recursive: true, force: true })
    rmSync(billFile, { force: true })
    rmSync(finishedMark, { force: true })
  }
  const isContinued = existsSync(databaseFolder)
  mkdirSync(folder, { recursive: true })
  const logger = pino({ level: process.env.LOG_LEVEL || 'silent' }, pino.destination(2))
  const metrics = new PromClientMetrics({ registry: new promClient.Registry(), promClient })
  const tasks =
    options.tasksFile === undefined
      ? readTaskFolder(CORPUS)
      : readTasks(callerPath(options.tasksFile, process.env))
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)

  const startedAt = performance.now()
  const opened = await openDatabase({ folder: databaseFolder }, logger)
  // The demo has its own database, whatever server DATABASE_URL names.
  const embedded = { ...configuration, DATABASE_URL: undefined }
  const isRecorded = answersFromRecording(embedded)
  // A model that listens keeps its process alive: it starts when nothing before it can fail any more.
  const model = isRecorded ? await startModel(opened, billFile) : undefined
  console.log(
    `${isContinued ? 'Continuing' : 'Starting'}: ${tasks.length} coding tasks, PostgreSQL in the process, ` +
      `${model === undefined ? `model at ${configuration.MODEL_BASE_URL}` : 'scripted model on loopback'}` +
      `${options.without === undefined ? '' : `, without ${options.without}`}.`,
  )
  const isTall = process.stdout.isTTY && process.stdout.rows > tasks.length
  const progress = isTall
    ? liveProgress(
        process.stdout,
        tasks.map((task) => task.id),
      )
    : plainProgress((line) => console.log(line))
  try {
    const report = await runDemo({
      opened,
      tasks,
      endpoint: {
        baseUrl: model?.baseUrl ?? configuration.MODEL_BASE_URL ?? '',
        apiKey: model?.apiKey ?? configuration.MODEL_API_KEY,
        model: configuration.MODEL_NAME,
      },
      prices: modelPrices(embedded),
      expectations:
        model === undefined || options.tasksFile !== undefined ? undefined : readExpectations(CORPUS),
      bill: model === undefined ? undefined : () => model.bill.view(),
      without: options.without,
      concurrency: options.concurrency,
      logger,
      metrics,
      onTaskEvent: (event) => progress.show(event),
      signal: interruption.signal,
    })
    if (report === undefined) {
      console.log('\nStopped. Start it again and it goes on.')
      return INTERRUPTED_EXIT_CODE
    }
    const seconds = (performance.now() - startedAt) / 1000
    console.log(
      summaryOf(report, { seconds, prices: model === undefined ? 'MODEL_PRICES' : 'made-up prices' }),
    )
    writeFileSync(finishedMark, '')
    return report.problems.length > 0 ? 1 : 0
  } finally {
    await model?.stop()
    await opened.close()
  }
}

async function startModel(opened: OpenedDatabase, billFile: string): Promise<ScriptedModel> {
  try {
    return await startScriptedModel(Recording.read(CORPUS), { billFile })
  } catch (error) {
    await opened.close()
    throw error
  }
}

try {
  const options = readDemoOptions(process.argv.slice(2), join(ROOT, '.golden-arch', 'demo'))
  if (options.isHelp) console.log(DEMO_USAGE)
  else process.exitCode = await main(options)
} catch (error) {
  console.error(startFailure(error))
  console.error('npm run demo -- --help tells how to call it.')
  process.exitCode = 2
}
