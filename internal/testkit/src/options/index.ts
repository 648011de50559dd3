export { invalidOption } from './invalid-option.ts'
export { type OptionsPart, optionsContract } from './options.contract.ts'
