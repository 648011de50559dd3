import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Recording } from '../scripted-model/recording.ts'
import { readExpectations, readTaskFolder, readTasks } from './corpus.ts'

const CORPUS = join(import.meta.dirname, '..', '..', 'demo')

describe("the demo's own corpus", () => {
  it('has an expectation and an answer for every task, and each has at least 8 hidden tests or gets them written', () => {
    const tasks = readTaskFolder(CORPUS)
    const expectations = readExpectations(CORPUS)
    const recording = Recording.read(CORPUS)
    expect(tasks.length).toBeGreaterThanOrEqual(20)
    expect(new Set(tasks.map((task) => task.id)).size).toBe(tasks.length)
    expect([...expectations.keys()].sort()).toEqual(tasks.map((task) => task.id).sort())
    for (const { id, tests, parts } of tasks) {
      const written = recording.find({ task: id, step: 'write-tests', attempt: 2, call: 1 })
      expect(tests?.length ?? 0, id).toSatisfy(
        (count) => count >= 8 || (count === 0 && written !== undefined),
      )
      const step = parts === undefined ? 'generate' : 'plan'
      expect(recording.find({ task: id, step, attempt: 1, call: 1 }), id).toBeDefined()
    }
    expect(tasks.filter((task) => task.parts !== undefined)).toHaveLength(3)
    expect(tasks.filter((task) => task.tests === undefined)).toHaveLength(1)
  })
})

describe('a file of tasks', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder('corpus')
  })
  afterAll(() => folder.remove())

  it('may hold empty lines', () => {
    const file = join(folder.path, 'empty.jsonl')
    writeFileSync(file, '\n  \n')
    expect(readTasks(file)).toEqual([])
  })

  it.each([
    ['what is no JSON', '\n{', /bad\.jsonl:2: not JSON/],
    ['what is no task', '{"id":"A"}', /bad\.jsonl:1: [\s\S]*id/],
  ])('is refused with file and line for %s', (_, text, message) => {
    const file = join(folder.path, 'bad.jsonl')
    writeFileSync(file, text)
    expect(() => readTasks(file)).toThrow(message)
  })
})
