/** Says whether a path, with forward slashes and below the folder of the build, is kept from the engine. */
export type IsIgnored = (path: string) => boolean

/** Reads the text of a `.dockerignore`: the last line that a path or a folder above it matches decides. */
export function ignoredPaths(text: string): IsIgnored {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      ignores: !line.startsWith('!'),
      pattern: patternOf(line.replace(/^!/, '').replace(/^\/|\/$/g, '')),
    }))
  return (path) => {
    const parts = path.split('/')
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    return rules.findLast(({ pattern }) => paths.some((each) => pattern.test(each)))?.ignores ?? false
  }
}

function patternOf(words: string): RegExp {
  const source = words.replaceAll(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (found) => {
    if (found === '**/') return '(.*/)?'
    if (found === '**') return '.*'
    if (found === '*') return '[^/]*'
    return found === '?' ? '[^/]' : `\\${found}`
  })
  return new RegExp(`^${source}$`)
}
