import { expect, it } from 'vitest'
import { drawCurves } from './draw-curves.ts'

const picture = (panels: ReadonlyMap<string, ReadonlyMap<string, (number | undefined)[]>>): string =>
  drawCurves({ title: 'A run', description: 'What was seen.', minutes: 2, panels })

it('draws each curve with its name, and a gap where nothing was measured', () => {
  const svg = picture(new Map([['a < b', new Map([['one & two', [1, undefined, 3, 4]]])]]))
  expect(svg).toContain('a &lt; b')
  expect(svg).toContain('one &amp; two')
  const [path = ''] = svg.match(/class="curve"[^>]* d="[^"]*"/) ?? []
  expect(path.match(/M/g)).toHaveLength(2)
  expect(path.match(/L/g)).toHaveLength(1)
})

it('draws the highest of more values than there is room for', () => {
  const spike = Array.from({ length: 1600 }, (_, index) => (index === 805 ? 10 : 0))
  const svg = picture(new Map([['waiting', new Map([['steps', spike]])]]))
  // The top of the plot, which the only high value reaches.
  expect(svg).toMatch(/class="curve"[^>]*L\d+(\.\d)? 28L/)
})
