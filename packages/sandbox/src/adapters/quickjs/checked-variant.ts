import type { QuickJSSyncVariant } from 'quickjs-emscripten-core'

/** The guest's memory is too short for what the host wanted to put into it. */
export class GuestMemoryError extends RangeError {}

/**
 * The interpreter, except that its allocation for the host throws {@link GuestMemoryError} where the library would go on with
 * address 0, and write the text or buffer over the interpreter's own data.
 */
export function checkedVariant(variant: QuickJSSyncVariant): QuickJSSyncVariant {
  return {
    ...variant,
    importModuleLoader: async () => {
      let imported = await variant.importModuleLoader()
      while (typeof imported !== 'function') imported = imported.default
      const load = imported
      return async (options) => {
        const module = await load(options)
        const allocate = module._malloc
        module._malloc = (size) => {
          const address = allocate(size)
          if (address === 0 && size > 0) throw new GuestMemoryError('out of memory')
          return address
        }
        return module
      }
    },
  }
}
