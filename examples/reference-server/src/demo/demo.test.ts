import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo } from './testing/demo-process.ts'
import { AS_EXPECTED, STAGE_PROBLEMS } from './testing/stage-problems.ts'

const TIMEOUT_MS = 900_000

describe('the demo', { timeout: TIMEOUT_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder('demo')
  })
  afterAll(() => folder.remove())

  it('brings every task to its expected end, with every ledger adding up', async () => {
    const { code, output } = await startDemo(`${folder.path}/whole`).exit
    expect(output).toContain(AS_EXPECTED)
    expect(code).toBe(0)
  })

  it('goes on where it stood when it is killed, and comes to the same end', async () => {
    const data = `${folder.path}/killed`
    const run = startDemo(data)
    await new Promise<void>((resolve) => {
      run.child.stdout?.on('data', () => {
        if (run.output().split('\n').length > 40) resolve()
      })
      void run.exit.then(() => resolve())
    })
    run.child.kill('SIGKILL')
    expect((await run.exit).signal).toBe('SIGKILL')
    const { code, output } = await startDemo(data).exit
    expect(output).toContain('Continuing')
    expect(output).toContain(AS_EXPECTED)
    expect(code).toBe(0)
  })

  it('stops at an interrupt and says how to go on', async () => {
    const run = startDemo(`${folder.path}/interrupted`)
    run.child.stdout?.once('data', () => run.child.kill('SIGINT'))
    const { code, output } = await run.exit
    expect(output).toContain('Start it again and it goes on')
    expect(code).toBe(130)
  })

  it('fails without the sandbox, and says what went wrong', async () => {
    const { code, output } = await startDemo(`${folder.path}/sandbox`, '--without', 'sandbox').exit
    expect(output).toContain('NOT AS EXPECTED')
    expect(output).toContain(STAGE_PROBLEMS.sandbox)
    expect(code).toBe(1)
  })

  it('deletes nothing of a folder but what it made itself', async () => {
    const data = `${folder.path}/shared`
    mkdirSync(data)
    writeFileSync(`${data}/thesis.txt`, 'years of work')
    const { code } = await startDemo(data, '--fresh', import.meta.filename).exit
    expect(code).toBe(2)
    expect(readFileSync(`${data}/thesis.txt`, 'utf8')).toBe('years of work')
  })

  it.each([
    ['a database that is none', 'database'],
    ['a bill that is none', 'bill.jsonl'],
  ])('ends at once, saying why, where it finds %s', async (_, name) => {
    const data = `${folder.path}/broken-${name}`
    mkdirSync(data)
    writeFileSync(`${data}/${name}`, 'something else')
    const { code, output } = await startDemo(data).exit
    expect(output).toContain(name)
    expect(code).toBe(2)
  })

  it('refuses a file of tasks that are none, naming the line', async () => {
    const { code, output } = await startDemo(`${folder.path}/bad`, import.meta.filename).exit
    expect(output).toMatch(/demo\.test\.ts:1: not JSON/)
    expect(code).toBe(2)
  })
})
