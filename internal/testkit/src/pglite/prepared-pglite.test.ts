import { expect, it } from 'vitest'
import { randomName } from '../isolation/random-name.ts'
import { preparedPglite } from './prepared-pglite.ts'

const TIMEOUT_MS = 300_000

it('is prepared once, and each copy is as it was left and apart from the others', {
  timeout: TIMEOUT_MS,
}, async () => {
  let prepared = 0
  const state = randomName('state')
  const open = () =>
    preparedPglite(state, async (pglite) => {
      prepared++
      await pglite.exec('CREATE TABLE found (n int); INSERT INTO found VALUES (1)')
    })
  const first = await open()
  await first.exec('INSERT INTO found VALUES (2)')
  const [second, third] = await Promise.all([open(), open()])
  expect((await second.query('SELECT n FROM found')).rows).toEqual([{ n: 1 }])
  await third.exec('DROP TABLE found')
  expect((await first.query('SELECT n FROM found ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }])
  expect(prepared).toBe(1)
  await Promise.all([first.close(), second.close(), third.close()])
})

it('of another state is another', { timeout: TIMEOUT_MS }, async () => {
  const pglite = await preparedPglite('nothing at all', async () => undefined)
  expect((await pglite.query(`SELECT to_regclass('found') AS found`)).rows).toEqual([{ found: null }])
  await pglite.close()
})
