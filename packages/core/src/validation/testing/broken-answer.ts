import fc from 'fast-check'
import { readCorpus } from './corpus-case.ts'
import { readGrammar } from './grammar-case.ts'

/** Pieces of JSON and of answers: what a parser may stumble over. */
export const ANSWER_TOKENS: readonly string[] = [
  ...'{}[]:,"\'`\\/#*<>()-+.;',
  ...[
    '{"a":',
    '[1,',
    '"x"',
    '""',
    '0',
    '-1',
    '12',
    '1e9',
    '1e999',
    '9007199254740993',
    '.5',
    'true',
    'null',
    'None',
    'NaN',
  ],
  ...[
    '\\"',
    '\\u00',
    '\\ud83d',
    '\ud83d',
    '\\n',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u00a0',
    '\ufeff',
    '\u0000',
    '“',
    '”',
    '‘',
    '’',
  ],
  ...[
    '```json\n',
    '```',
    '\n```\n',
    '~~~',
    '<think>',
    '</think>',
    '<json>',
    '</json>',
    '//',
    '/*',
    '*/',
    '...',
    '…',
    'key',
  ],
  ...['__proto__', '"a":1', "'b':2", 'Here is', 'data: ', '}}', ']]', '},{', '\n{"a":1}\n', 'undefined'],
]

/** Texts of any characters, half surrogates among them. */
const randomText: fc.Arbitrary<string> = fc
  .array(fc.nat(0xffff), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units))

/** Pieces of JSON and of answers, in any order. */
const tokenSoup: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...ANSWER_TOKENS), { maxLength: 24 })
  .map((tokens) => tokens.join(''))

/** Texts of the corpora that were cut, joined and changed at random places. */
const mutatedText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...new Set([...readCorpus(), ...readGrammar()].map(({ text }) => text.slice(0, 2000)))),
    fc.array(fc.tuple(fc.nat(), fc.nat(8), fc.constantFrom(...ANSWER_TOKENS)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [place, length, token]) => {
      const at = changed.length === 0 ? 0 : place % (changed.length + 1)
      // An even length takes away, an odd one only puts in, and the longest doubles what follows.
      if (length === 8) return changed + changed.slice(at)
      return (
        changed.slice(0, at) +
        (length % 3 === 0 ? '' : token) +
        changed.slice(at + (length % 2 === 0 ? length : 0))
      )
    }, text),
  )

/** Texts that are nearly never right. */
export const brokenAnswer: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: randomText, weight: 1 },
  { arbitrary: tokenSoup, weight: 2 },
  { arbitrary: mutatedText, weight: 3 },
)
