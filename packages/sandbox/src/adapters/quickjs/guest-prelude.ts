import { MAX_ERROR_MESSAGE_LENGTH, MAX_ERROR_NAME_LENGTH, MAX_ERROR_STACK_LENGTH } from './guest-error.ts'

/**
 * JavaScript that runs inside the sandbox before the guest: a function that takes the host's `print`, sets up
 * `console` and returns what the host needs to read results. It runs under the guest's own limits, so formatting
 * costs the guest, not the host. What it needs later it keeps hold of now, before the guest can replace it; a guest
 * that breaks it all the same changes its own result and nothing else, since the host trusts none of the answers.
 */
export const GUEST_PRELUDE: string = `(function (print) {
  'use strict'
  const { stringify } = JSON
  const { apply, ownKeys, getOwnPropertyDescriptor } = Reflect
  const { isArray } = Array
  const { slice, includes } = String.prototype
  const { then } = Promise.prototype
  const { has, add, delete: remove } = Set.prototype
  const { toString: regexText } = RegExp.prototype
  const { toISOString } = Date.prototype
  const TrustedPromise = Promise
  const TrustedSet = Set
  const TrustedError = Error
  const TrustedDate = Date
  const TrustedRegExp = RegExp
  const text = String
  const MAX_DEPTH = 4
  const MAX_ENTRIES = 100
  const MAX_LINE = 1048577

  const cut = (value, length) => apply(slice, text(value), [0, length])

  const readText = (object, key, fallback, length) => {
    try {
      const value = object[key]
      return typeof value === 'string' ? cut(value, length) : fallback
    } catch {
      return fallback
    }
  }

  const formatKey = (key) => typeof key === 'symbol' ? '[' + text(key) + ']' : key

  const formatObject = (object, depth, seen) => {
    if (object instanceof TrustedError) {
      const head = readText(object, 'name', 'Error', 128) + ': ' + readText(object, 'message', '', 4096)
      const stack = readText(object, 'stack', '', 8192)
      return stack === '' ? head : head + '\\n' + stack
    }
    if (object instanceof TrustedDate) return apply(toISOString, object, [])
    if (object instanceof TrustedRegExp) return apply(regexText, object, [])
    if (apply(has, seen, [object])) return '[Circular]'
    if (depth >= MAX_DEPTH) return isArray(object) ? '[Array]' : '[Object]'
    apply(add, seen, [object])
    const inner = isArray(object) ? formatArray(object, depth, seen) : formatFields(object, depth, seen)
    apply(remove, seen, [object])
    return inner
  }

  const formatArray = (array, depth, seen) => {
    let inner = ''
    const shown = array.length < MAX_ENTRIES ? array.length : MAX_ENTRIES
    for (let index = 0; index < shown; index++) {
      inner += (index === 0 ? ' ' : ', ') + formatProperty(array, index, depth, seen)
    }
    if (array.length > shown) inner += ', ... ' + (array.length - shown) + ' more'
    return inner === '' ? '[]' : '[' + inner + ' ]'
  }

  const formatFields = (object, depth, seen) => {
    let inner = ''
    let shown = 0
    const keys = ownKeys(object)
    for (let index = 0; index < keys.length; index++) {
      const descriptor = getOwnPropertyDescriptor(object, keys[index])
      if (descriptor === undefined || !descriptor.enumerable) continue
      if (shown === MAX_ENTRIES) {
        inner += ', ...'
        break
      }
      inner += (shown++ === 0 ? ' ' : ', ') + formatKey(keys[index]) + ': '
      inner += formatProperty(object, keys[index], depth, seen)
    }
    return inner === '' ? '{}' : '{' + inner + ' }'
  }

  const formatProperty = (object, key, depth, seen) => {
    const descriptor = getOwnPropertyDescriptor(object, key)
    if (descriptor === undefined) return '<empty>'
    if (!('value' in descriptor)) return '[Getter]'
    return formatValue(descriptor.value, depth + 1, seen)
  }

  const formatValue = (value, depth, seen) => {
    if (typeof value === 'string') return depth === 0 ? value : stringify(value)
    if (typeof value === 'function') return '[Function: ' + readText(value, 'name', '', 128) + ']'
    if (typeof value === 'bigint') return text(value) + 'n'
    if (typeof value !== 'object' || value === null) return text(value)
    return formatObject(value, depth, seen)
  }

  const writeLine = (stream) => (...values) => {
    let line = ''
    for (let index = 0; index < values.length && line.length < MAX_LINE; index++) {
      if (index > 0) line += ' '
      try {
        line += formatValue(values[index], 0, new TrustedSet())
      } catch {
        line += '[unreadable]'
      }
    }
    const whole = cut(line, MAX_LINE) + '\\n'
    // The border would cut it at a NUL.
    const isQuoted = apply(includes, whole, ['\\0'])
    print(stream, isQuoted ? stringify(whole) : whole, isQuoted)
  }

  const log = writeLine(0)
  const error = writeLine(1)
  globalThis.console = { log, info: log, debug: log, error, warn: error }

  let state = 'pending'
  let result
  let latest

  return {
    watch: (completion) => {
      const mine = {}
      latest = mine
      state = 'pending'
      result = undefined
      // What settles after its program has ended says nothing of the next one.
      const end = (how) => (value) => {
        if (latest !== mine) return
        state = how
        result = value
      }
      const fulfil = end('fulfilled')
      const reject = end('rejected')
      const settle = (boxed) => {
        const inner = new TrustedPromise((resolve) => resolve(boxed.value))
        apply(then, inner, [fulfil, reject])
      }
      apply(then, completion, [settle, reject])
    },
    state: () => state,
    value: (maxLength) => {
      const json = stringify(result)
      return json !== undefined && json.length > maxLength ? -1 : json
    },
    error: (thrown) => {
      const reason = thrown === undefined ? result : thrown
      const isObject = (typeof reason === 'object' && reason !== null) || typeof reason === 'function'
      if (!isObject) {
        return stringify({ __proto__: null, name: reason === null ? 'null' : typeof reason, message: cut(reason, ${MAX_ERROR_MESSAGE_LENGTH}), stack: '' })
      }
      return stringify({
        __proto__: null,
        name: readText(reason, 'name', 'Error', ${MAX_ERROR_NAME_LENGTH}),
        message: readText(reason, 'message', '', ${MAX_ERROR_MESSAGE_LENGTH}),
        stack: readText(reason, 'stack', '', ${MAX_ERROR_STACK_LENGTH}),
      })
    },
  }
})`
