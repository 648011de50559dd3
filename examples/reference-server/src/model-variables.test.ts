import { estimateCost, formatMoney } from '@golden-arch/budget'
import { describe, expect, it } from 'vitest'
import { readConfiguration, secretsOf } from './configuration.ts'
import { modelPrices, openModel } from './open-model.ts'

const FIRST = { MODEL_BASE_URL: 'http://127.0.0.1:9/v1', MODEL_NAME: 'first', MODEL_API_KEY: 'first-key' }

async function endpointsOf(environment: Readonly<Record<string, string>>) {
  const { endpoint, fallbackEndpoints, close } = await openModel(
    readConfiguration({ ...FIRST, ...environment }),
  )
  await close()
  return [endpoint, ...fallbackEndpoints]
}

describe('the models of the configuration', () => {
  it('are one, unless others stand in for it', async () => {
    expect(await endpointsOf({})).toEqual([
      { baseUrl: FIRST.MODEL_BASE_URL, model: 'first', apiKey: 'first-key' },
    ])
  })

  it('go with the key of their own place, and the first key goes nowhere else', async () => {
    const MODEL_FALLBACKS =
      'second, https://elsewhere.example.org/v1|third:large ,https://else.example.org/v1|4'
    const [, ...others] = await endpointsOf({ MODEL_FALLBACKS })
    expect(others).toEqual([
      { baseUrl: FIRST.MODEL_BASE_URL, model: 'second', apiKey: 'first-key' },
      { baseUrl: 'https://elsewhere.example.org/v1', model: 'third:large', apiKey: '' },
      { baseUrl: 'https://else.example.org/v1', model: '4', apiKey: '' },
    ])
    const given = await endpointsOf({ MODEL_FALLBACKS, MODEL_FALLBACK_API_KEYS: ', k3,k4' })
    expect(given.map(({ apiKey }) => apiKey)).toEqual(['first-key', 'first-key', 'k3', 'k4'])
  })

  it('are recorded answers where none is given, with prices that are made up', async () => {
    const configuration = readConfiguration({ MODEL_FALLBACKS: 'small' })
    const { endpoint, fallbackEndpoints, close } = await openModel(configuration)
    await close()
    expect(endpoint).toMatchObject({ provider: 'scripted', model: 'scripted' })
    expect(fallbackEndpoints).toEqual([{ ...endpoint, model: 'small' }])
    expect(modelPrices(configuration)?.version).toBe('scripted')
    expect(modelPrices(readConfiguration(FIRST))).toBeUndefined()
  })

  it('are recorded answers on a database server where that is said, and have no made-up prices unsaid', async () => {
    const DATABASE_URL = 'postgres://localhost/golden'
    const said = readConfiguration({ DATABASE_URL, MODEL_BASE_URL: 'scripted' })
    const { endpoint, close } = await openModel(said)
    await close()
    expect(endpoint.provider).toBe('scripted')
    expect(modelPrices(said)?.version).toBe('scripted')
    expect(modelPrices(readConfiguration({ DATABASE_URL, ROLES: 'gateway' }))).toBeUndefined()
  })

  it('have prices for a million tokens, to the millionth of the unit', () => {
    const prices = modelPrices(
      readConfiguration({ ...FIRST, MODEL_PRICES: 'EUR, a/b=0.15/0.6, large=2.5/10' }),
    )
    if (prices === undefined) throw new Error('no prices')
    const plan = { model: 'a/b', inputTokens: 1_000_000, maxOutputTokens: 1_000_000 }
    expect(formatMoney(estimateCost(prices, plan))).toBe('0.75 EUR')
  })

  it.each([
    ['MODEL_FALLBACKS', 'ftp://elsewhere.example.org|large'],
    ['MODEL_FALLBACKS', 'https://me:hunter2@elsewhere.example.org|large'],
    ['MODEL_FALLBACKS', 'https://elsewhere.example.org/v1|'],
    ['MODEL_FALLBACKS', Array.from({ length: 9 }, (_, index) => `m${index}`).join(',')],
    ['MODEL_FALLBACK_API_KEYS', 'hunter2\nhunter2'],
    ['MODEL_PRICES', 'small=1/2'],
    ['MODEL_PRICES', 'USD,small'],
    ['MODEL_PRICES', 'USD,small=1'],
    ['MODEL_PRICES', 'USD,small=-1/2'],
    ['MODEL_PRICES', 'USD,small=1/2,small=1/2'],
    ['MODEL_PRICES', 'dollars,small=1/2'],
    ['MODEL_TIMEOUT_MS', '0'],
    ['AGENT_STEPS', 'many'],
    ['AGENTS_PER_ROLE', '0'],
    ['AGENT_TOOLS', 'run_code,rm'],
  ])('are refused with %s=%s, without telling it', (name, value) => {
    const read = (): unknown => readConfiguration({ ...FIRST, [name]: value })
    expect(read).toThrow(new RegExp(`${name}: must`))
    expect(read).not.toThrow(/hunter2/)
  })

  it('are refused with keys for others than those there are', () => {
    const read = (): unknown => readConfiguration({ MODEL_FALLBACKS: 'a,b', MODEL_FALLBACK_API_KEYS: 'k' })
    expect(read).toThrow('MODEL_FALLBACK_API_KEYS: one for each of MODEL_FALLBACKS')
  })

  it('keep each of their keys out of the log', () => {
    const secrets = secretsOf(
      readConfiguration({ MODEL_FALLBACKS: 'a,b', MODEL_FALLBACK_API_KEYS: 'k1, k2' }),
    )
    expect(secrets).toEqual(expect.arrayContaining(['k1', 'k2']))
  })
})
