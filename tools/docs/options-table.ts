import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { listSubpaths } from '../package-subpaths.ts'
import { optionWords } from './option-words.ts'

const SCOPE = '@golden-arch/'

/** Writes tables of options as the docstrings of their interfaces tell them. */
export class OptionsTables {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  /** The source file behind each subpath, as `@golden-arch/budget/fetch`. */
  readonly #entries: ReadonlyMap<string, string>

  /** Reads the packages below `packages` with the compiler; takes some seconds. */
  constructor() {
    this.#entries = publicEntries()
    const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, '.')
    this.#program = ts.createProgram([...this.#entries.values()], options)
    this.#checker = this.#program.getTypeChecker()
  }

  /**
   * The table of an interface that a subpath exports, as `@golden-arch/budget BudgetControllerOptions`; `without Other`
   * leaves out the options of another one.
   * @throws Error where the subpath has no such export, or an option no docstring, or one that is cut off: what follows an
   * at sign outside of backticks is a tag.
   */
  table([specifier = '', name = '', word, other = '']: readonly string[]): string {
    const left = word === 'without' ? this.#properties(specifier, other).map((one) => one.name) : []
    const properties = this.#properties(specifier, name).filter((one) => !left.includes(one.name))
    const required = properties.filter((property) => !isOptional(property))
    const rows = [...required, ...properties.filter(isOptional)].map((property) => this.#row(name, property))
    return ['| option | default | what it does |', '|---|---|---|', ...rows].join('\n')
  }

  #properties(specifier: string, name: string): readonly ts.Symbol[] {
    return this.#checker.getPropertiesOfType(this.#type(specifier, name))
  }

  #type(specifier: string, name: string): ts.Type {
    const file = this.#program.getSourceFile(this.#entries.get(specifier) ?? '')
    const module = file === undefined ? undefined : this.#checker.getSymbolAtLocation(file)
    const exported = module && this.#checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
    if (exported === undefined) throw new Error(`${specifier} exports no ${name}`)
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0
    return this.#checker.getDeclaredTypeOfSymbol(
      isAlias ? this.#checker.getAliasedSymbol(exported) : exported,
    )
  }

  #row(owner: string, property: ts.Symbol): string {
    const said = ts.displayPartsToString(property.getDocumentationComment(this.#checker))
    const words = optionWords(said)
    const what = words.what === '' ? this.#wordsOfType(property) : words.what
    if (what === '') throw new Error(`${owner}.${property.name} is explained nowhere`)
    const [tag] = property.getJsDocTags()
    if (tag !== undefined) throw new Error(`${owner}.${property.name}: its docstring ends at @${tag.name}`)
    // Of options that are passed as a Partial of theirs, the docstring tells the default all the same.
    const standard = words.standard ?? (isOptional(property) ? 'none' : 'required')
    return `| \`${property.name}\`<br>${code(this.#typeText(property))} | ${cell(standard)} | ${cell(upper(what))} |`
  }

  /** The type as its author wrote it, without the `undefined` of an option that may be left out. */
  #typeText(property: ts.Symbol): string {
    const [declaration] = property.declarations ?? []
    if (declaration === undefined) return ''
    if (ts.isPropertySignature(declaration) && declaration.type !== undefined) {
      return membersOf(declaration.type)
        .map((type) => type.getText().replace(/\s+/g, ' '))
        .join(' | ')
    }
    const type = this.#checker.getTypeOfSymbolAtLocation(property, declaration)
    return this.#checker.typeToString(type)
  }

  /** What the docstring of the option's own type says first, for an option whose docstring says its default alone. */
  #wordsOfType(property: ts.Symbol): string {
    const [declaration] = property.declarations ?? []
    if (declaration === undefined) return ''
    const type = this.#checker.getNonNullableType(
      this.#checker.getTypeOfSymbolAtLocation(property, declaration),
    )
    const symbol = type.aliasSymbol ?? type.getSymbol()
    const said = ts.displayPartsToString(symbol?.getDocumentationComment(this.#checker))
    return /^(.+?[.:])(?=\s|$)/s.exec(said.replace(/\s+/g, ' '))?.[1]?.replace(/:$/, '.') ?? said
  }
}

function publicEntries(): ReadonlyMap<string, string> {
  return new Map(
    readdirSync('packages').flatMap((name) =>
      listSubpaths(join('packages', name)).map(({ subpath, folder }) => [
        `${SCOPE}${name}${subpath.slice(1)}`,
        resolve('packages', name, 'src', folder, 'index.ts'),
      ]),
    ),
  )
}

function membersOf(type: ts.TypeNode): readonly ts.TypeNode[] {
  if (!ts.isUnionTypeNode(type)) return [type]
  const members = type.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword)
  const [only] = members
  // A function stands in parentheses only for the sake of what it is united with.
  return members.length === 1 && only !== undefined && ts.isParenthesizedTypeNode(only)
    ? [only.type]
    : members
}

function isOptional(property: ts.Symbol): boolean {
  return (property.flags & ts.SymbolFlags.Optional) !== 0
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Text for a cell of a table: links of docstrings become code, and what Markdown would take for HTML is kept apart. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('{', '&#123;')))
    .join('')
    .replaceAll('|', '\\|')
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}
