import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import { configurationHelp, readConfiguration } from './configuration.ts'

/** What gives a value to the variables that have no default. */
const EVERYTHING = {
  DATABASE_URL: 'postgres://host/db',
  MODEL_BASE_URL: 'http://host/v1',
  MODEL_NAME: 'small',
}

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
    expect(read).toThrow(/PORT: .*LOG_LEVEL: .*MODEL_BASE_URL: /)
    expect(read).not.toThrow(/hunter2|99999|loud/)
  })

  it('refuses an address of another kind of server, and one of a model without its name', () => {
    expect(() => readConfiguration({ DATABASE_URL: 'mysql://localhost/golden' })).toThrow(/postgres:\/\//)
    const MODEL_BASE_URL = 'http://localhost:4000/v1'
    expect(() => readConfiguration({ MODEL_BASE_URL })).toThrow('MODEL_NAME: needed with MODEL_BASE_URL')
    expect(readConfiguration({ MODEL_BASE_URL, MODEL_NAME: 'small' }).MODEL_NAME).toBe('small')
  })

  it('names the variable whose file is missing', () => {
    expect(() => readConfiguration({ DATABASE_URL_FILE: '/nowhere' })).toThrow(/DATABASE_URL_FILE: .*nowhere/)
  })

  it('takes a relative folder from where npm was called', () => {
    const INIT_CWD = '/app'
    expect(readConfiguration({ INIT_CWD }).DATA_DIR).toBe('/app/.golden-arch/server')
    expect(readConfiguration({ INIT_CWD, DATA_DIR: '/data' }).DATA_DIR).toBe('/data')
  })

  it('is told in full by its help and by the example of a file', () => {
    const example = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
    for (const name of Object.keys(readConfiguration(EVERYTHING))) {
      expect(configurationHelp()).toMatch(new RegExp(`^  ${name} `, 'm'))
      expect(example).toMatch(new RegExp(`^# ${name}=`, 'm'))
    }
  })
})
