import { expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'

test('the demo needs no server, and all is as promised', async () => {
  const { exitCode, document } = await callCli(['demo', '--json'])
  expect(document.result.steps).toHaveLength(5)
  for (const { title, isAsPromised } of document.result.steps)
    expect([title, isAsPromised]).toEqual([title, true])
  expect(exitCode).toBe(0)
})

test('what it saw is told in lines', async () => {
  const { said } = await callCli(['demo'])
  expect(said).toEqual([
    'a budget is charged exactly once, and never passed',
    '  limit 10000; held 4000 for a call, then charged the 3120 that it used, and was told so twice',
    '  used 3120, left 6880; a call that may need 9000 is denied',
    '  rebuilt from the ledger, the counters are the same',
    'a service that is down is left alone',
    '  of 8 calls to a service that fails, 5 reached it; 3 were refused at once',
    "a model's answer is read, and one that was cut off is refused",
    '  {"verdict":"approve"}, of a fence with single quotes',
    '  "{ \\"verdict\\": \\"appro" is refused: TRUNCATED',
    'a message that fails is kept, and handled once the fault is mended',
    '  given up and kept: NonRetryableError: the mail server has no such user',
    '  mended and redriven: handled 1 time, 0 left',
    'an audit entry that somebody changes afterwards is found',
    '  3 entries verified',
    '  entry 2 was changed: bad from 2, entry-altered',
    'the whole system, agents and console included: npm run demo in the repository',
  ])
})

test('it takes no words', async () => {
  expect((await callCli(['demo', 'fast'])).exitCode).toBe(2)
})
