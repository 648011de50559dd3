/** A call that a line of a guide makes with curl. */
export interface CurlCall {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/**
 * Reads `curl -s [-X METHOD] URL [-H header]… [-d body]` as a shell would: quotes, `$NAME` outside of single quotes, and
 * lines that go on. Anything else is an error, so that a guide holds nothing that is not tried.
 */
export function readCurl(line: string, variables: Readonly<Record<string, string>>): CurlCall {
  const [program, ...words] = shellWords(line, variables)
  if (program !== 'curl') throw new Error(`not a call of curl: ${line}`)
  const headers: Record<string, string> = {}
  let method: string | undefined
  let url: string | undefined
  let body: string | undefined
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const value = (): string => words[++index] ?? ''
    if (word === '-s') continue
    if (word === '-X') method = value()
    else if (word === '-d') body = value()
    else if (word === '-H') {
      const header = value()
      headers[header.slice(0, header.indexOf(':'))] = header.slice(header.indexOf(':') + 1).trim()
    } else if (word.startsWith('-') || url !== undefined) throw new Error(`unknown to this test: ${word}`)
    else url = word
  }
  if (url === undefined) throw new Error(`no address: ${line}`)
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), url, headers, body }
}

const PIECE = /'([^']*)'|"([^"]*)"|\\\n|(\s+)|([^\s'"\\]+)/gy

function shellWords(line: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const expand = (text: string): string =>
    text.replace(/\$(\w+)/g, (_all, name: string) => {
      const value = variables[name]
      if (value === undefined) throw new Error(`the guide tells of no $${name}`)
      return value
    })
  const words: string[] = []
  let word: string | undefined
  let end = 0
  for (const piece of line.trim().matchAll(PIECE)) {
    const [all, single, double, space, plain] = piece
    end += all.length
    if (space !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (all !== '\\\n') word = (word ?? '') + (single ?? expand(double ?? plain ?? ''))
  }
  if (end !== line.trim().length) throw new Error(`not read to its end: ${line}`)
  return word === undefined ? words : [...words, word]
}
