import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Expectation, readExpectations, readTaskFolder } from '../../demo/corpus.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'

/** The tasks of a folder, again and again, each time under other ids. */
export interface RepeatedCorpus {
  /** Round by round. */
  readonly tasks: readonly CodingTask[]
  /** How each must end, by id. */
  readonly expectations: ReadonlyMap<string, Expectation>
}

/** Writes the recorded answers of the tasks in `from`, once for each round, into the folder `to`, and tells what is asked. */
export function repeatCorpus(from: string, to: string, rounds: number): RepeatedCorpus {
  const turns = Array.from({ length: rounds }, (_, index) => `-${index + 1}`)
  for (const name of readdirSync(from).filter((one) => one.startsWith('answers-'))) {
    const lines = readFileSync(join(from, name), 'utf8').split('\n').filter(Boolean)
    const repeated = turns.flatMap((turn) => lines.map((line) => answerOf(line, turn)))
    writeFileSync(join(to, name), `${repeated.join('\n')}\n`)
  }
  const tasks = readTaskFolder(from)
  const expectations = [...readExpectations(from).values()]
  return {
    tasks: turns.flatMap((turn) => tasks.map((task) => ({ ...task, id: `${task.id}${turn}` }))),
    expectations: new Map(
      turns.flatMap((turn) =>
        expectations.map((one) => [`${one.task}${turn}`, { ...one, task: `${one.task}${turn}` }] as const),
      ),
    ),
  }
}

/** The answer of a line for the task of another round; a part keeps its name behind the task's. */
function answerOf(line: string, turn: string): string {
  // A folder of the demo has such lines alone; whoever reads the copy checks them whole.
  const answer = JSON.parse(line) as { task: string }
  const [root = '', ...part] = answer.task.split('/')
  return JSON.stringify({ ...answer, task: [`${root}${turn}`, ...part].join('/') })
}
