import { describe, expect, it } from 'vitest'
import { EventListeners } from './event-listeners.ts'
import { RecordingLogger } from './testing/recording-logger.ts'

interface SampleEvents {
  readonly 'sample.made': { readonly id: number }
  readonly 'sample.gone': { readonly reason: string }
}

const at = new Date(7)

describe('EventListeners', () => {
  it('each listener hears of its own type, with when it happened, until it is taken away', () => {
    const listeners = new EventListeners<SampleEvents>(new RecordingLogger())
    const heard: unknown[] = []
    const end = listeners.add('sample.made', (data, time) => heard.push([data.id, time]))
    listeners.add('sample.gone', ({ reason }) => heard.push(reason))
    listeners.tell('sample.made', { id: 1 }, at)
    listeners.tell('sample.gone', { reason: 'old' }, at)
    end()
    end()
    listeners.tell('sample.made', { id: 2 }, at)
    expect(heard).toEqual([[1, at], 'old'])
    expect([listeners.isHeard('sample.made'), listeners.isHeard('sample.gone')]).toEqual([false, true])
  })

  it('a listener that throws is logged, and the others hear all the same', () => {
    const logger = new RecordingLogger()
    const listeners = new EventListeners<SampleEvents>(logger)
    const error = new Error('no')
    const heard: number[] = []
    listeners.add('sample.made', () => {
      throw error
    })
    listeners.add('sample.made', ({ id }) => heard.push(id))
    listeners.tell('sample.made', { id: 3 }, at)
    expect(heard).toEqual([3])
    const fields = { err: error, type: 'sample.made' }
    expect(logger.lines).toEqual([{ level: 'error', message: 'an event listener threw', fields }])
  })

  it('a listener that rejects later is logged as well: its rejection ends no process', async () => {
    const logger = new RecordingLogger()
    const listeners = new EventListeners<SampleEvents>(logger)
    const error = new Error('too late')
    // The type of a listener lets an asynchronous one through.
    listeners.add('sample.made', () => Promise.reject(error))
    listeners.tell('sample.made', { id: 4 }, at)
    await new Promise((resolve) => setImmediate(resolve))
    const fields = { err: error, type: 'sample.made' }
    expect(logger.lines).toEqual([{ level: 'error', message: 'an event listener threw', fields }])
  })

  it('taking an old listener away leaves one alone that came after it', () => {
    const listeners = new EventListeners<SampleEvents>(new RecordingLogger())
    const end = listeners.add('sample.made', () => undefined)
    end()
    listeners.add('sample.made', () => undefined)
    end()
    expect(listeners.isHeard('sample.made')).toBe(true)
  })
})
