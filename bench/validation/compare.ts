/**
 * Reading models' answers, side by side with the parsers that people use for it: what each makes of the corpus of model
 * outputs, and the processor time that a reading takes, the schema's check included. Contenders take turns in each round;
 * medians over the rounds are printed. A contender is timed only on texts that it reads rightly.
 * Usage: node --conditions=golden-arch-source bench/validation/compare.ts [--rounds 9] [--paths accuracy,categories,speed]
 *        [--only part-of-a-name,…] [--wrong part-of-a-name: lists the texts that it misjudges]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { LlmValidator } from '@golden-arch/core/validation'
import { schemaOf } from '../../packages/core/src/validation/testing/read-case.ts'
import { isSameJson } from '../../packages/core/src/validation/testing/same-json.ts'
import { rounded } from '../rounded.ts'
import { categoryTable, commonCases, judgeOurs, judgePeer, scoreTable } from './accuracy.ts'
import { aimLines } from './aims.ts'
import { PEERS } from './contenders.ts'
import { calibrate, median, microsOf, type Operation } from './measure.ts'
import { TIMED_TEXTS, type TimedText } from './texts.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    paths: { type: 'string', default: 'accuracy,categories,speed' },
    only: { type: 'string', default: '' },
    wrong: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
if (!(rounds > 0)) throw new RangeError(`--rounds takes a positive number, not ${values.rounds}`)
const only = values.only.split(',').filter((one) => one !== '')
const peers = PEERS.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
const paths = values.paths.split(',')
const LIMITS = { maxCharacters: 10_000_000 }

console.log(`Node ${process.version}, ${cpus().length} processors\n`)
if (paths.includes('accuracy') || paths.includes('categories')) await compareAccuracy()
if (paths.includes('speed')) await compareSpeed()

async function compareAccuracy(): Promise<void> {
  const cases = commonCases()
  const all = [judgeOurs(cases)]
  for (const peer of peers) all.push(await judgePeer(peer, cases))
  console.log(`${cases.length} model outputs`)
  if (paths.includes('accuracy')) console.log(`\n${scoreTable(all).join('\n')}\n`)
  if (paths.includes('categories')) console.log(`\nRight by category\n\n${categoryTable(all).join('\n')}\n`)
  const listed = all.find(({ name }) => values.wrong !== undefined && name.includes(values.wrong))
  for (const [one, verdict] of listed?.verdicts ?? []) {
    if (verdict !== 'right') console.log(`${verdict}  ${one.id}  ${JSON.stringify(one.text).slice(0, 160)}`)
  }
}

async function compareSpeed(): Promise<void> {
  const micros = new Map<string, number>()
  for (const timed of TIMED_TEXTS) await compareOn(timed, micros)
  console.log('Aims')
  const microsFor = (text: string, contender: string): number =>
    micros.get(`${text}/${contender}`) ?? Number.NaN
  for (const line of aimLines(microsFor, TIMED_TEXTS)) console.log(line)
}

async function compareOn(timed: TimedText, micros: Map<string, number>): Promise<void> {
  const schema = schemaOf(timed.schema)
  const validator = new LlmValidator({ schema, limits: LIMITS })
  const ours = (): unknown => {
    const outcome = validator.parse(timed.text)
    return outcome.ok ? outcome.value : undefined
  }
  const meant = ours()
  if (meant === undefined) throw new Error(`${timed.name}: refused`)
  const entries = [{ name: 'golden-arch', operation: ours as Operation, calls: 0, samples: [] as number[] }]
  for (const { name, read } of peers) {
    const operation = (): unknown => {
      const value = read(timed.text)
      return value instanceof Promise ? value.then((one) => schema.parse(one)) : schema.parse(value)
    }
    if (await isRight(operation, meant)) entries.push({ name, operation, calls: 0, samples: [] })
  }
  for (const entry of entries) entry.calls = await calibrate(entry.operation)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const entry = entries[(turn + round) % entries.length]
      entry?.samples.push(await microsOf(entry.operation, entry.calls))
    }
  }
  console.log(`${timed.name}, ${timed.text.length.toLocaleString('en')} characters`)
  for (const { name, samples } of entries) {
    const middle = median(samples)
    micros.set(`${timed.name}/${name}`, middle)
    const speed = `${rounded(timed.text.length / middle)} MB/s`
    console.log(`  ${name.padEnd(30)}${`${rounded(middle)} µs`.padStart(14)}${speed.padStart(14)}`)
  }
  console.log()
}

async function isRight(operation: Operation, meant: unknown): Promise<boolean> {
  try {
    return isSameJson(await operation(), meant)
  } catch {
    return false
  }
}
