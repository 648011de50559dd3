import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { listSubpaths } from '../package-subpaths.ts'
import type { Finding } from './tracked-files.ts'

/** The exports of the packages' subpaths that no docstring explains. */
export function undocumentedExports(): readonly Finding[] {
  const entries = readdirSync('packages').flatMap((name) =>
    listSubpaths(join('packages', name)).map(({ folder }) =>
      join('packages', name, 'src', folder, 'index.ts'),
    ),
  )
  const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, '.')
  const program = ts.createProgram(entries, options)
  const checker = program.getTypeChecker()
  return entries.flatMap((entry) => {
    const file = program.getSourceFile(entry)
    const symbol = file === undefined ? undefined : checker.getSymbolAtLocation(file)
    if (symbol === undefined) return [{ file: entry, problem: 'exports nothing' }]
    return checker.getExportsOfModule(symbol).flatMap((exported) => {
      const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (target.getDocumentationComment(checker).length > 0) return []
      const declared = target.declarations?.[0]?.getSourceFile().fileName
      return [
        {
          file: declared === undefined ? entry : relative('.', declared),
          problem: `${exported.name} has no docstring`,
        },
      ]
    })
  })
}
