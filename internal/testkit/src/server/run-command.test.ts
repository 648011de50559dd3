import { expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

test('what it wrote comes back', async () => {
  expect(await runCommand('/bin/sh', ['-c', 'echo "$1"', 'sh', 'a b'], { timeLimitMs: 5_000 })).toBe('a b\n')
})

test('a failure carries the end of what it said', async () => {
  const running = runCommand('/bin/sh', ['-c', 'echo sorry >&2; exit 3'], { timeLimitMs: 5_000 })
  await expect(running).rejects.toThrow('sh -c ended with exit code 3: sorry')
})

test('one that gives no answer is killed at its time limit, with what it started', async () => {
  const running = runCommand('/bin/sh', ['-c', 'sleep 60 & wait'], { timeLimitMs: 100 })
  await expect(running).rejects.toThrow('gave no answer within 100 ms')
})

test('a program that is not there is named', async () => {
  await expect(runCommand('no-such-program', [], { timeLimitMs: 100 })).rejects.toThrow(
    'no-such-program is not there',
  )
})
