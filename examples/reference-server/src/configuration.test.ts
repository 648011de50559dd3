import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'

describe('the configuration', () => {
  it('has a default for all that it needs', () => {
    expect(readConfiguration({})).toMatchObject({ HOST: '127.0.0.1', PORT: 8000, LOG_LEVEL: 'info' })
  })

  it('takes an empty variable as absent', () => {
    expect(readConfiguration({ PORT: '', DATABASE_URL: '', MODEL_API_KEY_FILE: '' })).toMatchObject({
      PORT: 8000,
    })
  })

  it('reads a value from a file, without its last line break', async () => {
    const folder = await temporaryFolder('configuration')
    const file = join(folder.path, 'key')
    writeFileSync(file, 's3cret\n')
    expect(readConfiguration({ MODEL_API_KEY_FILE: file }).MODEL_API_KEY).toBe('s3cret')
    await folder.remove()
  })

  it('refuses a value and a file for one variable', () => {
    expect(() => readConfiguration({ PORT: '1', PORT_FILE: 'x' })).toThrow('PORT and PORT_FILE are both set')
  })

  it('names every variable that is wrong, and no value', () => {
    const read = (): unknown =>
      readConfiguration({ PORT: '99999', MODEL_BASE_URL: 'hunter2', LOG_LEVEL: 'loud' })
    expect(read).toThrow(/PORT: .*MODEL_BASE_URL: |LOG_LEVEL: /)
    expect(read).not.toThrow(/hunter2|99999|loud/)
  })
})
