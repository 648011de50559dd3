import { join } from 'node:path'
import { copyExample, exampleFolders } from '../example-folders.ts'
import { clientVersions, packageExamples, writeExamples } from '../package-examples.ts'
import type { Dependencies } from './app-folder.ts'

/** A program of the documents that an app runs. */
export interface AppProgram {
  /** Whether it stands in a README: what a newcomer pastes first. */
  readonly isOfReadme: boolean
  /** What a finding calls it, and the folder of the app that it runs in, with what Node is told. */
  readonly name: string
  readonly folder: string
  readonly args: readonly string[]
}

/** All that a newcomer may paste or copy: the blocks of the READMEs and guides, and the folders of examples. */
export interface AppExamples {
  /** The packages of others that they ask for, with their versions. */
  readonly clients: Dependencies
  readonly blockCount: number
  readonly folderCount: number
  /** Writes them into an app, and returns what is to be run there and what a compiler is told to include. */
  readonly write: (app: string) => {
    readonly programs: readonly AppProgram[]
    readonly include: readonly string[]
  }
}

/** Finds them. The versions of folders and of this repository are the same wherever both name a package. */
export function appExamples(): AppExamples {
  const blocks = packageExamples()
  const folders = exampleFolders()
  const asked = folders.map(({ clients }) => clients)
  return {
    clients: Object.assign({}, ...asked, clientVersions(blocks)) as Dependencies,
    blockCount: blocks.length,
    folderCount: folders.length,
    write: (app) => {
      const include = writeExamples(app, blocks)
      const pasted = blocks.filter(({ isRunnable }) => isRunnable)
      return {
        include: [include, './examples/**/*.ts'],
        programs: [
          ...pasted.map(({ fileName }) => ({
            isOfReadme: /README-md-line-\d+\.ts$/.test(fileName),
            name: fileName,
            folder: app,
            args: [fileName],
          })),
          ...folders.map((example) => ({
            isOfReadme: false,
            name: example.path,
            folder: copyExample(example, app),
            args: [join('src', 'main.ts')],
          })),
        ],
      }
    },
  }
}
