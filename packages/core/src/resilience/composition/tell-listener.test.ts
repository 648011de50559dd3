import { describe, expect, it } from 'vitest'
import { tellListener } from './tell-listener.ts'

describe('tellListener', () => {
  it('tells what there is to tell, and nobody where there is no listener', () => {
    const heard: number[] = []
    tellListener((notice: number) => heard.push(notice), 1)
    tellListener(undefined, 2)
    expect(heard).toEqual([1])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects later', () => Promise.reject(new Error('no'))],
  ])('survives a listener that %s', async (_what, listener) => {
    const unheard: unknown[] = []
    const note = (reason: unknown): void => void unheard.push(reason)
    process.once('unhandledRejection', note)
    tellListener(listener, 1)
    await new Promise((resolve) => setImmediate(resolve))
    process.removeListener('unhandledRejection', note)
    expect(unheard).toEqual([])
  })
})
