/**
 * The time of one small program, from the call to its whole result, and how late the end of one that never ends is told: on each
 * backend, cold and warm, beside `docker run`, `docker exec`, isolated-vm and bare processes. Interleaved; figures are printed,
 * never asserted. What cannot run on this machine is named and left out.
 * Usage: node --conditions=golden-arch-source bench/sandbox/compare.ts [rounds, default 30] [rounds of timeouts, default 10]
 */

import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  dockerImage,
  rootFolder,
  ServiceUnavailableError,
  startBubblewrap,
  startDocker,
} from '@golden-arch/testkit'
import { rounded } from '../rounded.ts'
import { bubblewrapContenders } from './bubblewrap-contenders.ts'
import { type Contender, OVERSHOOT_LIMIT_MS, timed } from './contender.ts'
import { dockerContenders } from './docker-contenders.ts'
import { isolatedVmContenders, quickJsContenders } from './javascript-contenders.ts'

const run = promisify(execFile)

interface Aim {
  readonly what: string
  readonly contender: string
  readonly withinMs: number
}

const AIMS: readonly Aim[] = [
  { what: 'a warm result in gVisor', contender: 'runsc: Docker backend, warm, python', withinMs: 20 },
  { what: 'a warm result with runc', contender: 'runc: Docker backend, warm, python', withinMs: 10 },
  { what: 'a warm result in QuickJS', contender: 'QuickJS backend, warm', withinMs: 5 },
]
const OVERSHOOT_AIM_MS = 200

async function unlessMissing<Started>(starting: Promise<Started>): Promise<Started | undefined> {
  try {
    return await starting
  } catch (cause) {
    if (!(cause instanceof ServiceUnavailableError)) throw cause
    console.log(cause.message)
    return undefined
  }
}

function quantile(figures: readonly number[], part: number): number {
  const sorted = [...figures].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** Takes turns, so that a busy moment of the machine meets everybody. */
async function measure(
  contenders: readonly Contender[],
  rounds: number,
  once: (contender: Contender) => Promise<number> | undefined,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const figures = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const figure = await once(contender)
      if (figure === undefined) continue
      figures.set(contender.name, [...(figures.get(contender.name) ?? []), figure])
      await pause(contender.restMs ?? 0)
    }
  }
  return figures
}

function print(title: string, figures: ReadonlyMap<string, readonly number[]>): void {
  console.log(title)
  console.table(
    [...figures].map(([contender, all]) => ({
      contender,
      least: rounded(quantile(all, 0)),
      p50: rounded(quantile(all, 0.5)),
      p99: rounded(quantile(all, 0.99)),
    })),
  )
}

function printAims(
  results: ReadonlyMap<string, readonly number[]>,
  late: ReadonlyMap<string, readonly number[]>,
): void {
  const verdict = (figureMs: number, aimMs: number): string =>
    `${figureMs <= aimMs ? 'reached' : 'missed'} (${rounded(figureMs)})`
  for (const { what, contender, withinMs } of AIMS) {
    const figures = results.get(contender)
    if (figures === undefined) continue
    console.log(`${what} within ${withinMs} ms p50: ${verdict(quantile(figures, 0.5), withinMs)}`)
  }
  const ratio =
    quantile(results.get('bubblewrap backend, cold, python') ?? [], 0.5) /
    quantile(results.get('bare bwrap, python') ?? [], 0.5)
  if (ratio > 0) {
    console.log(
      `bubblewrap, cold, within 1.3 times bare bwrap: ${ratio <= 1.3 ? 'reached' : 'missed'} (${rounded(ratio)})`,
    )
  }
  for (const [contender, figures] of late) {
    console.log(
      `${contender}: a timeout told within ${OVERSHOOT_AIM_MS} ms, p50: ${verdict(quantile(figures, 0.5), OVERSHOOT_AIM_MS)}`,
    )
  }
}

const [rounds, lateRounds] = [Number(process.argv[2] ?? 30), Number(process.argv[3] ?? 10)]
const engine = await unlessMissing(startDocker())
const bubblewrap = await unlessMissing(startBubblewrap())
const contenders: Contender[] = [
  { name: 'a bare shell process', once: () => timed(() => run('/bin/sh', ['-c', 'echo 1'])) },
  ...(await quickJsContenders()),
  ...(await isolatedVmContenders()),
]
try {
  if (bubblewrap !== undefined) {
    contenders.push(...(await bubblewrapContenders(bubblewrap.address, await rootFolder('python'))))
  }
  if (engine !== undefined) {
    const image = await dockerImage(engine.address, 'python')
    for (const runtime of ['runc', 'runsc'] as const) {
      contenders.push(...(await dockerContenders(runtime, engine.address, image)))
    }
  }
  const results = await measure(contenders, rounds, (contender) => contender.once())
  print(`milliseconds to the whole result of a small program, ${rounds} rounds, interleaved`, results)
  const late = await measure(contenders, lateRounds, (contender) => contender.overshoot?.())
  print(`milliseconds late at a limit of ${OVERSHOOT_LIMIT_MS} ms, ${lateRounds} rounds, interleaved`, late)
  printAims(results, late)
} finally {
  await Promise.all(contenders.map((contender) => contender.close?.()))
  await engine?.stop()
}
