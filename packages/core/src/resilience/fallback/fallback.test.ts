import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test, vi } from 'vitest'
import { fallback } from './fallback.ts'

const fails = (message: string) => () => Promise.reject(new Error(message))

test('the first alternative that succeeds answers, and those after it are not asked', async () => {
  const unused = vi.fn(() => 'unused')
  const policy = fallback([fails('second'), ({ error }) => `instead of ${String(error)}`, unused])
  await expect(policy.execute(fails('first'))).resolves.toBe('instead of Error: second')
  expect(unused).not.toHaveBeenCalled()
})

test('an alternative learns the error, the key and the signal of the call', async () => {
  const { signal } = new AbortController()
  const asked = vi.fn(() => 'other')
  const error = new Error('first')
  await fallback(asked).execute(() => Promise.reject(error), { signal, key: 'acme' })
  expect(asked).toHaveBeenCalledWith({ error, signal, key: 'acme' })
})

test('when no alternative succeeds, the error of the last is thrown, which may be the first one again', async () => {
  await expect(fallback([fails('second'), fails('third')]).execute(fails('first'))).rejects.toThrow('third')
  const silent = fallback(({ error }) => Promise.reject(error))
  await expect(silent.execute(fails('first'))).rejects.toThrow('first')
})

test('an error that is not to be handled is thrown as it is', async () => {
  const other = vi.fn(() => 'other')
  const picky = fallback(other, { shouldHandle: (error) => String(error).includes('busy') })
  await expect(picky.execute(fails('broken'))).rejects.toThrow('broken')
  const throwing = fallback(other, {
    shouldHandle: () => {
      throw new Error('mistake')
    },
  })
  await expect(throwing.execute(fails('broken'))).rejects.toThrow('broken')
  expect(other).not.toHaveBeenCalled()
})

test('a caller that has gone gets no alternative', async () => {
  const other = vi.fn(() => 'other')
  const caller = new AbortController()
  const result = fallback(other).execute(
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { signal: caller.signal },
  )
  caller.abort()
  await expect(result).rejects.toMatchObject({ code: 'ABORTED' })
  expect(other).not.toHaveBeenCalled()
})

test('refuses no alternative, and one that is no function', () => {
  const answer: never = 'the answer itself' as never // as from plain JavaScript
  for (const none of [[], answer, [answer]]) {
    expect(() => fallback(none)).toThrow(invalidOption('alternatives', 'a function, or several'))
  }
})
