import { readFileSync } from 'node:fs'
import type { ImageEngine } from './image-engine.ts'

/** Where what a build was lent would lie, had it stayed. */
const LENT = /^(root\/|run\/)|(^|\/)(\.npmrc|\.package-lock\.json|\.env)$/

/** What an image keeps of its build that it should not: files that were lent, and what `secret` says in a command. */
export async function imageTraces(
  engine: ImageEngine,
  tag: string,
  paths: readonly string[],
  secret: string | undefined,
): Promise<string[]> {
  const history = await engine.historyOf(tag)
  const lines = secret === undefined ? [] : readFileSync(secret, 'utf8').split('\n').filter(Boolean)
  return [
    ...paths.filter((path) => LENT.test(path)).map((path) => `${path} was left in it`),
    ...lines.filter((line) => history.includes(line)).map(() => 'a command that made it tells a secret'),
  ]
}
