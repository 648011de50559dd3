import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BEHAVIOURS } from './testing/behaviours.ts'
import { PEERS } from './testing/peer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe.each(BEHAVIOURS)('a circuit that $behaviour', (behaviour) => {
  it.each(PEERS)('$name', async (peer) => {
    const holds = await behaviour.holds(peer)
    expect(holds === undefined ? '–' : holds ? 'yes' : 'no').toBe(behaviour[peer.name])
  })
})

it('the guide shows the behaviours as they were found', () => {
  const guide = readFileSync(new URL('../../../../../docs/guides/resilience.md', import.meta.url), 'utf8')
  for (const { behaviour, ours, opossum, cockatiel } of BEHAVIOURS) {
    expect(guide).toContain(`| ${behaviour} | ${ours} | ${opossum} | ${cockatiel} |`)
  }
  const [, table = ''] = guide.split('| a circuit that … |')
  expect(table.match(/^\| [a-z].* \|$/gm)).toHaveLength(BEHAVIOURS.length)
})
