import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomName } from '@golden-arch/testkit'
import { BENCH_PROJECT } from './golden-server.ts'

const CORPUS = join('examples', 'reference-server', 'demo', 'tasks-classic.jsonl')

/** Requests for tokens, each with an id of its own. */
export function budgetBodies(): () => unknown {
  const name = randomName('bench')
  let count = 0
  return () => ({ request_id: `${name}-${++count}`, project_id: BENCH_PROJECT, tokens: 1, ttl_ms: 1000 })
}

/** Tasks, each with an id of its own, otherwise as the demo has them. */
export function taskBodies(): () => unknown {
  const name = randomName('bench').replaceAll(/[^a-z0-9]/g, '-')
  // A line of the corpus is a task.
  const task = JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '') as object
  let count = 0
  return () => ({ ...task, id: `${name}-${++count}` })
}
