import { isUtf8 } from 'node:buffer'
import { findJsonFault } from './json-form.ts'

/** A token taken apart, before anything in it is believed. */
export interface CompactToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  /** Whether header and payload are JSON in the very form of JSON.stringify, as our issuer writes them. */
  readonly isExact: boolean
}

/** Why a text is no token, as the log names it. */
export type FormFault =
  | 'not-a-string'
  | 'too-long'
  | 'not-three-parts'
  | 'not-canonical-base64url'
  | 'not-a-json-object'
  | 'too-deep'
  | 'duplicate-member'

const MAX_LENGTH = 8192
const MAX_HEADER_LENGTH = 1024

/**
 * Takes a token apart, or says why it is none: at most 8192 characters, three parts of canonical base64url, so that one
 * token has one spelling; header and payload JSON objects in UTF-8, without a member twice, nested 8 levels at most.
 */
export function readCompactForm(token: unknown): CompactToken | FormFault {
  if (typeof token !== 'string') return 'not-a-string'
  if (token.length > MAX_LENGTH) return 'too-long'
  const [first = '', second = '', third = '', ...more] = token.split('.', 4)
  if (first === '' || second === '' || third === '' || more.length > 0) return 'not-three-parts'
  if (first.length > MAX_HEADER_LENGTH) return 'too-long'
  const header = decodePart(first)
  const payload = decodePart(second)
  if (header === undefined || payload === undefined || decodePart(third) === undefined) {
    return 'not-canonical-base64url'
  }
  const readHeader = readObject(header)
  if (typeof readHeader === 'string') return readHeader
  const readPayload = readObject(payload)
  if (typeof readPayload === 'string') return readPayload
  return {
    header: readHeader.members,
    payload: readPayload.members,
    isExact: readHeader.isExact && readPayload.isExact,
  }
}

function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

interface ReadObject {
  readonly members: Readonly<Record<string, unknown>>
  readonly isExact: boolean
}

function readObject(bytes: Buffer): ReadObject | FormFault {
  if (!isUtf8(bytes)) return 'not-a-json-object'
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-a-json-object'
    const fault = isFlat(text) ? undefined : findJsonFault(text)
    if (fault !== undefined) return fault
    const isExact = JSON.stringify(value) === text
    // No text of JSON.stringify has a member twice; a flat one in another form may.
    if (!isExact && findJsonFault(text) !== undefined) return 'duplicate-member'
    // An object that is no array has members by name.
    return { members: value as Record<string, unknown>, isExact }
  } catch {
    return 'not-a-json-object'
  }
}

/** Whether an object holds neither object nor array, as far as a glance tells: then nothing in it can nest. */
function isFlat(text: string): boolean {
  return text.lastIndexOf('{') === 0 && !text.includes('[')
}
