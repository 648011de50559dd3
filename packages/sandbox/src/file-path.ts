const MAX_PATH_BYTES = 96
const MAX_DEPTH = 8
// Controls, format characters (also those that turn the direction of text), lone surrogates, separators and unassigned ones,
// and what stands for bytes that were no text.
const UNSAFE_CHARACTER = /[\uFFFD\p{C}\p{Zl}\p{Zp}\\:*?"<>|]/u

/** Says in words what a safe path is. */
export const FILE_PATH_RULE: string = `a relative path of 1 to ${MAX_PATH_BYTES} bytes and ${MAX_DEPTH} names, none of them empty, "." or "..", without controls, backslashes and : * ? " < > |, in composed form`

/**
 * Whether a path names a file below a folder and nothing else, on any host: no way up, no absolute path, no character
 * that a terminal, a shell or another file system reads differently.
 */
export function isSafePath(path: string): boolean {
  if (typeof path !== 'string' || path.length === 0 || Buffer.byteLength(path) > MAX_PATH_BYTES) return false
  if (UNSAFE_CHARACTER.test(path) || path.normalize('NFC') !== path) return false
  const names = path.split('/')
  if (names.length > MAX_DEPTH) return false
  return names.every((name) => name !== '' && name !== '.' && name !== '..' && !/^[ ~-]|[ .]$/.test(name))
}
