import type { Fix, FixName } from './fix.ts'

// What each kind of fix leaves of the trust in a reading: repairs of form cost least, choices and conversions most.
const REMAINS: Readonly<Record<FixName, number>> = Object.freeze({
  'byte-order-mark': 1,
  'unusual-blank': 0.99,
  'trailing-comma': 0.99,
  comment: 0.99,
  'python-literal': 0.99,
  'single-quotes': 0.98,
  'smart-quotes': 0.98,
  'unquoted-key': 0.98,
  'raw-newline': 0.98,
  'raw-tab': 0.98,
  'invalid-escape': 0.97,
  'fence-extracted': 0.99,
  'tag-extracted': 0.99,
  'reasoning-removed': 0.99,
  'prose-extracted': 0.95,
  'candidate-chosen': 0.6,
  'duplicate-key': 0.8,
  'forbidden-key': 0.9,
  'big-number': 0.9,
  'lone-surrogate': 0.8,
  'missing-bracket': 0.6,
  'partial-dropped': 0.5,
  'lines-joined': 0.95,
  'double-encoded': 0.9,
  'coerced-number': 0.9,
  'coerced-boolean': 0.9,
  'coerced-string': 0.9,
  'coerced-enum': 0.9,
  'coerced-null': 0.8,
  'coerced-array': 0.8,
})

/** How sure a reading with these fixes is, above 0 to 1: each kind of fix counts once. */
export function confidenceOf(fixes: readonly Fix[]): number {
  if (fixes.length === 0) return 1
  let confidence = 1
  for (const name of new Set(fixes.map((fix) => fix.name))) confidence *= REMAINS[name]
  return Math.round(confidence * 1000) / 1000
}
