import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonText } from '../storage/index.ts'
import { canonicalText, entryText, formOfText, type ProvenEntry } from './entry-text.ts'

const entry: ProvenEntry = {
  tenantId: 'acme',
  actor: { id: 'ada', kind: 'human' },
  action: 'task.create',
  resource: 'task/1',
  outcome: 'allowed',
  details: { b: 1, a: [1.5, null] },
}

it('the text of RFC 8785: members in the order of their code units, no blanks, numbers as ECMAScript writes them', () => {
  const value = { '\u20ac': 1e21, '\r': 1e-7, '1': -0, '\u{1f600}': 'é\u000f', '\ufb33': [56.0, true] }
  expect(canonicalText(value)).toBe('{"\\r":1e-7,"1":0,"€":1e+21,"\u{1f600}":"é\\u000f","\ufb33":[56,true]}')
})

it('leaves out what is not set, and has details always', () => {
  const { details: _details, ...bare } = entry
  expect(entryText(bare)).toBe(
    '{"action":"task.create","actor":{"id":"ada","kind":"human"},"details":{},"outcome":"allowed","resource":"task/1","tenantId":"acme"}',
  )
})

it('whatever the details are, what is read back from the database has the same text', () => {
  const details = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
  fc.assert(
    fc.property(details, (value) => {
      const readBack: unknown = JSON.parse(jsonText(value))
      const again = { ...entry, details: readBack as Record<string, unknown> } // of the object above
      expect(entryText(again)).toBe(entryText({ ...entry, details: value }))
    }),
  )
})

it('says who made a text, and that another text is none of the entry', () => {
  expect(formOfText(entryText(entry), entry)).toBe('writer')
  const { tenantId, actor, action, resource, outcome, details } = entry
  const facts = { outcome, details, tenantId, actor, action, resource }
  expect(formOfText(JSON.stringify({ form: 'carried', ...facts }), entry)).toBe('carried')
  expect(formOfText(JSON.stringify({ ...facts, form: 'database' }, null, 1), entry)).toBe('database')
  for (const other of [
    JSON.stringify(facts),
    JSON.stringify({ ...facts, form: 'writer' }),
    JSON.stringify({ ...facts, form: 'carried', outcome: 'denied' }),
    JSON.stringify({ ...facts, form: 'carried', more: 1 }),
    'null',
    '[]',
    '{',
    '',
  ]) {
    expect(formOfText(other, entry)).toBeNull()
  }
})
