import { describe, expect, it } from 'vitest'
import { type CloseLater, openTogether } from './open-together.ts'

const closed: string[] = []
const closing =
  (name: string, failure?: Error): (() => Promise<void>) =>
  async () => {
    closed.push(name)
    if (failure !== undefined) throw failure
  }

describe('what is opened together', () => {
  it('is closed in the reverse order, once', async () => {
    closed.length = 0
    const opened = await openTogether(async (closeLater) => {
      closeLater(closing('first'))
      closeLater(closing('second'))
      return { address: 'here' }
    })
    expect(opened.address).toBe('here')
    expect(closed).toEqual([])
    await opened.stop()
    await opened.stop()
    expect(closed).toEqual(['second', 'first'])
  })

  it('leaves nothing behind where the last of it cannot be opened', async () => {
    closed.length = 0
    const open = async (closeLater: CloseLater): Promise<object> => {
      closeLater(closing('first'))
      closeLater(closing('second', new Error('it would not close')))
      throw new Error('no third')
    }
    await expect(openTogether(open)).rejects.toThrow('no third')
    expect(closed).toEqual(['second', 'first'])
  })

  it('is closed as a whole though a part of it cannot be, and that is told', async () => {
    closed.length = 0
    const opened = await openTogether(async (closeLater) => {
      closeLater(closing('first'))
      closeLater(closing('second', new Error('it would not close')))
      return {}
    })
    await expect(opened.stop()).rejects.toThrow('it would not close')
    expect(closed).toEqual(['second', 'first'])
  })
})
