import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Recording } from '../../scripted-model/recording.ts'
import { DEMO_FOLDER, demoTasks } from '../chaos/demo-tasks.ts'
import { repeatCorpus } from './repeated-corpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'golden-arch-corpus-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('gives each task of each round an id, an end and its answers, its parts too', () => {
  const { tasks, expectations } = repeatCorpus(DEMO_FOLDER, folder, 3)
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(3 * demoTasks(undefined).length)
  expect(tasks.map(({ id }) => id).filter((id) => expectations.get(id)?.task !== id)).toEqual([])
  const [original, repeated] = [Recording.read(DEMO_FOLDER), Recording.read(folder)]
  for (const part of ['', '/tokenize']) {
    const asked = { step: 'generate', attempt: 1, call: 1 }
    const answer = original.find({ ...asked, task: `expression-evaluator${part}` })
    expect(repeated.find({ ...asked, task: `expression-evaluator-2${part}` })).toEqual(answer)
  }
  expect(
    original.find({ task: 'expression-evaluator/tokenize', step: 'generate', attempt: 1, call: 1 }),
  ).toBeDefined()
})
