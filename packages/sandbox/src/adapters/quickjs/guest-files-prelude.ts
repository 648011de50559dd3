/**
 * JavaScript that runs inside the sandbox before the guest, as `guest-prelude.ts` does: a function that takes what the host
 * offers, defines the global object `sandbox`, and returns how the host finds the files below `out/`.
 *
 * Files live in the guest's own memory and count as such; only what came with the request stays with the host until it is
 * read. Text crosses the border as JSON where it has a NUL, at which the border would cut it.
 */
export const GUEST_FILES_PRELUDE: string = `(function (host, setup) {
  'use strict'
  const { parse, stringify } = JSON
  const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Reflect
  const { freeze } = Object
  const { slice, includes, startsWith, charCodeAt, lastIndexOf } = String.prototype
  const { join, sort, push } = Array.prototype
  const { has, get, set, delete: remove, forEach } = Map.prototype
  const TrustedMap = Map
  const TrustedError = Error
  const TrustedTypeError = TypeError
  const OutOfMemory = InternalError
  const Bytes = Uint8Array
  const typed = getPrototypeOf(Uint8Array.prototype)
  const typedSet = typed.set
  const getter = (object, name) => getOwnPropertyDescriptor(object, name).get
  const typedBuffer = getter(typed, 'buffer')
  const typedOffset = getter(typed, 'byteOffset')
  const typedLength = getter(typed, 'byteLength')
  const bufferLength = getter(ArrayBuffer.prototype, 'byteLength')
  const CHUNK = 65536

  const files = new TrustedMap()
  const folders = new TrustedMap()
  const { inputs, stdin, argv, env } = parse(setup)
  setPrototypeOf(env, null)

  const hasNul = (text) => apply(includes, text, ['\\0'])
  const given = (value) => {
    if (value === null) throw new OutOfMemory('out of memory')
    return value
  }
  const quoted = (text) => hasNul(text) ? stringify(text) : text

  const checkPath = (path) => {
    const isSafe = typeof path === 'string' && path.length <= 96 && !hasNul(path) && host.isSafePath(path)
    if (!isSafe) throw new TrustedTypeError('not a safe relative path: ' + (typeof path === 'string' ? apply(slice, path, [0, 120]) : typeof path))
    return path
  }

  const eachFolder = (path, visit) => {
    let end = apply(lastIndexOf, path, ['/'])
    while (end > 0) {
      const folder = apply(slice, path, [0, end])
      visit(folder)
      end = apply(lastIndexOf, folder, ['/'])
    }
  }

  const put = (path, entry) => {
    if (!apply(has, files, [path])) {
      if (apply(has, folders, [path])) throw new TrustedTypeError('a folder: ' + path)
      eachFolder(path, (folder) => {
        if (apply(has, files, [folder])) throw new TrustedTypeError('not a folder: ' + folder)
      })
      eachFolder(path, (folder) => apply(set, folders, [folder, (apply(get, folders, [folder]) || 0) + 1]))
    }
    apply(set, files, [path, entry])
  }

  const entryOf = (path) => {
    const entry = apply(get, files, [checkPath(path)])
    if (entry === undefined) throw new TrustedError('no such file: ' + path)
    return entry
  }

  const copyOf = (view) => {
    const copy = new Bytes(apply(typedLength, view, []))
    apply(typedSet, copy, [view])
    return copy
  }

  const bytesOf = (content) => {
    let whole
    try {
      whole = new Bytes(apply(typedBuffer, content, []), apply(typedOffset, content, []), apply(typedLength, content, []))
    } catch {
      try {
        apply(bufferLength, content, [])
      } catch {
        throw new TrustedTypeError('content must be a string, a typed array or an ArrayBuffer')
      }
      whole = new Bytes(content)
    }
    return copyOf(whole)
  }

  const encode = (text) => {
    const parts = new TrustedMap()
    let size = 0
    for (let at = 0; at < text.length; ) {
      let end = at + CHUNK
      const last = end < text.length ? apply(charCodeAt, text, [end - 1]) : 0
      if (last >= 0xd800 && last < 0xdc00) end--
      const part = apply(slice, text, [at, end])
      const bytes = new Bytes(given(host.encode(quoted(part), hasNul(part))))
      apply(set, parts, [size, bytes])
      size += apply(typedLength, bytes, [])
      at = end
    }
    const whole = new Bytes(size)
    apply(forEach, parts, [(bytes, at) => apply(typedSet, whole, [bytes, at])])
    return whole
  }

  const decode = (bytes) => {
    const parts = []
    const size = apply(typedLength, bytes, [])
    for (let at = 0; at < size; ) {
      let end = at + CHUNK < size ? at + CHUNK : size
      for (let back = 0; end < size && back < 3 && (bytes[end] & 0xc0) === 0x80; back++) end--
      const part = apply(typedBuffer, copyOf(new Bytes(apply(typedBuffer, bytes, []), at, end - at)), [])
      apply(push, parts, [parse(given(host.decode(part)))])
      at = end
    }
    return apply(join, parts, [''])
  }

  const inputText = (index, isQuoted) => {
    const text = given(host.readText(index))
    return isQuoted ? parse(text) : text
  }
  const inputBytes = (index) => new Bytes(given(host.readBytes(index)))

  const sandbox = {
    __proto__: null,
    argv: freeze(argv),
    env: freeze(env),
    readStdin: () => inputText(-1, stdin),
    readStdinBytes: () => inputBytes(-1),
    readTextFile: (path) => {
      const entry = entryOf(path)
      if (entry.text !== undefined) return entry.text
      return entry.bytes !== undefined ? decode(entry.bytes) : inputText(entry.input, entry.isQuoted)
    },
    readFile: (path) => {
      const entry = entryOf(path)
      if (entry.text !== undefined) return encode(entry.text)
      return entry.bytes !== undefined ? copyOf(entry.bytes) : inputBytes(entry.input)
    },
    writeFile: (path, content) => {
      checkPath(path)
      put(path, typeof content === 'string' ? { __proto__: null, text: content } : { __proto__: null, bytes: bytesOf(content) })
    },
    removeFile: (path) => {
      entryOf(path)
      apply(remove, files, [path])
      eachFolder(path, (folder) => {
        const count = apply(get, folders, [folder]) - 1
        if (count === 0) apply(remove, folders, [folder])
        else apply(set, folders, [folder, count])
      })
    },
    listFiles: () => {
      const names = []
      apply(forEach, files, [(entry, path) => apply(push, names, [path])])
      return apply(sort, names, [])
    },
  }
  for (let index = 0; index < inputs.length; index++) {
    put(inputs[index][0], { __proto__: null, input: index, isQuoted: inputs[index][1] })
  }
  defineProperty(globalThis, 'sandbox', { __proto__: null, value: freeze(sandbox), writable: true, configurable: true })

  let outputs
  let current
  return {
    countOutputs: () => {
      outputs = new TrustedMap()
      let count = 0
      apply(forEach, files, [(entry, path) => {
        if (apply(startsWith, path, ['out/'])) apply(set, outputs, [count++, { __proto__: null, entry, path }])
      }])
      return count
    },
    outputPath: (index) => {
      current = apply(get, outputs, [index])
      return current.path
    },
    outputBytes: () => {
      const { text, bytes } = current.entry
      if (text !== undefined) return text.length
      return bytes !== undefined ? apply(typedLength, bytes, []) : 0
    },
    outputKind: () => {
      const { text, bytes } = current.entry
      if (text !== undefined) return hasNul(text) ? 2 : 1
      return bytes !== undefined ? 0 : 3
    },
    outputContent: () => {
      const { text, bytes, input } = current.entry
      if (text !== undefined) return quoted(text)
      return bytes !== undefined ? apply(typedBuffer, bytes, []) : input
    },
  }
})`
