import type { Fix, FixName } from '../../fix.ts'

/** JSON as a careless writer prints it, and what is wrong with it, in the order of the text. */
export interface DistortedJson {
  readonly text: string
  readonly distortions: readonly Fix[]
}

/** Prints a JSON value with distortions that leave its meaning as it is, each where `choose` (0 to 9) says so. */
export function distort(value: unknown, choose: () => number): DistortedJson {
  const printer = new Printer(choose)
  printer.print(value)
  return { text: printer.text, distortions: printer.distortions.sort((a, b) => a.start - b.start) }
}

const COMMENTS = ['// a note\n', '# a note\n', '/* a\nnote */']
const NAME = /^[A-Za-z_$][\w$]*$/
const NO_NAME = new Set(['True', 'False', 'None', 'undefined', 'NaN', 'Infinity'])
const PYTHON = new Map<unknown, string>([
  [true, 'True'],
  [false, 'False'],
  [null, 'None'],
])

class Printer {
  text = ''
  readonly distortions: Fix[] = []
  readonly #choose: () => number

  constructor(choose: () => number) {
    this.#choose = choose
  }

  print(value: unknown): void {
    if (typeof value === 'string') this.#string(value)
    else if (Array.isArray(value)) {
      this.#container('[', ']', value, (item) => this.print(item))
    } else if (typeof value === 'object' && value !== null) {
      this.#container('{', '}', Object.entries(value), ([key, item]) => {
        this.#key(key)
        this.#blank()
        this.text += ':'
        this.#blank()
        this.print(item)
      })
    } else {
      const python = PYTHON.get(value)
      if (python !== undefined && this.#choose() < 2) this.#add('python-literal', python)
      else this.text += JSON.stringify(value)
    }
  }

  #container<Item>(open: string, close: string, items: readonly Item[], print: (item: Item) => void): void {
    this.text += open
    this.#blank()
    for (const [index, item] of items.entries()) {
      if (index > 0) this.text += ','
      if (index > 0) this.#blank()
      print(item)
      this.#blank()
    }
    if (items.length > 0 && this.#choose() < 2) {
      this.#add('trailing-comma', ',')
      this.#blank()
    }
    this.text += close
  }

  #key(key: string): void {
    if (NAME.test(key) && !NO_NAME.has(key) && this.#choose() < 4) this.#add('unquoted-key', key)
    else this.#string(key)
  }

  #string(value: string): void {
    const start = this.text.length
    const choice = this.#choose()
    const plain = JSON.stringify(value).slice(1, -1)
    if (choice === 0) {
      this.#quoted(start, 'single-quotes', `'${plain.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`)
    } else if (choice === 1 && !/[“”]/.test(value)) this.#quoted(start, 'smart-quotes', `“${plain}”`)
    else if (choice === 2 && value.includes("'")) {
      this.#quoted(start, 'invalid-escape', `"${plain.replaceAll("'", "\\'")}"`)
    } else if (choice === 3 && /[\n\r]/.test(value)) {
      this.#quoted(start, 'raw-newline', JSON.stringify(value).replace(/\\([nr\\"])/g, rawBreak))
    } else if (choice === 4 && value.includes('\t')) {
      this.#quoted(start, 'raw-tab', JSON.stringify(value).replace(/\\([t\\"])/g, rawTab))
    } else this.text += JSON.stringify(value)
  }

  #quoted(start: number, name: FixName, text: string): void {
    this.text += text
    this.distortions.push({ name, start, end: this.text.length })
  }

  #blank(): void {
    const choice = this.#choose()
    if (choice === 0) this.text += ' \n'
    else if (choice === 1) {
      this.text += ' '
      const comment = COMMENTS[this.#choose() % COMMENTS.length] ?? ''
      this.#add('comment', comment.trimEnd())
      this.text += '\n'
    } else if (choice === 2) this.#add('unusual-blank', '\u00a0')
  }

  #add(name: FixName, text: string): void {
    const start = this.text.length
    this.text += text
    this.distortions.push({ name, start, end: this.text.length })
  }
}

function rawBreak(escaped: string, letter: string): string {
  return letter === 'n' ? '\n' : letter === 'r' ? '\r' : escaped
}

function rawTab(escaped: string, letter: string): string {
  return letter === 't' ? '\t' : escaped
}
