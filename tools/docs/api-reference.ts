import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Application, Converter, type TypeDocOptions } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { listSubpaths } from '../package-subpaths.ts'

const SCOPE = '@golden-arch/'
const API_HEAD =
  'Every export of every subpath, from its docstring: what it does, units, ranges, defaults, and what it throws by code.'
/** In which order a page shows what a module has, and what a class has. */
const MODULE_GROUPS = ['Classes', 'Functions', 'Variables', 'Interfaces', 'Type Aliases']
const MEMBER_GROUPS = ['Constructors', 'Methods', 'Accessors', 'Properties']

/**
 * Writes a page of Markdown for each public subpath of the packages into `folder`, from the docstrings.
 * @throws Error where TypeDoc finds an error, such as a link in a docstring that leads nowhere.
 */
export async function writeApiReference(folder: string): Promise<void> {
  const subpaths = readdirSync('packages').flatMap((name) =>
    listSubpaths(join('packages', name)).map(({ subpath, folder: source }) => ({
      name: `${name}${subpath.slice(1)}`,
      source: posix.join(name, 'src', source),
    })),
  )
  rmSync(folder, { recursive: true, force: true })
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: subpaths.map(({ source }) => `packages/${source}/index.ts`),
    tsconfig: 'tsconfig.json',
    plugin: ['typedoc-plugin-markdown'],
    out: folder,
    readme: 'none',
    name: 'API reference',
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    sort: ['source-order'],
    groupOrder: [...MODULE_GROUPS, ...MEMBER_GROUPS, '*'],
    outputFileStrategy: 'modules',
    entryFileName: 'index',
    pageTitleTemplates: { module: `${SCOPE}{name}` },
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideSources: true, hideInherited: true },
    sanitizeComments: true,
    validation: { invalidLink: true, notExported: false, notDocumented: false, rewrittenLink: false },
    logLevel: 'Warn',
  }
  const app = await Application.bootstrapWithPlugins(options)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    // TypeDoc calls a module by the folder of its file, as `core/src/time`.
    for (const module of context.project.children ?? []) {
      module.name = subpaths.find(({ source }) => source === module.name)?.name ?? module.name
    }
  })
  const project = await app.convert()
  if (project === undefined) throw new Error(`TypeDoc could not read the packages of ${SCOPE}`)
  const before = app.logger.warningCount
  app.validate(project)
  if (app.logger.warningCount > before) throw new Error('a docstring links to what no package exports')
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('the API reference has errors')
  writeFileSync(join(folder, 'index.md'), indexPage(subpaths.map(({ name }) => name)))
}

/** The page that opens the reference: each package with its subpaths. */
function indexPage(names: readonly string[]): string {
  const packages = Map.groupBy(names, (name) => name.split('/')[0])
  const parts = [...packages].map(([owner, own]) => {
    const links = own.map((name) => `- [\`${SCOPE}${name}\`](${name}.md)`)
    return `## ${SCOPE}${owner}\n\n${links.join('\n')}\n`
  })
  return `# API reference\n\n${API_HEAD}\n\n${parts.join('\n')}`
}
