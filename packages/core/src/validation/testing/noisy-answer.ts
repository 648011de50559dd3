import fc from 'fast-check'
import { isSameJson } from './same-json.ts'

/** A JSON value, and an answer that means it without a doubt, written as models write it. */
export interface NoisyAnswer {
  readonly value: unknown
  readonly text: string
}

/** Pieces of strings that look like something else outside of a string. */
const PIECES = [
  ...[
    'a',
    'key',
    ' ',
    "it's",
    '"so"',
    '\\',
    '\\n',
    '\n',
    '\t',
    '\r',
    '\u0000',
    'é',
    '“x”',
    '‘',
    '😀',
    '\u2028',
    '\ufeff',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '{"a":1}',
    '[1,',
    ',',
    ':',
    ',]',
    '//',
    ' # ',
    '/*',
    '*/',
    '...',
    '…',
    'NaN',
    'None',
    'true',
  ],
]

/** Pieces that end a wrapping or begin one. */
const MARKS = ['```', '```json\n', '~~~~', '`', '<answer>', '</answer>', '<think>', '</think>', 'Result: ']

const WRAPPINGS: readonly ((json: string) => string)[] = [
  (json) => json,
  (json) => `\ufeff${json}\n`,
  (json) => `\`\`\`json\n${json}\n\`\`\``,
  (json) => `Sure, here it is:\n\n~~~~JSON5\n${json}\n~~~~\n\nAnything else?`,
  (json) => `<think>First { then "that".</think>\n${json}`,
  (json) => `<answer>\n${json}\n</answer>`,
  (json) => `The result is as follows.\n\n${json}\n\nIt's "done", isn't it?`,
  (json) => `Result: ${json}`,
]

function containerOf(pieces: readonly string[]): fc.Arbitrary<unknown> {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((chosen) => chosen.join('')),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  const { container } = fc.letrec((tie) => ({
    scalar: fc.oneof(
      text,
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, max: 9e15, min: -9e15 }),
    ),
    value: fc.oneof({ maxDepth: 4 }, tie('scalar'), tie('container')),
    container: fc.oneof(
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.constantFrom('a', 'b_1', '$c', 'true', 'name'), text), tie('value'), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    ),
  }))
  return (
    container
      // One spelling: what JSON cannot tell apart (-0 and 0) is made equal first.
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
      .filter((value) => !/"(__proto__|constructor)":/.test(JSON.stringify(value)))
  )
}

/** JSON objects and arrays that no policy refuses, with strings that look like JSON. */
export const plainContainer: fc.Arbitrary<unknown> = containerOf(PIECES)

/** Answers with repairable faults of every kind, in wrappings of every kind. */
export const noisyAnswer: fc.Arbitrary<NoisyAnswer> = noisy(plainContainer)

/** The same with strings that hold what ends and begins wrappings. */
export const markedAnswer: fc.Arbitrary<NoisyAnswer> = noisy(containerOf([...PIECES, ...MARKS]))

const PLACES: readonly ((json: string) => string)[] = [
  (json) => json,
  (json) => `\`\`\`json\n${json}\n\`\`\``,
  (json) => `~~~\n${json}\n~~~`,
  (json) => `<json>${json}</json>`,
  (json) => `It is ${json} then.`,
]
const SEPARATORS = ['\n', '\n\nor else\n\n', '\nFinal answer:\n', '\n---\n']

/** Answers that give two different values, one after the other, in places of any kind. */
export const doubleAnswer: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(plainContainer, plainContainer).filter(([one, other]) => !isSameJson(one, other)),
    fc.constantFrom(...PLACES),
    fc.constantFrom(...SEPARATORS),
    fc.constantFrom(...PLACES),
  )
  .map(
    ([[one, other], first, separator, second]) =>
      first(JSON.stringify(one)) + separator + second(JSON.stringify(other)),
  )

function noisy(container: fc.Arbitrary<unknown>): fc.Arbitrary<NoisyAnswer> {
  return fc
    .tuple(container, fc.infiniteStream(fc.nat(255)), fc.constantFrom(...WRAPPINGS))
    .map(([value, stream, wrap]) => {
      const dice = (sides: number): number => (stream.next().value ?? 0) % sides
      return { value, text: wrap(write(value, dice)) }
    })
}

type Dice = (sides: number) => number

function write(value: unknown, dice: Dice): string {
  if (value === null) return dice(4) === 0 ? 'None' : 'null'
  if (typeof value === 'boolean') {
    const word = String(value)
    return dice(4) === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word
  }
  if (typeof value === 'string') return writeString(value, dice)
  if (typeof value !== 'object') return JSON.stringify(value)
  const isArray = Array.isArray(value)
  const parts = isArray
    ? value.map((item) => write(item, dice))
    : Object.entries(value).map(([key, item]) => `${writeKey(key, dice)}:${blank(dice)}${write(item, dice)}`)
  const inner = parts.map((part) => blank(dice) + part + blank(dice)).join(',')
  const comma = parts.length > 0 && dice(4) === 0 ? `,${blank(dice)}` : ''
  return isArray ? `[${inner}${comma}]` : `{${inner}${comma}}`
}

function writeKey(key: string, dice: Dice): string {
  // Words such as None or NaN are no keys beyond doubt.
  const isName =
    /^[A-Za-z_$][\w$]*$/.test(key) && !/^(true|false|null|undefined|none|nan|infinity)$/i.test(key)
  return isName && dice(3) === 0 ? key : writeString(key, dice)
}

function writeString(value: string, dice: Dice): string {
  const isRaw = dice(4) === 0
  const escaped = isRaw
    ? JSON.stringify(value).replaceAll(/(?<!\\)((?:\\\\)*)\\([nt])/g, unescaped)
    : JSON.stringify(value)
  if (dice(4) !== 0) return escaped
  return `'${escaped.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function unescaped(_all: string, before: string, letter: string): string {
  return before + (letter === 'n' ? '\n' : '\t')
}

function blank(dice: Dice): string {
  return (
    ['', '', '', '', ' ', '\n  ', '\t', ' // a note\n', '/* "one" */', '\r\n', ' # {why\n'][dice(11)] ?? ''
  )
}
