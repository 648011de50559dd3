import { expect, it } from 'vitest'
import { withMembers } from './with-members.ts'

class Model {
  readonly #secret = 'own'
  calls = 0
  ask(): string {
    this.calls++
    return this.#secret
  }
  again(): string {
    return this.ask()
  }
}

it('shows some members in place of those of an object, and all others as they are', () => {
  const model = new Model()
  const view = withMembers(model, { ask: () => 'paid' })
  expect(view).toBeInstanceOf(Model)
  expect(view.constructor).toBe(Model)
  expect([view.ask(), view.again(), view.calls]).toEqual(['paid', 'own', 1])
  view.calls = 5
  expect(model.calls).toBe(5)
  expect('again' in view).toBe(true)
})

it('shows them in place of members that are frozen', () => {
  const frozen = Object.freeze({ ask: () => 'own', again: () => 'again' })
  const view = withMembers(frozen, { ask: () => 'paid' })
  expect([view.ask(), view.again()]).toEqual(['paid', 'again'])
})
