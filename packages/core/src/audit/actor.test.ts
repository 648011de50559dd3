import { expect, it } from 'vitest'
import { type Actor, requireActor } from './actor.ts'

it('an actor of each kind is taken as it is, with the request that led to the act or without', () => {
  for (const kind of ['human', 'agent', 'service'] as const) {
    const actor: Actor = { id: 'ada', kind }
    expect(requireActor(actor)).toBe(actor)
    expect(requireActor({ ...actor, requestId: 'r-1' })).toEqual({ id: 'ada', kind, requestId: 'r-1' })
  }
})

it.each([
  ['actor', undefined],
  ['actor', 'ada'],
  ['actor', null],
  ['actor.id', { id: '', kind: 'human' }],
  ['actor.id', { id: 'a\nb', kind: 'human' }],
  ['actor.kind', { id: 'ada' }],
  ['actor.kind', { id: 'ada', kind: 'robot' }],
  ['actor.requestId', { id: 'ada', kind: 'human', requestId: '' }],
])('refuses by the name of %s what names nobody: %j', (option, actor) => {
  // The cast lets in what a caller without types may pass.
  expect(() => requireActor(actor as never)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option }) }),
  )
})
