import { describe, expect, it } from 'vitest'
import { processUsage } from './process-usage.ts'

const STAT = `7 (a) b (c) S ${Array.from({ length: 40 }, (_, index) => index + 4).join(' ')}`

describe('processUsage', () => {
  it('reads both from what Linux says, whatever the process calls itself', () => {
    const files: Record<string, string> = {
      '/proc/7/stat': STAT,
      '/proc/7/status': 'Name:\tVmRSS: 1 kB\nVmRSS:\t  2048 kB\n',
    }
    expect(processUsage(7, (path) => files[path] ?? '')).toEqual({
      processorMs: (14 + 15) * 10,
      residentBytes: 2048 * 1024,
    })
  })

  it.runIf(process.platform === 'linux')('reads of this very process what Node says of it', () => {
    const bytes = processUsage(process.pid)?.residentBytes
    expect(bytes).toBeGreaterThan(process.memoryUsage.rss() / 2)
    expect(bytes).toBeLessThan(process.memoryUsage.rss() * 2)
  })

  it('says nothing of a process that is not there, or has ended and is not yet gone', () => {
    expect(processUsage(7, () => STAT)).toBeUndefined()
    expect(processUsage(2 ** 30)).toBeUndefined()
    const gone = (): string => {
      throw new Error('no such file')
    }
    expect(processUsage(7, gone)).toBeUndefined()
  })
})
