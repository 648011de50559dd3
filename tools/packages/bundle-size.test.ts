import { describe, expect, it } from 'vitest'
import { compareWithLimits, limitsFor } from './bundle-size.ts'

const sizes = [
  { specifier: '@golden-arch/core/time', minifiedBytes: 4000, gzipBytes: 2048 },
  { specifier: '@golden-arch/core/errors', minifiedBytes: 3000, gzipBytes: 1500 },
]

describe('the sizes of subpaths', () => {
  it('are problems above their limit, in KiB', () => {
    const gzipKib = { '@golden-arch/core/time': 1.9, '@golden-arch/core/errors': 1.5 }
    expect(compareWithLimits(sizes, { unnamed: 60, gzipKib }).problems).toEqual([
      '@golden-arch/core/time is 2.0 KiB minified and gzipped, more than 1.9',
    ])
  })

  it('are held to a common limit where a subpath has none of its own', () => {
    expect(compareWithLimits(sizes, { unnamed: 1.8, gzipKib: {} }).problems).toHaveLength(1)
  })

  it('name a limit of a subpath that is no more', () => {
    const gzipKib = { '@golden-arch/core/clock': 2 }
    expect(compareWithLimits(sizes, { unnamed: 60, gzipKib }).problems).toEqual([
      '@golden-arch/core/clock has a limit and is no subpath',
    ])
  })

  it('fit into the limits that are made of them', () => {
    expect(compareWithLimits(sizes, limitsFor(sizes, 60)).problems).toEqual([])
  })
})
