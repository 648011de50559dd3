import { expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'

test('the demo needs no server, and all is as promised', async () => {
  const { exitCode, document } = await callCli(['demo', '--json'])
  expect(document.result.steps).toHaveLength(5)
  for (const { title, isAsPromised } of document.result.steps)
    expect([title, isAsPromised]).toEqual([title, true])
  expect(exitCode).toBe(0)
})

test('it takes no words', async () => {
  expect((await callCli(['demo', 'fast'])).exitCode).toBe(2)
})
