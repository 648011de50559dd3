import { describe, expect, it } from 'vitest'
import { fillMarkers } from './fill-markers.ts'

const PAGE = 'before\n<!-- options @a/b XOptions -->\nold\n<!-- end -->\nafter\n'

describe('the marked places of a page', () => {
  it('hold what is written for their word and arguments, and nothing else changes', () => {
    const filled = fillMarkers(PAGE, ({ word, args }) => `${word}: ${args.join(', ')}`)
    expect(filled).toBe(
      'before\n<!-- options @a/b XOptions -->\n\noptions: @a/b, XOptions\n\n<!-- end -->\nafter\n',
    )
  })

  it('are the same when they are filled again', () => {
    const once = fillMarkers(PAGE, () => 'table')
    expect(fillMarkers(once, () => 'table')).toBe(once)
  })

  it('must end', () => {
    expect(() => fillMarkers('<!-- metrics budget_ -->\n', () => 'table')).toThrow('has no <!-- end -->')
  })
})
