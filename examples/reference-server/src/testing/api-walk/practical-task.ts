import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'demo', 'tasks-practical.jsonl')

/** A task of the demo, as it is posted. */
export function practicalTask(): object {
  return JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '')
}
