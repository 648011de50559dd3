export { type OptionsPart, optionsContract, refusalOf } from './options.contract.ts'
