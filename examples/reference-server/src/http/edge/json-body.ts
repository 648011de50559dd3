import { HttpError } from '../http-error.ts'
import type { EdgeLimits } from './edge-limits.ts'

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Texts in which a name or a value may be spelt that is refused: only these are looked through. */
const SUSPICIOUS = /__proto__|constructor|\\u/i

/**
 * The value of a JSON body; undefined for an empty one.
 * @throws HttpError 400 for bytes that are no UTF-8, text that is no JSON, what is deeper or larger than `limits`, an
 * object with two members of one name (another reader may take the other of them), a name that would reach a prototype, and text that no database can hold (NUL, half a surrogate pair).
 */
export function parseJsonBody(
  body: Buffer,
  limits: Pick<EdgeLimits, 'maxJsonDepth' | 'maxJsonMembers'>,
): unknown {
  if (body.length === 0) return undefined
  const text = decode(body)
  requireBounds(text, limits)
  const value = parse(text)
  if (SUSPICIOUS.test(text)) requireHarmless(value)
  return value
}

function decode(body: Buffer): string {
  try {
    return UTF_8.decode(body)
  } catch {
    throw new HttpError(400, 'BODY_NOT_UTF8', 'the body is not UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, 'BODY_NOT_JSON', 'the body is not JSON')
  }
}

/** Counts before anything is built. What is no JSON may be counted wrongly: the parser refuses it next. */
function requireBounds(text: string, limits: Pick<EdgeLimits, 'maxJsonDepth' | 'maxJsonMembers'>): void {
  /** The names of each object that is open; undefined stands for an array. */
  const open: (Set<string> | undefined)[] = []
  let members = 0
  let isText = false
  let textStart = 0
  let textEnd = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text[index]
    if (isText) {
      if (unit === '\\') index++
      else if (unit === '"') {
        isText = false
        textEnd = index + 1
      }
    } else if (unit === '"') {
      isText = true
      textStart = index
    } else if (unit === '{' || unit === '[') {
      if (open.push(unit === '{' ? new Set() : undefined) > limits.maxJsonDepth) {
        throw new HttpError(400, 'BODY_TOO_DEEP', `the body is deeper than ${limits.maxJsonDepth} levels`)
      }
    } else if (unit === '}' || unit === ']') open.pop()
    else if (unit === ':') {
      if (++members > limits.maxJsonMembers) {
        throw new HttpError(400, 'BODY_TOO_MANY_MEMBERS', `more than ${limits.maxJsonMembers} members`)
      }
      requireNew(open.at(-1), text.slice(textStart, textEnd))
    }
  }
}

/** Adds a name, quoted as it is written, to those of its object. Names are equal however they are spelt. */
function requireNew(names: Set<string> | undefined, written: string): void {
  const name = written.includes('\\') ? String(parse(written)) : written.slice(1, -1)
  if (names?.has(name)) {
    throw new HttpError(400, 'BODY_REPEATED_MEMBER', 'an object has two members of one name')
  }
  names?.add(name)
}

/** Bounded by the depth that was checked. */
function requireHarmless(value: unknown): void {
  if (typeof value === 'string') requireStorable(value)
  if (typeof value !== 'object' || value === null) return
  for (const [name, item] of Object.entries(value)) {
    requireStorable(name)
    const reachesPrototype =
      name === '__proto__' ||
      (name === 'constructor' &&
        typeof item === 'object' &&
        item !== null &&
        Object.hasOwn(item, 'prototype'))
    if (reachesPrototype)
      throw new HttpError(400, 'BODY_FORBIDDEN_MEMBER', 'a member has a name that is forbidden')
    requireHarmless(item)
  }
}

function requireStorable(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new HttpError(400, 'BODY_FORBIDDEN_TEXT', 'a text holds NUL or half a surrogate pair')
  }
}
