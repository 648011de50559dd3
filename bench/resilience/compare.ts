/**
 * What guarding a call costs, side by side: this package and its peers, in processor time of the thread and bytes of the
 * heap for each call. Contenders take turns in each round; medians over the rounds are printed, with the least.
 * Usage: node --conditions=golden-arch-source bench/resilience/compare.ts [--rounds 7] [--breakers 10000]
 *        [--paths closed,open,failing,composed,idle] [--only part-of-a-name,…]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { rounded } from '../rounded.ts'
import { aimLines } from './aims.ts'
import { type Contender, LARGE_WINDOW, type Path, type Prepared, SMALL_WINDOW } from './contender.ts'
import { CONTENDERS } from './contenders/all.ts'
import { type IdleCost, idleCost } from './idle-cost.ts'
import { calibrate, median, type Sample, sample } from './measure.ts'

interface Entry {
  readonly contender: Contender
  readonly prepared: Prepared
  readonly calls: number
  readonly samples: Sample[]
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    breakers: { type: 'string', default: '10000' },
    paths: { type: 'string', default: 'closed,open,failing,composed,idle' },
    only: { type: 'string', default: '' },
  },
})
const rounds = positive('rounds', values.rounds)
const breakers = positive('breakers', values.breakers)
const only = values.only.split(',').filter((one) => one !== '')
const contenders = CONTENDERS.filter(
  ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
)
const paths: readonly { readonly title: string; readonly path: Path; readonly windowLength: number }[] = [
  { title: 'closed', path: 'closed', windowLength: 0 },
  { title: 'open', path: 'open', windowLength: 0 },
  { title: `failing, ${SMALL_WINDOW}`, path: 'failing', windowLength: SMALL_WINDOW },
  { title: `failing, ${LARGE_WINDOW}`, path: 'failing', windowLength: LARGE_WINDOW },
  { title: 'composed', path: 'composed', windowLength: 0 },
]

console.log(`Node ${process.version}, ${cpus().length} processors; ${rounds} rounds, medians (least)\n`)
const nanos = new Map<string, number>()
for (const { title, path, windowLength } of paths) {
  if (values.paths.split(',').includes(path)) await measurePath(title, path, windowLength)
}
const idle = new Map<string, IdleCost>()
if (values.paths.split(',').includes('idle')) await measureIdle()
console.log('Aims')
const figures = {
  nanosOf: (path: string, contender: string) => nanos.get(`${path}/${contender}`) ?? Number.NaN,
  idleOf: (contender: string) => idle.get(contender),
}
for (const line of aimLines(figures)) console.log(line)

async function measurePath(title: string, path: Path, windowLength: number): Promise<void> {
  const entries: Entry[] = []
  for (const contender of contenders) {
    const prepared = await contender.prepare(path, windowLength)
    if (prepared === undefined) continue
    entries.push({ contender, prepared, calls: await calibrate(prepared.operation), samples: [] })
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const entry = entries[(turn + round) % entries.length]
      entry?.samples.push(await sample(entry.prepared.operation, entry.calls))
    }
  }
  const unguarded = entries.find(({ contender }) => contender.name === 'bare await')
  console.log(path === 'failing' ? `failing, ${windowLength} calls in the window` : title)
  for (const { contender, prepared, samples } of entries) {
    prepared.close?.()
    const middle = median(samples.map((one) => one.nanos))
    nanos.set(`${title}/${contender.name}`, middle)
    const least = Math.min(...samples.map((one) => one.nanos))
    const base = unguarded === undefined ? Number.NaN : median(unguarded.samples.map((one) => one.nanos))
    console.log(
      [
        `  ${contender.name.padEnd(32)}`,
        `${rounded(middle).padStart(8)} ns (${rounded(least)})`.padEnd(22),
        Number.isNaN(base) ? '' : `${rounded(middle / base)} × bare`.padEnd(14),
        `${rounded(median(samples.map((one) => one.bytes)))} bytes`,
      ].join('  '),
    )
  }
  console.log()
}

async function measureIdle(): Promise<void> {
  console.log(`${breakers} idle breakers`)
  for (const { name, makeMany } of contenders) {
    if (makeMany === undefined) continue
    const cost = await idleCost(name, breakers)
    idle.set(name, cost)
    console.log(
      [
        `  ${name.padEnd(32)}`,
        `${rounded(cost.bytes)} bytes and ${rounded(cost.timers)} timers each`.padEnd(34),
        `${rounded(cost.idleMillisPerSecond)} ms of processor in a second`.padEnd(36),
        `${rounded(cost.makingMicros)} µs to make`,
      ].join('  '),
    )
  }
  console.log()
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new RangeError(`--${name} takes a positive number, not ${text}`)
  return value
}
