/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  readonly name: string
  /** What follows it, on one line. */
  readonly text: string
}

/** What is built from one `FROM` to the next. */
export interface Stage {
  /** The image or stage that it stands on, its arguments filled in by their defaults. */
  readonly from: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** A Dockerfile as far as it is read here. */
export interface Dockerfile {
  /** What stands before the first stage: arguments with their defaults. */
  readonly given: ReadonlyMap<string, string>
  readonly stages: readonly Stage[]
}

/**
 * Reads the text of a Dockerfile, of the form that those of this repository have: no heredocs, no `escape` of another kind.
 * @throws Error where it has no stage.
 */
export function parseDockerfile(text: string): Dockerfile {
  const given = new Map<string, string>()
  const stages: { from: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === 'FROM') {
      const [from = '', , name] = instruction.text.split(/\s+/)
      stages.push({ from: filledIn(from, given), name, instructions: [] })
      continue
    }
    const stage = stages.at(-1)
    if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.name === 'ARG') {
      const [name = '', value = ''] = instruction.text.split('=')
      given.set(name, value)
    }
  }
  if (stages.length === 0) throw new Error('a Dockerfile without FROM')
  return { given, stages }
}

/** The last stage with the instructions of those that it stands on before its own, and the image below them all. */
export function builtStage({ stages }: Dockerfile): Stage {
  const whole = (stage: Stage): Stage => {
    const below = stages.find(({ name }) => name !== undefined && name === stage.from)
    if (below === undefined || below === stage) return stage
    const { from, instructions } = whole(below)
    return { ...stage, from, instructions: [...instructions, ...stage.instructions] }
  }
  const last = stages.at(-1)
  if (last === undefined) throw new Error('a Dockerfile without FROM')
  return whole(last)
}

/** The words of an instruction that is written as a JSON list; none where it is a line for a shell. */
export function wordsOf(instruction: Instruction | undefined): readonly string[] {
  const list = /\[.*\]$/.exec(instruction?.text ?? '')?.[0]
  if (list === undefined) return []
  try {
    // Whatever is no list of texts is of no use to who asks.
    return JSON.parse(list) as readonly string[]
  } catch {
    return []
  }
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  return lines
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => {
      const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
      return { name: name.toUpperCase(), text: rest.trim() }
    })
}

function filledIn(text: string, given: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (_, braced?: string, bare?: string) => {
    return given.get(braced ?? bare ?? '') ?? ''
  })
}
