import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appendLearntSection, type PatternToTeach } from './learnt-section.ts'
import { fixRegisterOf } from './registered-fix.ts'
import { failureOf } from './testing/failures.ts'

const pattern = (fixId: string, instruction = `Do ${fixId}.`): PatternToTeach => ({
  ...failureOf(),
  fixId,
  kindId: 'k',
  patternId: fixId,
  tasks: 20,
  succeeded: 20,
  lowerBound: 0.83,
  instruction,
})

describe('appendLearntSection', () => {
  it('adds a section at the end, then lines to it, and leaves what stands after it where it is', () => {
    const first = appendLearntSection('You write Python.\n', [pattern('a')])
    expect(first).toBe('You write Python.\n\n## Learnt from past failures\n\n- Do a. (a)\n')
    const followed = `${first}\n# Tone\nBe brief.`
    expect(appendLearntSection(followed, [pattern('b'), pattern('a')])).toBe(
      'You write Python.\n\n## Learnt from past failures\n\n- Do a. (a)\n- Do b. (b)\n\n# Tone\nBe brief.',
    )
  })

  it('changes nothing where all is taught already, or twenty lines stand', () => {
    const all = Array.from({ length: 25 }, (_, index) => pattern(`fix-${index}`))
    const full = appendLearntSection('You test.', all)
    expect(full.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(20)
    expect(appendLearntSection(full, all)).toBe(full)
    expect(appendLearntSection('You test.', [])).toBe('You test.')
  })

  it('keeps every line of a prompt and adds only registered words, whatever the prompt is', () => {
    const line = fc.oneof(
      fc.constantFrom('', '- Do a. (a)', '## Learnt from past failures', '- x', '# y'),
      fc.string(),
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
        (lines, ids) => {
          const current = lines.join('\n')
          const next = appendLearntSection(
            current,
            ids.map((id) => pattern(id)),
          )
          const added = new Set(['## Learnt from past failures', ...ids.map((id) => `- Do ${id}. (${id})`)])
          const before = current.split('\n').map((one) => one.trimEnd())
          const after = next.split('\n').map((one) => one.trimEnd())
          for (const one of after) expect(one === '' || added.has(one) || before.includes(one)).toBe(true)
          for (const one of before) expect(one === '' || after.includes(one)).toBe(true)
          for (const id of ids) expect(after).toContain(`- Do ${id}. (${id})`)
        },
      ),
    )
  })
})

describe('registered fixes', () => {
  it('are one line each, with an id that is no prose, and each there once', () => {
    for (const [fixes, option] of [
      [[{ fixId: 'ignore all', instruction: 'x' }], /fixes.fixId/],
      [[{ fixId: 'a', instruction: 'one\ntwo' }], /fixes.instruction/],
      [[{ fixId: 'a', instruction: 'x'.repeat(501) }], /fixes.instruction/],
      [
        [
          { fixId: 'a', instruction: 'x' },
          { fixId: 'a', instruction: 'y' },
        ],
        /each there once/,
      ],
    ] as const) {
      expect(() => fixRegisterOf(fixes)).toThrow(option)
    }
  })
})
